"""Answering `HEAD` as `GET` without the body (RFC 9110, section 9.3.2).

Reading a value is the exception. Whoever asks by `HEAD` gets none, so nothing is to be decrypted,
dated as read and written into the audit log as read: the answer is a 405.
"""

from typing import Any

from litestar.types import Message, Send

from adapters.http.references import VERB
from adapters.http.refusals import HttpRefusal

HEAD = "strongroom.head"
"""The mark of a request that came as `HEAD`."""


def as_get(scope: Any, send: Send) -> Send:
    """Have a `HEAD` handled as a `GET`, and return where the answer goes, without its body.

    Whatever comes by another method goes its way as it is.
    """
    if scope["method"] != "HEAD":
        return send
    scope["method"] = "GET"
    scope[HEAD] = True

    async def send_head(message: Message) -> None:
        if message["type"] == "http.response.body":
            message["body"] = b""
        await send(message)

    return send_head


def refuse_head(scope: Any) -> None:
    """Stop before a value is read for nobody.

    Raises:
        HttpRefusal: the request came as `HEAD`.
    """
    if HEAD in scope:
        raise HttpRefusal(405, "a value is read with GET only", ((b"allow", b"GET, OPTIONS"),))


def with_head(allow: str, raw_path: bytes) -> str:
    """Return the methods of an address, with `HEAD` where it is answered."""
    names = {name.strip() for name in allow.split(",")}
    if "GET" in names and not raw_path.endswith(VERB.encode()):
        names.add("HEAD")
    return ", ".join(sorted(names))
