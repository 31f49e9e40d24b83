"""Too many requests, and too many failed authentications, are turned away at the edge."""

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest

from adapters.http.addresses import Addresses, networks
from adapters.http.edge import Edge, level_for_none
from adapters.http.guards import LocalGuard
from adapters.http.rate_limits import RateLimits, Rates, presented
from adapters.http.traffic import Unwatched
from adapters.rate_limits.memory import MemoryWindows
from adapters.rate_limits.windows import Rate
from domain.errors import StartRefused
from entrypoints.configuration import load, shown

REFUSED = {
    "host bits in a network": ({"STRONGROOM_TRUSTED_PROXIES": "10.0.0.1/8"}, "trusted_proxies"),
    "no number": ({"STRONGROOM_RATE_LIMIT_PER_ADDRESS": "-1"}, "rate_limit_per_address"),
    "another store": ({"STRONGROOM_RATE_LIMIT_URL": "http://u:do-not-show@h"}, "redis://"),
}


@pytest.mark.parametrize(("env", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_a_setting_that_cannot_be_is_refused(env: dict[str, str], told: str) -> None:
    with pytest.raises(StartRefused, match=told) as refused:
        load(env)
    assert "do-not-show" not in str(refused.value)


def test_networks_are_a_list_with_commas_and_the_password_is_masked() -> None:
    env = {
        "STRONGROOM_TRUSTED_PROXIES": "10.0.0.0/8, ::1",
        "STRONGROOM_RATE_LIMIT_URL": "redis://u:do-not-show@h/0",
    }
    settings = load(env)
    assert settings.trusted_proxies == ("10.0.0.0/8", "::1")
    assert "do-not-show" not in str(shown(settings))


NONE = Rate("none", 0, 60)


async def guarded(scope: Any, _receive: Any, send: Any) -> None:
    """Let in whoever shows `good`."""
    shown = dict(scope["headers"]).get(b"authorization")
    status = 200 if shown == b"Bearer good" else 401
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def edge(**rates: Rate) -> Edge:
    given = {"address": NONE, "credential": NONE, "failures": NONE, "repeats": NONE} | rates
    return Edge(
        guarded,
        guard=LocalGuard(()),
        knows=None,
        addresses=Addresses(networks(["10.0.0.1"])),
        limits=RateLimits(Rates(**given), MemoryWindows(), presented),
        traffic=Unwatched(),
        log_level_for=level_for_none,
    )


def calls(app: Edge, *requests: tuple[str, str, str]) -> list[httpx.Response]:
    """Send requests, each with a credential and the address that a proxy tells."""

    async def send() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=app, client=("10.0.0.1", 1))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return [
                await client.get(
                    path, headers={"authorization": f"Bearer {token}", "x-forwarded-for": address}
                )
                for path, token, address in requests
            ]

    return asyncio.run(send())


def statuses(app: Edge, *requests: tuple[str, str, str]) -> list[int]:
    return [answer.status_code for answer in calls(app, *requests)]


A, B = ("/api/secrets", "good", "1.1.1.1"), ("/api/secrets", "good", "2.2.2.2")
HEALTH = ("/health/live", "good", "1.1.1.1")


def bad(token: str, address: str = "1.1.1.1") -> tuple[str, str, str]:
    return ("/api/secrets", token, address)


def test_an_address_that_calls_too_often_is_told_when_to_come_back() -> None:
    last = calls(edge(address=Rate("address", 2, 60)), A, A, A)[-1]
    assert last.status_code == 429
    assert last.headers["content-type"] == "application/problem+json"
    assert last.headers["retry-after"] == "60"
    assert last.headers["ratelimit-policy"] == '"address";q=2;w=60'
    assert last.headers["ratelimit"] == '"address";r=0;t=60'
    assert last.json()["type"] == "urn:strongroom:problem:too-many-requests"
    assert last.headers["x-content-type-options"] == "nosniff"


def test_addresses_behind_a_proxy_are_counted_apart() -> None:
    assert statuses(edge(address=Rate("address", 1, 60)), A, B, A, B) == [200, 200, 429, 429]


def test_health_is_not_counted() -> None:
    app = edge(address=Rate("address", 1, 60))
    assert statuses(app, A, A, HEALTH, HEALTH)[2:] == [200, 200]


def test_a_credential_is_counted_wherever_it_comes_from() -> None:
    assert statuses(edge(credential=Rate("credential", 1, 60)), A, B) == [200, 429]


def test_guessing_is_stopped_by_address() -> None:
    app = edge(failures=Rate("failures", 5, 60), repeats=Rate("repeats", 2, 60))
    guesses = [bad(f"guess-{number}") for number in range(8)]
    assert Counter(statuses(app, *guesses)) == {401: 5, 429: 3}
    assert statuses(app, A, B) == [429, 200]


def test_a_stale_token_does_not_lock_out_its_neighbours() -> None:
    app = edge(failures=Rate("failures", 5, 60), repeats=Rate("repeats", 2, 60))
    assert statuses(app, *[bad("stale")] * 20, A) == [401, 401, *[429] * 18, 200]


def test_a_limit_of_zero_is_none() -> None:
    assert set(statuses(edge(), *[A] * 50)) == {200}
