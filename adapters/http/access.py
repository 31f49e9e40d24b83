"""The routes about rights: who one is, and which rule decides."""

from typing import Any

from litestar import Request, get

from adapters.http.access_mapping import action_of, explained, who
from adapters.http.access_structs import Explanation
from adapters.http.backend import backend_of
from adapters.http.queries import Query
from adapters.http.replies import Reply, json_reply
from application.access.explain_access import ExplainAccess
from application.access.who_am_i import WhoAmI
from domain.access.page import Page
from domain.errors import InvalidInput

AnyRequest = Request[Any, Any, Any]


@get("/api/whoami")
async def who_am_i(request: AnyRequest) -> Reply:
    """Tell who the caller is taken for, and what that one may do."""
    Query(request).finish()
    return json_reply(who(await backend_of(request).run(request, WhoAmI())))


@get("/api/explain")
async def explain(request: AnyRequest) -> Reply:
    """Tell which rule decides on an action: for one principal, or for all, page by page."""
    query = Query(request)
    action = query.text("action")
    if action is None:
        raise InvalidInput("action", "is missing; send an action such as secrets.reveal")
    command = ExplainAccess(
        action=action_of(action),
        name=query.text("name"),
        principal=query.text("principal"),
        after=query.text("after") or "",
        page=page_of(query),
    )
    query.finish()
    found = await backend_of(request).run(request, command)
    full = command.principal is None and len(found) == command.page.limit
    return json_reply(
        Explanation(
            action=action,
            name=command.name,
            decisions=[explained(item) for item in found],
            next=found[-1].principal if full else None,
        )
    )


def page_of(query: Query) -> Page:
    """Read how much of a list is asked for."""
    limit = query.number("limit")
    return Page() if limit is None else Page(limit=limit)


HANDLERS = [who_am_i, explain]
