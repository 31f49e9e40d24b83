"""`HEAD` is `GET` without the body, and never reads a value."""

import pytest

from domain.access.action import Action
from tests.house import House
from tests.in_process import bearer, call
from tests.integration.test_routes import ONE, ROUTES, address_of, stocked

READINGS = [path for method, path in ROUTES if method == "GET" and path != f"{ONE}/decrypt"]
OTHERS = ["/health/live", "/metrics", "/docs", "/openapi.json", "/nowhere", "/api/secrets/99"]
VALUES = [
    "/api/secrets/1/decrypt", "/api/secrets/1/decrypt?version=1", "/api/secrets/name/n/decrypt",
    "/api/secrets/99/decrypt",
]  # fmt: skip


def revealed(house: House) -> int:
    """Count the readings of values, allowed or not."""
    return sum(event.action is Action.REVEAL for event in house.events())


@pytest.mark.parametrize("path", [*READINGS, *OTHERS])
def test_head_is_get_without_the_body(path: str) -> None:
    house = stocked(guarded=True)
    headers = bearer(house.token("boss", "administrator"))
    address = address_of(house, path)
    got, head = (call(house, method, address, headers=headers) for method in ("GET", "HEAD"))
    assert head.status_code == got.status_code
    assert head.content == b""
    # The audit log has grown by the first of the two calls, and so have some bodies.
    different = {"x-request-id", "content-length"}
    one, other = (
        {name: value for name, value in answer.headers.items() if name not in different}
        for answer in (got, head)
    )
    assert one == other
    assert head.headers["content-length"].isdigit()


@pytest.mark.parametrize("address", VALUES)
def test_head_never_reads_a_value(address: str) -> None:
    house = stocked(guarded=True)
    headers = bearer(house.token("boss", "administrator"))
    answer = call(house, "HEAD", address, headers=headers)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, OPTIONS")
    assert revealed(house) == 0
    assert call(house, "HEAD", address).status_code == 401


@pytest.mark.parametrize("path", ["/api/secrets", "/api/secrets/name/n", "/api/secrets/1"])
def test_head_is_among_the_methods_of_an_address(path: str) -> None:
    house = stocked()
    for method in ("OPTIONS", "PATCH"):
        assert "HEAD" in call(house, method, path).headers["allow"].split(", ")
    for value in ("/api/secrets/1/decrypt", "/api/secrets/name/n/decrypt"):
        assert "HEAD" not in call(house, "OPTIONS", value).headers["allow"].split(", ")
