"""The routes of the audit log. They run on a thread: a search may go through many entries."""

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import Request, get

from adapters.http.audit_structs import checkpoint, line, proof
from adapters.http.backend import backend_of
from adapters.http.queries import Query
from adapters.http.replies import Reply, json_reply
from application.audit.list_entries import ListEntries
from application.audit.prove import ConsistencyOf, InclusionOf, Prove
from application.audit.read_checkpoint import ReadCheckpoint
from domain.access.action import Action
from domain.audit.encoding import moment
from domain.audit.event import Outcome
from domain.audit.query import DEFAULT_LIMIT, AuditQuery
from domain.errors import InvalidInput
from domain.secrets.name import MAX_LENGTH
from domain.secrets.secret import MAX_ID

AnyRequest = Request[Any, Any, Any]

_UID = re.compile(r"[0-9a-f]{32}", re.ASCII)


@get("/api/audit")
async def list_entries(request: AnyRequest) -> Reply:
    """List entries of the audit log, each exactly as it is hashed."""
    query = Query(request)
    limit = query.number("limit")
    asked = AuditQuery(
        after=query.number("after") or 0,
        limit=DEFAULT_LIMIT if limit is None else limit,
        newest=query.flag("newest") or False,
        name=_text(query, "secret"),
        uid=_uid(query),
        caller=_text(query, "caller"),
        action=query.word("action", Action),
        outcome=query.word("outcome", Outcome),
        since=_moment(query, "from"),
        until=_moment(query, "to"),
    )
    query.finish()
    page = await backend_of(request).run_apart(request, ListEntries(query=asked))
    more = len(page) == asked.limit and not asked.newest
    return json_reply(
        [line(record) for record in page],
        headers={"link": f'<{_next(asked, page[-1].number)}>; rel="next"'} if more else {},
    )


@get("/api/audit/checkpoint")
async def read_checkpoint(request: AnyRequest) -> Reply:
    """Get the newest checkpoint, or the first that covers `size` entries."""
    query = Query(request)
    size = _count(query, "size")
    query.finish()
    found = await backend_of(request).run_apart(request, ReadCheckpoint(size=size))
    return json_reply(checkpoint(found))


@get("/api/audit/proof/inclusion")
async def prove_inclusion(request: AnyRequest) -> Reply:
    """Prove that an entry is in the log."""
    query = Query(request)
    claim = InclusionOf(number=_needed(query, "number"), size=_count(query, "size"))
    query.finish()
    return json_reply(proof(await backend_of(request).run_apart(request, Prove(of=claim))))


@get("/api/audit/proof/consistency")
async def prove_consistency(request: AnyRequest) -> Reply:
    """Prove that the log of one size is the beginning of that of another."""
    query = Query(request)
    claim = ConsistencyOf(first=_needed(query, "first"), second=_count(query, "second"))
    query.finish()
    return json_reply(proof(await backend_of(request).run_apart(request, Prove(of=claim))))


def _count(query: Query, name: str) -> int | None:
    """Read a number of entries."""
    number = query.number(name)
    if number is not None and not 1 <= number <= MAX_ID:
        raise InvalidInput(name, f"must be 1 to {MAX_ID}")
    return number


def _needed(query: Query, name: str) -> int:
    """Read a number that must be there."""
    number = _count(query, name)
    if number is None:
        raise InvalidInput(name, "must be given")
    return number


def _text(query: Query, name: str) -> str | None:
    """Read a text that an entry may hold."""
    text = query.text(name)
    if text is not None and (len(text) > MAX_LENGTH or "\x00" in text):
        raise InvalidInput(name, f"must have at most {MAX_LENGTH} characters and no NUL")
    return text


def _uid(query: Query) -> bytes | None:
    """Read the permanent id of a secret."""
    text = query.text("uid")
    if text is not None and not _UID.fullmatch(text):
        raise InvalidInput("uid", "must be 32 hexadecimal digits in lower case")
    return None if text is None else bytes.fromhex(text)


def _moment(query: Query, name: str) -> datetime | None:
    """Read a moment (RFC 3339)."""
    text = query.text(name)
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
        moment(found)
    except (ValueError, OverflowError):
        found = None
    if found is None or found.tzinfo is None:
        raise InvalidInput(name, "must be a time with a zone, for example 2030-01-31T12:00:00Z")
    return found


def _next(asked: AuditQuery, after: int) -> str:
    """Return the address of the next page: the same filters behind the last number of this one."""
    fields: dict[str, object] = {
        "limit": asked.limit,
        "after": after,
        "secret": asked.name,
        "uid": None if asked.uid is None else asked.uid.hex(),
        "caller": asked.caller,
        "action": asked.action and asked.action.value,
        "outcome": asked.outcome and asked.outcome.value,
        "from": asked.since and moment(asked.since),
        "to": asked.until and moment(asked.until),
    }
    given = {name: value for name, value in fields.items() if value is not None}
    return f"/api/audit?{urlencode(given)}"


HANDLERS = [list_entries, read_checkpoint, prove_inclusion, prove_consistency]
