"""What the framework does with an exception: a problem document, and a log entry for ours."""

from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException

from adapters.http.heads import with_head
from adapters.http.problems import HTTP_KINDS, SERVER_ERROR, Problem, describe, encode, kind_of
from adapters.http.problems import problem as write_problem
from adapters.http.refusals import HttpRefusal

_log = structlog.get_logger("strongroom.http")

UNAUTHORIZED = 401

UNREAD = frozenset({408, 413})
"""Statuses that come before the body has been read."""

_DETAILS = {
    404: "no such page; /docs lists what there is",
    405: "this address does not take this method",
    413: "the body is larger than this server takes",
}


def on_refusal(request: Request[Any, Any, Any], error: HttpRefusal) -> Response[bytes]:
    """Answer a refusal of ours."""
    document = write_problem(HTTP_KINDS[error.status], error.detail, request_id=_id_of(request))
    return _answer(document, {name.decode(): value.decode() for name, value in error.headers})


def on_http_exception(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """Answer what the framework raises by itself, in our words: its own may repeat input."""
    kind = HTTP_KINDS.get(error.status_code)
    if kind is None:
        return on_error(request, error)
    detail = _DETAILS.get(error.status_code, "the request cannot be read")
    raw_path = request.scope["raw_path"]
    headers = {
        name: with_head(value, raw_path) if name.lower() == "allow" else value
        for name, value in (error.headers or {}).items()
    }
    return _answer(write_problem(kind, detail, request_id=_id_of(request)), headers)


def on_error(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer an error of the inside, and log what is not the caller's to mend.

    An exception's text may hold a value, so for those that are not ours only the type and the
    places in the code are logged.
    """
    document = describe(error, request_id=_id_of(request))
    if document.status >= SERVER_ERROR:
        concealed = kind_of(error).conceals
        _log.error(
            "failed",
            request_id=document.request_id,
            error=type(error).__name__,
            cause=type(error.__cause__).__name__ if error.__cause__ else None,
            detail=None if concealed else str(error),
            places=_places(error) if concealed else None,
        )
    challenge = {"www-authenticate": 'Bearer realm="strongroom"'}
    return _answer(document, challenge if document.status == UNAUTHORIZED else None)


def _answer(document: Problem, headers: dict[str, str] | None = None) -> Response[bytes]:
    """Return the document as an answer.

    Where the body was not read to its end, the connection cannot go on, and the client is told.
    """
    ends = {"connection": "close"} if document.status in UNREAD else {}
    return Response(
        encode(document),
        status_code=document.status,
        media_type="application/problem+json",
        headers={"cache-control": "no-store", **ends, **(headers or {})},
    )


def _id_of(request: Request[Any, Any, Any]) -> str | None:
    """Return the id of the request."""
    found: str | None = request.scope.get("strongroom.request_id")  # type: ignore[assignment]
    return found


def _places(error: BaseException) -> list[str]:
    """Return where in the code it happened: files, lines and functions, never what they held."""
    places = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places
