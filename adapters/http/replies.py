"""Answers: a body that is ready to be sent, with the headers that belong to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from domain.secrets.secret import Secret

_encode = msgspec.json.Encoder().encode

JSON = b"application/json"

Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it goes out. Nothing we answer is for a cache to keep."""

    body: bytes
    media_type: bytes = JSON
    status: int = 200
    more: Headers = ()

    @property
    def headers(self) -> Headers:
        """Return all of its headers. One without a kind has no body (RFC 9110, section 15.3.5)."""
        kept = (b"cache-control", b"no-store")
        if not self.media_type:
            return (kept, *self.more)
        length = (b"content-length", b"%d" % len(self.body))
        return ((b"content-type", self.media_type), length, kept, *self.more)


def json_reply(body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """Return an answer with a JSON body."""
    more = tuple((name.encode(), text.encode()) for name, text in (headers or {}).items())
    return Reply(_encode(body), status=status, more=more)


def etag(secret: Secret) -> dict[str, str]:
    """Return the header that names this revision, for `If-Match` (RFC 9110, section 8.8.3)."""
    return {"etag": f'"{secret.revision}"'}
