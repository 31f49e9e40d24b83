"""The routes about the use of secrets. They run on a thread: a report may go through many rows."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, get
from litestar.params import FromPath

from adapters.http.activity_structs import activity, most_read
from adapters.http.backend import backend_of
from adapters.http.queries import Query
from adapters.http.references import secret_id
from adapters.http.replies import Reply, json_reply
from adapters.http.secret_structs import metadata
from application.audit import list_unread, read_activity
from application.audit.list_most_read import ListMostRead
from application.audit.list_unread import ListUnread
from application.audit.read_activity import ReadActivity
from domain.secrets.listing import DEFAULT_LIMIT

AnyRequest = Request[Any, Any, Any]


@get("/api/secrets/{reference:str}/activity")
async def read_activity_of(request: AnyRequest, reference: FromPath[str]) -> Reply:
    """Get how a secret was used, and by whom."""
    query = Query(request)
    days = _number(query, "days", read_activity.DEFAULT_DAYS)
    query.finish()
    command = ReadActivity(reference=secret_id(reference), days=days)
    return json_reply(activity(await backend_of(request).run_apart(request, command)))


@get("/api/activity/most-read")
async def list_most_read(request: AnyRequest) -> Reply:
    """List the secrets that are read most."""
    query = Query(request)
    command = ListMostRead(
        days=_number(query, "days", read_activity.DEFAULT_DAYS),
        limit=_number(query, "limit", DEFAULT_LIMIT),
    )
    query.finish()
    found = await backend_of(request).run_apart(request, command)
    return json_reply([most_read(one) for one in found])


@get("/api/activity/unread")
async def list_unread_secrets(request: AnyRequest) -> Reply:
    """List secrets that nobody reads any more, without their values."""
    query = Query(request)
    command = ListUnread(
        days=_number(query, "days", list_unread.DEFAULT_DAYS),
        limit=_number(query, "limit", DEFAULT_LIMIT),
        after=_number(query, "after", 0),
    )
    query.finish()
    page = await backend_of(request).run_apart(request, command)
    more = len(page) == command.limit
    return json_reply(
        [metadata(secret) for secret in page],
        headers={"link": f'<{_next(command, page[-1].id)}>; rel="next"'} if more else {},
    )


def _number(query: Query, name: str, default: int) -> int:
    """Read a number that may be left out."""
    given = query.number(name)
    return default if given is None else given


def _next(asked: ListUnread, after: int) -> str:
    """Return the address of the next page."""
    fields = {"days": asked.days, "limit": asked.limit, "after": after}
    return f"/api/activity/unread?{urlencode(fields)}"


HANDLERS = [read_activity_of, list_most_read, list_unread_secrets]
