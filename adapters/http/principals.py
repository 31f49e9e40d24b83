"""The routes of principals and what they are bound to."""

from typing import Any

from litestar import Request, delete, get, post, put
from litestar.params import FromPath

from adapters.http import access_mapping as mapping
from adapters.http.access import page_of
from adapters.http.access_structs import NewPrincipal, PrincipalBody
from adapters.http.backend import backend_of
from adapters.http.bodies import JsonBody
from adapters.http.queries import Query
from adapters.http.replies import Reply, json_reply
from adapters.http.secret_structs import Message
from application.access.bind_roles import BindRoles
from application.access.create_principal import CreatePrincipal
from application.access.list_principals import ListPrincipals
from application.access.remove_principal import RemovePrincipal
from domain.access.principal import PrincipalKind

AnyRequest = Request[Any, Any, Any]

_new_principal = JsonBody(NewPrincipal)
_principal_body = JsonBody(PrincipalBody)


@get("/api/principals")
async def list_principals(request: AnyRequest) -> Reply:
    """List people and services with their roles, by name."""
    query = Query(request)
    command = ListPrincipals(after=query.text("after") or "", page=page_of(query))
    query.finish()
    holders = await backend_of(request).run(request, command)
    return json_reply([mapping.principal(holder) for holder in holders])


@post("/api/principals", status_code=200)
async def create_principal(request: AnyRequest) -> Reply:
    """Take in a person or a service, with roles that the caller could fill."""
    Query(request).finish()
    body = await _new_principal.read(request)
    command = CreatePrincipal(
        name=body.name, kind=PrincipalKind(body.kind), roles=tuple(body.roles)
    )
    return json_reply(mapping.principal(await backend_of(request).run(request, command)))


@put("/api/principals/{principal:str}")
async def bind_roles(request: AnyRequest, principal: FromPath[str]) -> Reply:
    """Have a principal hold exactly these roles, from the next call on."""
    Query(request).finish()
    body = await _principal_body.read(request)
    command = BindRoles(principal=principal, roles=tuple(body.roles))
    return json_reply(mapping.principal(await backend_of(request).run(request, command)))


@delete("/api/principals/{principal:str}", status_code=200)
async def remove_principal(request: AnyRequest, principal: FromPath[str]) -> Reply:
    """Let a principal go; its tokens count no longer."""
    Query(request).finish()
    await backend_of(request).run(request, RemovePrincipal(name=principal))
    return json_reply(Message(message="principal removed"))


HANDLERS = [list_principals, create_principal, bind_roles, remove_principal]
