"""A request is answered alike, whether the framework lets it through or it takes the shortcut."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from adapters.http.direct import Shortcut
from application.secrets.delete_secret import DeleteSecret
from domain.access.action import Action
from domain.secrets.reference import SecretId
from tests.house import House
from tests.in_process import application, call
from tests.integration.test_routes import EXPECTED, ROUTES, address_of, stocked

REFUSED: dict[str, tuple[str, str, object]] = {
    "no such address": ("GET", "/api/nothing", None),
    "no such method": ("BREW", "/api/secrets", None),
    "no such secret": ("GET", "/api/secrets/99/decrypt", None),
    "no such name": ("GET", "/api/secrets/name/none/decrypt", None),
    "a name with slashes to fold": ("GET", "/api/secrets/name//n//decrypt", None),
    "an unknown parameter": ("GET", "/api/secrets/1?nothing=1", None),
    "a body of another shape": ("POST", "/api/secrets", {"name": 1}),
    "a body that is too large": ("POST", "/api/secrets", {"name": "a", "value": "v" * 200_000}),
    "a name that is taken": ("POST", "/api/secrets", {"name": "n", "value": "v"}),
}


def answer(house: House, method: str, address: str, body: object, *, warmed: bool) -> Any:
    """Return what comes back, but for what is drawn anew each time."""
    app = application(house)
    if warmed:
        assert call(house, "GET", "/health/live", app=app).status_code == 200
    took = list[bool]()
    leads = Shortcut._leads_to_a_handler

    def spy(self: Shortcut, scope: Any) -> bool:
        took.append(leads(self, scope))
        return took[-1]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Shortcut, "_leads_to_a_handler", spy)
        found = call(house, method, address, body, app=app)
    return took, (found.status_code, _lasting(found.headers), _plain(found))


def _lasting(headers: httpx.Headers) -> Mapping[str, str]:
    return {name: text for name, text in headers.items() if name != "x-request-id"}


def _plain(found: httpx.Response) -> Any:
    body = found.json()
    if isinstance(body, dict):
        body.pop("request_id", None)
        body.pop("receipt", None)
    return body


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_route_answers_alike(method: str, path: str) -> None:
    action, body = EXPECTED[method, path]
    outcomes = []
    for warmed in (False, True):
        house = stocked()
        if action is Action.RESTORE:
            house.run(DeleteSecret(reference=SecretId(1)))
        took, outcome = answer(house, method, address_of(house, path), body, warmed=warmed)
        assert took == [warmed]
        outcomes.append(outcome)
    assert outcomes[0][:1] == outcomes[1][:1]
    assert outcomes[0][1].keys() == outcomes[1][1].keys()
    if method == "GET" and not path.startswith(("/api/audit", "/api/keys")):
        assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize(("method", "address", "body"), REFUSED.values(), ids=REFUSED.keys())
def test_every_refusal_is_alike(method: str, address: str, body: object) -> None:
    outcomes = [
        answer(stocked(), method, address, body, warmed=warmed)[1] for warmed in (False, True)
    ]
    assert outcomes[0] == outcomes[1]


def test_a_page_of_another_origin_takes_no_shortcut() -> None:
    house = stocked()
    app = application(house)
    page = {"origin": "http://localhost:3000"}
    for _ in range(2):
        found = call(house, "GET", "/api/secrets/1", headers=page, app=app)
        assert found.headers["access-control-allow-origin"] == page["origin"]


def test_every_name_of_the_host_is_looked_at_once() -> None:
    house = stocked()
    app = application(house)
    assert call(house, "GET", "/api/secrets/1", app=app).status_code == 200
    strange = {"host": "localhost:80:80"}
    assert call(house, "GET", "/api/secrets/1", headers=strange, app=app).status_code in {400, 403}
