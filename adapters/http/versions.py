"""The routes of a secret's history."""

from typing import Any

from litestar import Request, delete, get, post
from litestar.params import FromPath

from adapters.http.backend import backend_of
from adapters.http.queries import Query
from adapters.http.references import secret_id, version_number
from adapters.http.replies import Reply, etag, json_reply
from adapters.http.secret_structs import Message, metadata, version
from application.secrets.destroy_version import DestroyVersion
from application.secrets.list_versions import ListVersions
from application.secrets.restore_version import RestoreVersion

AnyRequest = Request[Any, Any, Any]


@get("/api/secrets/{reference:str}/versions")
async def list_versions(request: AnyRequest, reference: FromPath[str]) -> Reply:
    """List the versions of a secret, oldest first."""
    Query(request).finish()
    history = await backend_of(request).run(request, ListVersions(reference=secret_id(reference)))
    return json_reply([version(item, newest=item is history[-1]) for item in history])


@post("/api/secrets/{reference:str}/versions/{number:str}/restore", status_code=200)
async def restore_version(
    request: AnyRequest, reference: FromPath[str], number: FromPath[str]
) -> Reply:
    """Roll a secret back: the earlier value becomes the next version."""
    Query(request).finish()
    command = RestoreVersion(reference=secret_id(reference), version=version_number(number))
    secret = await backend_of(request).run(request, command)
    return json_reply(metadata(secret), headers=etag(secret))


@delete("/api/secrets/{reference:str}/versions/{number:str}", status_code=200)
async def destroy_version(
    request: AnyRequest, reference: FromPath[str], number: FromPath[str]
) -> Reply:
    """Erase one earlier value for good."""
    Query(request).finish()
    command = DestroyVersion(reference=secret_id(reference), version=version_number(number))
    await backend_of(request).run(request, command)
    return json_reply(Message(message="version destroyed"))


HANDLERS = [list_versions, restore_version, destroy_version]
