"""Every route, for everybody: the outcome of each cell stands in the table."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from adapters.http.app import HANDLERS
from application.access.create_binding import CreateBinding
from application.access.revoke_token import RevokeToken
from application.secrets.delete_secret import DeleteSecret
from domain.access.built_in import BUILT_IN
from domain.access.credential import Credential
from domain.secrets.listing import Listing
from domain.secrets.reference import SecretId
from domain.secrets.secret import Secret
from tests import issuing
from tests.house import House
from tests.in_process import application, bearer, call
from tests.integration.test_routes import (
    EXPECTED,
    ISSUER,
    ONE,
    ONE_VERSION,
    address_of,
    stocked,
)
from tests.issuing import Issuer

ROUTES = sorted(
    (str(method), path)
    for handler in HANDLERS
    for path in handler.paths
    for method in handler.http_methods
    if str(method) != "OPTIONS"
)

UNKNOWN = (
    "none", "malformed", "bad", "expired", "revoked", "from elsewhere",
    "workload expired", "workload unbound", "workload forged", "workload in X-API-Key",
)  # fmt: skip
ROLES = ("administrator", "editor", "reader", "viewer", "writer", "auditor")

OK, NO = 200, 403
ALL = (OK,) * 6
ONLY_ADMINISTRATORS = (OK, NO, NO, NO, NO, NO)
LOOKING_AFTER = (OK, NO, NO, NO, NO, OK)

#                                                admin edit read view write audit
TABLE: dict[tuple[str, str], tuple[int, ...]] = {
    ("POST", "/api/secrets"):                    (OK, OK, NO, NO, OK, NO),
    ("GET", "/api/secrets"):                     ALL,
    ("POST", "/api/secrets/decrypt"):            ALL,  # each item has an outcome of its own
    ("GET", "/api/secrets/name/{name:path}"):    ALL,
    ("GET", ONE):                                ALL,
    ("PUT", ONE):                                (OK, OK, NO, NO, OK, NO),
    ("DELETE", ONE):                             (OK, OK, NO, NO, NO, NO),
    ("GET", f"{ONE}/decrypt"):                   (OK, OK, OK, NO, NO, NO),
    ("POST", f"{ONE}/restore"):                  (OK, OK, NO, NO, NO, NO),
    ("GET", f"{ONE}/versions"):                  (OK, OK, OK, OK, NO, OK),
    ("POST", f"{ONE_VERSION}/restore"):          (OK, OK, NO, NO, NO, NO),
    ("DELETE", ONE_VERSION):                     ONLY_ADMINISTRATORS,
    ("GET", f"{ONE}/activity"):                  LOOKING_AFTER,
    ("GET", "/api/activity/most-read"):          LOOKING_AFTER,
    ("GET", "/api/activity/unread"):             LOOKING_AFTER,
    ("GET", "/api/keys"):                        LOOKING_AFTER,
    ("POST", "/api/keys/rotate"):                ONLY_ADMINISTRATORS,
    ("POST", "/api/keys/rotate-root"):           ONLY_ADMINISTRATORS,
    ("GET", "/api/keys/rotations/{rotation_id:str}"): LOOKING_AFTER,
    ("DELETE", "/api/keys/{key:str}"):           ONLY_ADMINISTRATORS,
    ("GET", "/api/audit"):                       LOOKING_AFTER,
    ("GET", "/api/audit/checkpoint"):            LOOKING_AFTER,
    ("GET", "/api/audit/proof/inclusion"):       LOOKING_AFTER,
    ("GET", "/api/audit/proof/consistency"):     LOOKING_AFTER,
    ("GET", "/api/alerts"):                      LOOKING_AFTER,
    ("POST", "/api/alerts/test"):                ONLY_ADMINISTRATORS,
    ("POST", "/api/alerts/{alert:str}/acknowledge"): LOOKING_AFTER,
    ("GET", "/api/decoys"):                      LOOKING_AFTER,
    ("PUT", "/api/decoys/{reference:str}"):      ONLY_ADMINISTRATORS,
    ("DELETE", "/api/decoys/{reference:str}"):   ONLY_ADMINISTRATORS,
    ("GET", "/api/webhooks"):                    LOOKING_AFTER,
    ("GET", "/api/whoami"):                      ALL,
    ("GET", "/api/explain"):                     LOOKING_AFTER,
    ("POST", "/api/tokens"):                     ONLY_ADMINISTRATORS,
    ("GET", "/api/tokens"):                      LOOKING_AFTER,
    ("DELETE", "/api/tokens/{token:str}"):       ONLY_ADMINISTRATORS,
    ("GET", "/api/roles"):                       LOOKING_AFTER,
    ("POST", "/api/roles"):                      ONLY_ADMINISTRATORS,
    ("PUT", "/api/roles/{role:str}"):            ONLY_ADMINISTRATORS,
    ("DELETE", "/api/roles/{role:str}"):         ONLY_ADMINISTRATORS,
    ("GET", "/api/principals"):                  LOOKING_AFTER,
    ("POST", "/api/principals"):                 ONLY_ADMINISTRATORS,
    ("PUT", "/api/principals/{principal:str}"):  ONLY_ADMINISTRATORS,
    ("DELETE", "/api/principals/{principal:str}"): ONLY_ADMINISTRATORS,
    ("GET", "/api/claim-bindings"):              LOOKING_AFTER,
    ("POST", "/api/claim-bindings"):             ONLY_ADMINISTRATORS,
    ("DELETE", "/api/claim-bindings/{binding:str}"): ONLY_ADMINISTRATORS,
    ("GET", "/metrics"):                         LOOKING_AFTER,
    ("GET", "/docs"):                            ALL,
    ("GET", "/docs/docs.css"):                   ALL,
    ("GET", "/openapi.json"):                    ALL,
    ("GET", "/health/live"):                     ALL,
    ("GET", "/health/ready"):                    ALL,
}  # fmt: skip

WORKLOADS = {**TABLE, ("POST", "/api/tokens"): (NO,) * 6}
"""The same for who shows a signed token: it makes none that lasts longer than itself."""

OPEN = {("GET", "/health/live"), ("GET", "/health/ready")}
"""Routes that answer everybody."""


def guarded(method: str, path: str) -> House:
    """Return a house that a route finds something in."""
    house = stocked(guarded=True)
    if (method, path) == ("POST", f"{ONE}/restore"):
        house.run_within(DeleteSecret(reference=SecretId(1)))
    return house


def headers_of(house: House, who: str) -> dict[str, str]:
    """Return what somebody shows."""
    if who in ROLES:
        return bearer(house.token(f"the-{who}", who))
    if who.startswith("workload"):
        return headers_of_workload(house, who.removeprefix("workload "))
    if who == "none":
        return {}
    if who == "malformed":
        return bearer("not-a-token")
    if who == "bad":
        return bearer(Credential.minted(bytes(32)))
    return bearer(counting_no_more(house, who))


def headers_of_workload(house: House, who: str) -> dict[str, str]:
    """Return what a workload shows that is bound to a role, or counts for nothing."""
    branch = who if who in ROLES else "administrator"
    claims: dict[str, Any] = {"sub": branch, "repository": "acme/ops", "ref": branch}
    bound = {"repository": "acme/ops", "ref": branch}
    house.run_within(CreateBinding(issuer="github", claims=bound, roles=(branch,)))
    changes: dict[str, dict[str, Any]] = {
        "expired": {"exp": issuing.NOW - 60},
        "unbound": {"repository": "evil/ops"},
    }
    issuer = Issuer() if who == "forged" else ISSUER
    text = issuer.text({**claims, **changes.get(who, {})})
    return {"x-api-key": text} if who == "in X-API-Key" else bearer(text)


def counting_no_more(house: House, why: str) -> Credential:
    """Return a token of an administrator that does not count."""
    if why == "expired":
        token = house.token(
            "late", "administrator", expires_at=house.clock.now() + timedelta(seconds=1)
        )
        house.clock.advance(timedelta(seconds=1))
        return token
    if why == "from elsewhere":
        return house.token("afar", "administrator", networks=("192.0.2.0/24",))
    token = house.token("gone", "administrator")
    tokens = house.storage.read(lambda session: session.tokens.page(after=0, limit=100)).result()
    house.run_within(RevokeToken(number=tokens[-1].id))
    return token


def test_every_route_has_a_row() -> None:
    assert sorted(TABLE) == ROUTES
    assert set(ROLES) == set(BUILT_IN)


def stored(house: House) -> Sequence[Secret]:
    """Return the secrets as they are stored."""
    return house.storage.read(lambda session: session.catalogue.page(Listing())).result()


@pytest.fixture(scope="module")
def unentered(request: pytest.FixtureRequest) -> tuple[tuple[str, str], House]:
    """A route and a house for everybody who is turned away there, and so changes nothing."""
    route: tuple[str, str] = request.param
    return route, guarded(*route)


@pytest.mark.parametrize("who", UNKNOWN)
@pytest.mark.parametrize("unentered", ROUTES, ids=" ".join, indirect=True)
def test_who_is_not_known_gets_a_401(unentered: tuple[tuple[str, str], House], who: str) -> None:
    route, house = unentered
    method, path = route
    headers = headers_of(house, who)
    secrets = stored(house)
    answer = call(house, method, address_of(house, path), body_of(route), headers)
    if route in OPEN:
        assert answer.status_code == 200
        return
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="strongroom"'
    assert answer.json()["type"] == "urn:strongroom:problem:unauthenticated"
    assert stored(house) == secrets


@pytest.mark.parametrize(("kind", "table"), [("", TABLE), ("workload ", WORKLOADS)])
@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_every_role_gets_what_the_table_says(
    route: tuple[str, str], kind: str, table: dict[tuple[str, str], tuple[int, ...]]
) -> None:
    method, path = route
    house = guarded(method, path)
    found = {}
    for who, expected in sorted(zip(ROLES, table[route], strict=True), key=lambda cell: -cell[1]):
        if method != "GET" and expected == OK:
            house = guarded(method, path)
        headers = headers_of(house, f"{kind}{who}")
        found[who] = call(
            house, method, address_of(house, path), body_of(route), headers
        ).status_code
    assert tuple(found[who] for who in ROLES) == table[route]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/api/secrets/name/n/decrypt", (OK, OK, OK, NO, NO, NO)),
        ("/api/secrets/1/decrypt?version=1", (OK, OK, OK, NO, NO, NO)),
    ],
)
def test_a_value_by_another_way(address: str, expected: tuple[int, ...]) -> None:
    house = stocked(guarded=True)
    found = [call(house, "GET", address, headers=headers_of(house, who)) for who in ROLES]
    assert tuple(answer.status_code for answer in found) == expected


def test_to_erase_for_good_is_a_right_of_its_own() -> None:
    house = stocked(guarded=True)
    answer = call(house, "DELETE", "/api/secrets/1?purge=true", headers=headers_of(house, "editor"))
    assert answer.status_code == 403


def test_many_at_once_are_decided_on_one_by_one() -> None:
    house = stocked(guarded=True)
    statuses = {}
    for who in ROLES:
        answer = call(
            house, "POST", "/api/secrets/decrypt", {"secrets": [1, "n", 99]}, headers_of(house, who)
        )
        statuses[who] = [item["status"] for item in answer.json()["results"]]
    assert statuses["reader"] == [200, 200, 404]
    assert statuses["viewer"] == statuses["writer"] == [403, 403, 404]


@pytest.fixture(scope="module")
def nothing_done() -> House:
    """A house for calls of which none does anything."""
    return stocked(guarded=True)


@pytest.mark.parametrize("who", UNKNOWN)
@pytest.mark.parametrize(
    ("method", "address", "more"),
    [
        ("GET", "/api/absent", {}),
        ("GET", "/api//secrets", {}),
        ("PATCH", "/api/secrets", {}),
        ("OPTIONS", "/api/secrets", {}),
        ("GET", "/api/secrets?unknown=1", {}),
        ("GET", "/api/secrets/x", {}),
        ("GET", "/api/secrets", {"accept": "text/html"}),
        ("POST", "/api/secrets", {"content-type": "text/plain"}),
    ],
)
def test_what_is_malformed_is_a_401_too(
    nothing_done: House, who: str, method: str, address: str, more: dict[str, str]
) -> None:
    house = nothing_done
    answer = call(house, method, address, {}, headers_of(house, who) | more)
    assert answer.status_code == 401
    assert call(house, method, address, {}, headers_of(house, "reader") | more).status_code != 401


def test_a_key_in_a_header_of_its_own_counts_as_well() -> None:
    house = stocked(guarded=True)
    token = house.token("ci").reveal()
    assert call(house, "GET", "/api/whoami", headers={"x-api-key": token}).status_code == 200
    lower = {"authorization": f"bearer {token}"}
    assert call(house, "GET", "/api/whoami", headers=lower).status_code == 200
    basic = {"authorization": f"Basic {token}"}
    assert call(house, "GET", "/api/whoami", headers=basic).status_code == 401
    both = {"x-api-key": token, **lower}
    assert call(house, "GET", "/api/whoami", headers=both).status_code in {400, 401}


def test_a_browser_may_ask_first_and_can_read_the_refusal() -> None:
    house = stocked(guarded=True)
    page = {"origin": "http://localhost:3000"}
    asks = page | {
        "access-control-request-method": "GET", "access-control-request-headers": "authorization",
    }  # fmt: skip
    assert call(house, "OPTIONS", "/api/secrets", headers=asks).is_success
    for who in ("none", "bad"):
        answer = call(house, "GET", "/api/secrets/x", headers=headers_of(house, who) | page)
        assert answer.status_code == 401
        assert answer.headers["access-control-allow-origin"] == page["origin"]


def test_in_local_mode_a_credential_is_passed_over() -> None:
    house = stocked()
    headers = bearer(Credential.minted(bytes(32)))
    answer = call(house, "GET", "/api/whoami", headers=headers)
    assert (answer.json()["principal"], answer.json()["token"]) == ("local", None)


def test_a_made_token_is_shown_once_and_counts() -> None:
    house = stocked(guarded=True)
    app = application(house)
    headers = headers_of(house, "administrator")
    made = call(house, "POST", "/api/tokens", {"principal": "ci"}, headers, app=app).json()
    assert call(house, "GET", "/api/whoami", headers=bearer(made["token"])).status_code == 200
    listed = call(house, "GET", "/api/tokens", headers=headers)
    assert made["token"] not in listed.text
    assert made["token"].startswith(made["hint"])
    gone = call(house, "DELETE", f"/api/tokens/{made['id']}", headers=headers)
    assert gone.status_code == 200
    assert call(house, "GET", "/api/whoami", headers=bearer(made["token"])).status_code == 401


def test_who_began_a_rotation_is_remembered_by_name() -> None:
    house = stocked(guarded=True)
    headers = headers_of(house, "administrator")
    begun = call(house, "POST", "/api/keys/rotate", headers=headers).json()
    assert begun["started_by"] == "the-administrator"


def body_of(route: tuple[str, str]) -> object:
    """Return what a route is sent."""
    return EXPECTED[route][1] if route in EXPECTED else None
