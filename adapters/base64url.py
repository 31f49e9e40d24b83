"""Base64url (RFC 4648, section 5) with padding, in canonical form only."""

import base64
import binascii


def encode(data: bytes) -> str:
    """Return the text of the data."""
    return base64.urlsafe_b64encode(data).decode("ascii")


def decode(text: str) -> bytes:
    """Return the data of the text.

    The standard decoder skips strange characters and stray bits, so that many texts would stand
    for one token; comparing with the encoding of the result leaves exactly one.

    Raises:
        ValueError: the text is not the canonical encoding of anything.
    """
    try:
        data = base64.urlsafe_b64decode(text)
    except (binascii.Error, ValueError) as error:
        raise ValueError("not base64url") from error
    if encode(data) != text:
        raise ValueError("not canonical base64url")
    return data
