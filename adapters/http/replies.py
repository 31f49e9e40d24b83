"""Answers: JSON that is encoded once, with the headers that belong to it."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Response

from domain.secrets.secret import Secret

_encode = msgspec.json.Encoder().encode

NO_STORE = {"cache-control": "no-store"}


def json_reply(
    body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response[bytes]:
    """Return an answer with a JSON body. Nothing we answer is for a cache to keep."""
    return Response(
        _encode(body),
        status_code=status,
        media_type="application/json",
        headers={**NO_STORE, **(headers or {})},
    )


def etag(secret: Secret) -> dict[str, str]:
    """Return the header that names this revision, for `If-Match` (RFC 9110, section 8.8.3)."""
    return {"etag": f'"{secret.revision}"'}
