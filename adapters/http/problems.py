"""Errors as problem documents (RFC 9457): the one table of status codes."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from adapters.tracing.step import trace_id
from domain import errors


class FieldError(msgspec.Struct, kw_only=True):
    """What is wrong with one field."""

    field: str
    reason: str


class Problem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A problem document."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError] | None = None
    request_id: str | None = None
    trace_id: str | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its status code, the end of its type URI, and its title."""

    status: int
    slug: str
    title: str
    conceals: bool = False
    """Whether the error's own words stay inside."""


TABLE: Mapping[type[BaseException], Kind] = {
    errors.InvalidInput: Kind(400, "invalid-input", "Invalid input"),
    errors.NameTaken: Kind(400, "name-taken", "The name is taken"),
    errors.AlreadyThere: Kind(400, "already-there", "There is one already"),
    errors.RoleInUse: Kind(400, "role-in-use", "The role is in use"),
    errors.Unauthenticated: Kind(401, "unauthenticated", "A credential is needed"),
    errors.Denied: Kind(403, "denied", "Not allowed"),
    errors.Expired: Kind(403, "expired", "The secret has expired"),
    errors.NotFound: Kind(404, "not-found", "Not found"),
    errors.TooMuchAtOnce: Kind(413, "too-much-at-once", "Too much for one answer"),
    errors.KeyNeeded: Kind(400, "key-needed", "The key is still needed"),
    errors.CannotRotate: Kind(400, "cannot-rotate", "The root key cannot be replaced there"),
    errors.LostRace: Kind(412, "lost-race", "Somebody else was first"),
    errors.SealBroken: Kind(500, "seal-broken", "The stored value does not open"),
    errors.UnknownFormat: Kind(500, "seal-broken", "The stored value does not open"),
    errors.KeyUnavailable: Kind(500, "key-unavailable", "The key of the value is not available"),
    errors.WrongRootKey: Kind(500, "wrong-root-key", "The root key does not fit"),
    errors.AuditUnavailable: Kind(503, "audit-unavailable", "The audit log cannot be written"),
    errors.Unavailable: Kind(503, "unavailable", "Not available now"),
    errors.CallerError: Kind(400, "invalid-input", "Invalid input"),
    errors.NotAllowed: Kind(403, "denied", "Not allowed"),
}
"""The most special kind that fits counts; whatever is not here is an internal error."""

INTERNAL = Kind(500, "internal", "Internal error", conceals=True)

HTTP_KINDS: Mapping[int, Kind] = {
    400: Kind(400, "bad-request", "Bad request"),
    403: Kind(403, "foreign-origin", "Refused in local mode"),
    404: Kind(404, "not-found", "Not found"),
    405: Kind(405, "method-not-allowed", "Method not allowed"),
    406: Kind(406, "not-acceptable", "Not acceptable"),
    408: Kind(408, "too-slow", "The body took too long"),
    413: Kind(413, "too-large", "The body is too large"),
    415: Kind(415, "unsupported-media-type", "Unsupported media type"),
    429: Kind(429, "too-many-requests", "Too many requests"),
    503: Kind(503, "unavailable", "Not available now"),
}
"""Problems of HTTP itself, by status code."""

SERVER_ERROR = 500

_encode = msgspec.json.Encoder().encode


def kind_of(error: BaseException) -> Kind:
    """Return the kind of an error that the inside raised."""
    return next((TABLE[cls] for cls in type(error).__mro__ if cls in TABLE), INTERNAL)


def describe(error: BaseException, *, request_id: str | None = None) -> Problem:
    """Turn an error into its document; a stranger's words stay inside."""
    kind = kind_of(error)
    detail = str(error)
    if kind.conceals:
        detail = "something went wrong inside; the log has more under this request id"
    fields = None
    if isinstance(error, errors.InvalidInput):
        fields = [FieldError(field=error.field, reason=error.reason)]
    return problem(kind, detail, errors=fields, request_id=request_id)


def problem(
    kind: Kind,
    detail: str,
    *,
    errors: list[FieldError] | None = None,
    request_id: str | None = None,
) -> Problem:
    """Write out a problem of a kind."""
    return Problem(
        type=f"urn:strongroom:problem:{kind.slug}",
        title=kind.title,
        status=kind.status,
        detail=detail,
        errors=errors,
        request_id=request_id,
        trace_id=trace_id(),
    )


def encode(document: Problem) -> bytes:
    """Return the JSON of a document."""
    return _encode(document)
