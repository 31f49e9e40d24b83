"""No route gets past the gate: each one leaves an event of its own action."""

import json
import re

import pytest

from adapters.http.app import HANDLERS
from adapters.jwt import issuer as inside
from adapters.jwt.issuer_keys import IssuerKeys
from adapters.jwt.key_set import KeySet, read_key_set
from adapters.jwt.verifier import JwtVerifier
from adapters.memory import MemoryStorage
from adapters.testing.storage_alerts import FINDING
from application.access.create_binding import CreateBinding
from application.access.create_role import CreateRole
from application.secrets.delete_secret import DeleteSecret
from application.secrets.update_secret import UpdateSecret
from domain.access.action import Action
from domain.access.grant import Effect, Grant
from domain.access.role import Role
from domain.secrets.reference import SecretId
from domain.secrets.value import SecretValue
from tests import issuing
from tests.fakes import START, FixedClock
from tests.house import House
from tests.in_process import application, call
from tests.issuing import Issuer

ROUTES = sorted(
    (str(method), path)
    for handler in HANDLERS
    for path in handler.paths
    for method in handler.http_methods
    if path.startswith("/api/")
)

ONE = "/api/secrets/{reference:str}"
ONE_VERSION = "/api/secrets/{reference:str}/versions/{number:str}"

GRANTS = [{"actions": ["secrets.reveal"], "names": ["a/**"]}]

# A new route fails until it stands here, with a body where it takes one.
EXPECTED: dict[tuple[str, str], tuple[Action | tuple[Action, ...], object]] = {
    ("POST", "/api/secrets"): (Action.CREATE, {"name": "new", "value": "v"}),
    ("GET", "/api/secrets"): (Action.LIST, None),
    ("POST", "/api/secrets/decrypt"): (Action.REVEAL, {"secrets": [1]}),
    ("GET", "/api/secrets/name/{name:path}"): (Action.READ, None),
    ("GET", ONE): (Action.READ, None),
    ("PUT", ONE): (Action.UPDATE, {"value": "v"}),
    ("DELETE", ONE): (Action.DELETE, None),
    ("GET", f"{ONE}/decrypt"): (Action.REVEAL, None),
    ("POST", f"{ONE}/restore"): (Action.RESTORE, None),
    ("GET", f"{ONE}/versions"): (Action.LIST_VERSIONS, None),
    ("POST", f"{ONE_VERSION}/restore"): (Action.RESTORE_VERSION, None),
    ("DELETE", ONE_VERSION): (Action.DESTROY_VERSION, None),
    ("GET", f"{ONE}/activity"): (Action.READ_ACTIVITY, None),
    ("GET", "/api/activity/most-read"): (Action.LIST_ACTIVITY, None),
    ("GET", "/api/activity/unread"): (Action.LIST_UNREAD, None),
    ("GET", "/api/keys"): (Action.LIST_KEYS, None),
    ("POST", "/api/keys/rotate"): ((Action.PLAN_ROTATION, Action.START_ROTATION), None),
    ("POST", "/api/keys/rotate-root"): (
        (Action.PLAN_ROOT_ROTATION, Action.REPLACE_ROOT_KEY),
        None,
    ),
    ("GET", "/api/keys/rotations/{rotation_id:str}"): (Action.READ_ROTATION, None),
    ("GET", "/api/audit"): (Action.LIST_ENTRIES, None),
    ("GET", "/api/audit/checkpoint"): (Action.READ_CHECKPOINT, None),
    ("GET", "/api/audit/proof/inclusion"): (Action.PROVE, None),
    ("GET", "/api/audit/proof/consistency"): (Action.PROVE, None),
    ("DELETE", "/api/keys/{key:str}"): (Action.DESTROY_KEY, None),
    ("GET", "/api/alerts"): (Action.LIST_ALERTS, None),
    ("POST", "/api/alerts/test"): (Action.RAISE_TEST_ALERT, None),
    ("POST", "/api/alerts/{alert:str}/acknowledge"): (Action.ACKNOWLEDGE_ALERT, None),
    ("GET", "/api/decoys"): (Action.LIST_DECOYS, None),
    ("PUT", "/api/decoys/{reference:str}"): (Action.SET_DECOY, None),
    ("DELETE", "/api/decoys/{reference:str}"): (Action.SET_DECOY, None),
    ("GET", "/api/webhooks"): (Action.READ_DELIVERIES, None),
    ("GET", "/api/whoami"): (Action.WHO_AM_I, None),
    ("GET", "/api/explain"): (Action.EXPLAIN, None),
    ("POST", "/api/tokens"): (Action.CREATE_TOKEN, {"principal": "ci"}),
    ("GET", "/api/tokens"): (Action.LIST_TOKENS, None),
    ("DELETE", "/api/tokens/{token:str}"): (Action.REVOKE_TOKEN, None),
    ("GET", "/api/roles"): (Action.LIST_ROLES, None),
    ("POST", "/api/roles"): (Action.CREATE_ROLE, {"name": "new", "grants": GRANTS}),
    ("PUT", "/api/roles/{role:str}"): (Action.REPLACE_ROLE, {"grants": GRANTS}),
    ("DELETE", "/api/roles/{role:str}"): (Action.REMOVE_ROLE, None),
    ("GET", "/api/principals"): (Action.LIST_PRINCIPALS, None),
    ("POST", "/api/principals"): (Action.CREATE_PRINCIPAL, {"name": "new"}),
    ("PUT", "/api/principals/{principal:str}"): (Action.BIND_ROLES, {"roles": ["reader"]}),
    ("DELETE", "/api/principals/{principal:str}"): (Action.REMOVE_PRINCIPAL, None),
    ("GET", "/api/claim-bindings"): (Action.LIST_BINDINGS, None),
    ("POST", "/api/claim-bindings"): (
        Action.CREATE_BINDING,
        {"issuer": "github", "claims": {"repository": "acme/shop"}, "roles": ["reader"]},
    ),
    ("DELETE", "/api/claim-bindings/{binding:str}"): (Action.REMOVE_BINDING, None),
}
PLACES = {
    "reference": "1", "number": "1", "name": "n", "rotation_id": "1", "token": "1", "role": "spare",
    "principal": "ci", "alert": "1", "binding": "1",
}  # fmt: skip
QUERIES = {
    "/api/explain": "?action=secrets.reveal&name=n",
    "/api/audit/proof/inclusion": "?number=1",
    "/api/audit/proof/consistency": "?first=1",
}


ISSUER = Issuer()


class Held(IssuerKeys):
    """The keys of the issuer, at hand."""

    held = read_key_set(json.dumps(ISSUER.jwks).encode())

    def current(self) -> KeySet:
        return self.held

    def look_again(self) -> None:
        pass


ISSUER_OF_ALL = inside.Issuer(
    name="github", issuer=issuing.ISSUER, audience=issuing.AUDIENCE,
    algorithms=frozenset({"ES256"}), max_age=3600, leeway=30, typ="", required={}, keys=Held(),
)  # fmt: skip


def stocked(*, guarded: bool = False) -> House:
    """Return a house with a secret in its second version, a rotation and a checkpoint.

    There is a principal, too, with a token, a role that nobody has, and claims that are bound.
    """
    clock = FixedClock()
    verifier = JwtVerifier([ISSUER_OF_ALL], clock=clock)
    house = House(MemoryStorage(), clock=clock, guarded=guarded, verifier=verifier).opened()
    house.token("ci", "reader")
    reveal = Grant(effect=Effect.ALLOW, actions=frozenset({Action.REVEAL}))
    house.run_within(CreateRole(role=Role(name="spare", grants=(reveal,))))
    claims = {"repository": "acme/shop", "ref": "refs/heads/main"}
    house.run_within(CreateBinding(issuer="github", claims=claims, roles=("reader",)))
    created = house.create("n")
    house.run_within(UpdateSecret(reference=SecretId(created.id), value=SecretValue("second")))
    house.rotated()
    house.make_checkpoint()
    house.storage.write(lambda s: s.alerts.add(FINDING, raised_at=START)).result()
    return house


def address_of(house: House, path: str) -> str:
    """Return an address that a route answers."""
    places = {**PLACES, "key": house.retired_key()}
    address = re.sub(r"\{(\w+):\w+\}", lambda place: places[place[1]], path)
    return address + QUERIES.get(path, "")


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_route_leaves_an_event_of_its_action(method: str, path: str) -> None:
    house = stocked()
    action, body = EXPECTED[method, path]
    if action is Action.RESTORE:
        house.run(DeleteSecret(reference=SecretId(1)))
    before = len(house.events())
    address = address_of(house, path)
    answer = call(house, method, address, body)
    assert answer.status_code == 200, answer.text
    expected = action if isinstance(action, tuple) else (action,)
    assert tuple(event.action for event in house.events()[before:]) == expected


def test_every_address_lists_its_methods() -> None:
    house = stocked()
    app = application(house)
    for path in {path for _, path in ROUTES}:
        answer = call(house, "OPTIONS", address_of(house, path), app=app)
        assert answer.status_code == 204
        methods = {method for method, other in ROUTES if other == path} | {"OPTIONS"}
        if "GET" in methods and not path.endswith("/decrypt"):
            methods.add("HEAD")
        assert answer.headers["allow"] == ", ".join(sorted(methods))


@pytest.mark.parametrize(
    ("method", "address", "action"),
    [
        ("GET", "/api/secrets/name/n/decrypt", Action.REVEAL),
        ("DELETE", "/api/secrets/1?purge=true", Action.PURGE),
    ],
)
def test_a_route_with_two_uses_leaves_an_event_of_the_other(
    method: str, address: str, action: Action
) -> None:
    house = stocked()
    assert call(house, method, address).status_code == 200
    assert house.events()[-1].action is action
