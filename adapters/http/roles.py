"""The routes of roles."""

from typing import Any

from litestar import Request, delete, get, post, put
from litestar.params import FromPath

from adapters.http import access_mapping as mapping
from adapters.http.access_structs import NewRole, RoleBody
from adapters.http.backend import backend_of
from adapters.http.bodies import JsonBody
from adapters.http.queries import Query
from adapters.http.replies import Reply, json_reply
from adapters.http.secret_structs import Message
from application.access.create_role import CreateRole
from application.access.list_roles import ListRoles
from application.access.remove_role import RemoveRole
from application.access.replace_role import ReplaceRole

AnyRequest = Request[Any, Any, Any]

_new_role = JsonBody(NewRole)
_role_body = JsonBody(RoleBody)


@get("/api/roles")
async def list_roles(request: AnyRequest) -> Reply:
    """List all roles, those that are built in first."""
    Query(request).finish()
    roles = await backend_of(request).run(request, ListRoles())
    return json_reply([mapping.role(role) for role in roles])


@post("/api/roles", status_code=200)
async def create_role(request: AnyRequest) -> Reply:
    """Make a role that allows no more than the caller may."""
    Query(request).finish()
    body = await _new_role.read(request)
    command = CreateRole(role=mapping.role_of(body.name, body.description, body.grants))
    return json_reply(mapping.role(await backend_of(request).run(request, command)))


@put("/api/roles/{role:str}")
async def replace_role(request: AnyRequest, role: FromPath[str]) -> Reply:
    """Have a role be as given, for everybody who is bound to it, from the next call on."""
    Query(request).finish()
    body = await _role_body.read(request)
    command = ReplaceRole(role=mapping.role_of(role, body.description, body.grants))
    return json_reply(mapping.role(await backend_of(request).run(request, command)))


@delete("/api/roles/{role:str}", status_code=200)
async def remove_role(request: AnyRequest, role: FromPath[str]) -> Reply:
    """Remove a role that nobody is bound to."""
    Query(request).finish()
    await backend_of(request).run(request, RemoveRole(name=role))
    return json_reply(Message(message="role removed"))


HANDLERS = [list_roles, create_role, replace_role, remove_role]
