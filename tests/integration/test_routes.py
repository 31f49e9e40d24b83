"""No route gets past the gate: each one leaves an event of its own action."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator

import httpx
import pytest
from litestar import Litestar

from adapters.http.addresses import Addresses
from adapters.http.app import HANDLERS, build_app
from adapters.http.backend import Backend
from adapters.memory import MemoryStorage
from application.secrets.delete_secret import DeleteSecret
from application.secrets.update_secret import UpdateSecret
from domain.access.action import Action
from domain.secrets.reference import SecretId
from domain.secrets.value import SecretValue
from entrypoints.limits import build_rate_limits
from entrypoints.settings import Settings
from tests.house import House

ROUTES = sorted(
    (str(method), path)
    for handler in HANDLERS
    for path in handler.paths
    for method in handler.http_methods
    if path.startswith("/api/")
)

ONE = "/api/secrets/{reference:str}"
ONE_VERSION = "/api/secrets/{reference:str}/versions/{number:str}"

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
    ("GET", "/api/keys"): (Action.LIST_KEYS, None),
    ("POST", "/api/keys/rotate"): (Action.START_ROTATION, None),
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
}
QUERIES = {
    "/api/audit/proof/inclusion": "?number=1",
    "/api/audit/proof/consistency": "?first=1",
}
PLACES = {"reference": "1", "number": "1", "name": "n", "rotation_id": "1"}


def stocked() -> House:
    """Return a house with a secret in its second version, a rotation and a checkpoint."""
    house = House(MemoryStorage()).opened()
    created = house.create("n")
    house.run(UpdateSecret(reference=SecretId(created.id), value=SecretValue("second")))
    house.rotated()
    house.make_checkpoint()
    return house


def call(house: House, method: str, address: str, body: object = None) -> httpx.Response:
    """Send one request to the application around the house, without a server."""

    @contextlib.asynccontextmanager
    async def nothing(_: Litestar) -> AsyncIterator[None]:
        yield

    async def send() -> httpx.Response:
        app = build_app(
            backend=Backend(
                gate=house.gate,
                rotate_data_key=house.rotate_data_key,
                rotate_root_key=house.rotate_root_key,
                max_value_bytes=1024,
                body_seconds=60,
            ),
            checks={},
            allowed_origins=(),
            logged="none",
            addresses=Addresses(()),
            limits=build_rate_limits(Settings()),
            exposition=bytes,
            lifespan=nothing,
        )
        transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # the same protocol
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, address, json=body)

    return asyncio.run(send())


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_route_leaves_an_event_of_its_action(method: str, path: str) -> None:
    house = stocked()
    action, body = EXPECTED[method, path]
    if action is Action.RESTORE:
        house.run(DeleteSecret(reference=SecretId(1)))
    before = len(house.events())
    places = {**PLACES, "key": house.retired_key()}
    address = re.sub(r"\{(\w+):\w+\}", lambda place: places[place[1]], path)
    answer = call(house, method, address + QUERIES.get(path, ""), body)
    assert answer.status_code == 200, answer.text
    expected = action if isinstance(action, tuple) else (action,)
    assert tuple(event.action for event in house.events()[before:]) == expected


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
