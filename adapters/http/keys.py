"""The routes of keys: looking, rotating, destroying."""

import re
from typing import Any

from litestar import Request, delete, get, post
from litestar.params import FromPath

from adapters.http.backend import backend_of
from adapters.http.key_structs import overview, root_key, rotation
from adapters.http.queries import Query
from adapters.http.replies import Reply, json_reply
from adapters.http.secret_structs import Message
from application.keys.destroy_key import DestroyKey
from application.keys.list_keys import ListKeys
from application.keys.read_rotation import ReadRotation
from domain.errors import NotFound

AnyRequest = Request[Any, Any, Any]

_KEY_ID = re.compile(r"[0-9a-f]{16}", re.ASCII)
_ROTATION_ID = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


@get("/api/keys")
async def list_keys(request: AnyRequest) -> Reply:
    """List the data keys with what is known of the root key and the newest rotation."""
    Query(request).finish()
    # On a thread: it counts the values under each key, and there may be a million.
    return json_reply(overview(await backend_of(request).run_apart(request, ListKeys())))


@post("/api/keys/rotate", status_code=200)
async def rotate(request: AnyRequest) -> Reply:
    """Have a new data key take over; values that are there are re-sealed afterwards."""
    Query(request).finish()
    return json_reply(rotation(await backend_of(request).rotate_data_key(request)))


@post("/api/keys/rotate-root", status_code=200)
async def rotate_root(request: AnyRequest) -> Reply:
    """Replace the root key in its place."""
    Query(request).finish()
    return json_reply(root_key(await backend_of(request).rotate_root_key(request)))


@get("/api/keys/rotations/{rotation_id:str}")
async def read_rotation(request: AnyRequest, rotation_id: FromPath[str]) -> Reply:
    """Get a rotation: how far it is, and its receipt once it has ended."""
    Query(request).finish()
    if not _ROTATION_ID.fullmatch(rotation_id):
        raise NotFound("rotation")
    command = ReadRotation(rotation_id=int(rotation_id))
    return json_reply(rotation(await backend_of(request).run(request, command)))


@delete("/api/keys/{key:str}", status_code=200)
async def destroy_key(request: AnyRequest, key: FromPath[str]) -> Reply:
    """Destroy a retired data key that no value needs any more."""
    Query(request).finish()
    if not _KEY_ID.fullmatch(key):
        raise NotFound("key")
    await backend_of(request).run_apart(request, DestroyKey(key_id=key))
    return json_reply(Message(message="key destroyed"))


HANDLERS = [list_keys, rotate, rotate_root, read_rotation, destroy_key]
