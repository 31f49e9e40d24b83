"""The routes of bindings of claims: which roles a workload holds by what an issuer says of it."""

import re
from typing import Any

from litestar import Request, delete, get, post
from litestar.params import FromPath

from adapters.http.access import page_of
from adapters.http.access_mapping import claim_binding
from adapters.http.access_structs import NewClaimBinding
from adapters.http.backend import backend_of
from adapters.http.bodies import JsonBody
from adapters.http.queries import Query
from adapters.http.replies import Reply, json_reply
from adapters.http.secret_structs import Message
from application.access.create_binding import CreateBinding
from application.access.list_bindings import ListBindings
from application.access.remove_binding import RemoveBinding
from domain.errors import InvalidInput, NotFound
from domain.secrets.secret import MAX_ID

AnyRequest = Request[Any, Any, Any]

_new_binding = JsonBody(NewClaimBinding)
_NUMBER = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


@get("/api/claim-bindings")
async def list_bindings(request: AnyRequest) -> Reply:
    """List bindings of claims, by id."""
    query = Query(request)
    after = query.number("after") or 0
    if after > MAX_ID:
        raise InvalidInput("after", f"must be at most {MAX_ID}")
    command = ListBindings(after=after, page=page_of(query))
    query.finish()
    found = await backend_of(request).run(request, command)
    return json_reply([claim_binding(item) for item in found])


@post("/api/claim-bindings", status_code=200)
async def create_binding(request: AnyRequest) -> Reply:
    """Have whoever an issuer says these claims of hold roles, from the next call on."""
    Query(request).finish()
    body = await _new_binding.read(request)
    command = CreateBinding(
        issuer=body.issuer,
        claims=body.claims,
        roles=tuple(body.roles),
        description=body.description,
    )
    return json_reply(claim_binding(await backend_of(request).run(request, command)))


@delete("/api/claim-bindings/{binding:str}", status_code=200)
async def remove_binding(request: AnyRequest, binding: FromPath[str]) -> Reply:
    """Have claims stand for no roles any more, from the next call on."""
    Query(request).finish()
    if not _NUMBER.fullmatch(binding):
        raise NotFound("binding")
    await backend_of(request).run(request, RemoveBinding(number=int(binding)))
    return json_reply(Message(message="binding removed"))


HANDLERS = [list_bindings, create_binding, remove_binding]
