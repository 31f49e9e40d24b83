"""Calling the application around a house, without a server."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

import httpx
from litestar import Litestar

from adapters.http.addresses import Addresses, networks
from adapters.http.app import build_app
from adapters.http.backend import Backend
from adapters.http.metrics import Watching
from adapters.http.traffic import Unwatched
from application.keys.rotate_data_key import RotateDataKey
from application.keys.rotate_root_key import RotateRootKey
from domain.access.credential import Credential
from entrypoints.limits import build_rate_limits
from entrypoints.settings import Settings
from tests.house import House


def bearer(credential: Credential | str) -> dict[str, str]:
    """Return the header that shows a credential."""
    text = credential if isinstance(credential, str) else credential.reveal()
    return {"authorization": f"Bearer {text}"}


def application(house: House, *, not_found_seconds: float = 0, proxies: Iterable[str] = ()) -> Any:
    """Return the application around a house; proxies tell the certificates of clients."""

    @contextlib.asynccontextmanager
    async def nothing(_: Litestar) -> AsyncIterator[None]:
        yield

    return build_app(
        backend=Backend(
            gate=house.gate,
            rotate_data_key=RotateDataKey(
                gate=house.gate,
                storage=house.storage,
                key_ring=house.key_ring,
                wrapper=house.key_ring,
            ),
            rotate_root_key=RotateRootKey(
                gate=house.gate, wrapper=house.key_ring, source=house.source, clock=house.clock
            ),
            guarded=house.guarded,
            max_value_bytes=1024,
            body_seconds=60,
            not_found_seconds=not_found_seconds,
        ),
        checks={},
        allowed_origins=["http://localhost:3000"],
        logged="none",
        addresses=Addresses(networks(proxies), tell_certificates=house.certificates is not None),
        limits=build_rate_limits(Settings()),
        watching=Watching(traffic=Unwatched(), exposition=lambda _: (b"", "text/plain")),
        lifespan=nothing,
    )


def call(
    house: House,
    method: str,
    address: str,
    body: object = None,
    headers: Mapping[str, str] | None = None,
    *,
    app: Any = None,
) -> httpx.Response:
    """Send one request; a house keeps the application that it is first called through."""
    if app is None:
        app = house.served = house.served or application(house)

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, address, json=body, headers=headers)

    return asyncio.run(send())
