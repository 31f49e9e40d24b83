"""Reading ids, versions and names out of the path as it was sent."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from litestar import Request

from adapters.http.paths import NAME_PREFIX
from domain.errors import InvalidInput, NotFound
from domain.secrets.name import fault
from domain.secrets.reference import ByName, SecretId

VERB = "/decrypt"

_NUMBER = re.compile(r"[0-9]{1,19}", re.ASCII)


def secret_id(text: str) -> SecretId:
    """Read an id.

    Raises:
        NotFound: the text is no number that an id can be.
    """
    if not _NUMBER.fullmatch(text):
        raise NotFound
    return SecretId(int(text))


def version_number(text: str) -> int:
    """Read a version.

    Raises:
        NotFound: the text is no number.
    """
    if not _NUMBER.fullmatch(text):
        raise NotFound("version")
    return int(text)


@dataclass(frozen=True, slots=True)
class NamedCall:
    """What a call by name asks for: which secret, and whether its value."""

    reference: ByName
    reveals: bool


def named_call(request: Request[Any, Any, Any]) -> NamedCall:
    """Read a name from the path as it was sent, before anybody normalised it.

    A literal `/decrypt` at the end is the verb. A name that itself ends so is written with its
    last slash encoded (`%2Fdecrypt`), and then it is not the verb.

    Raises:
        NotFound: the path was sent in a form that only looks like ours after decoding.
        InvalidInput: the name is not UTF-8.
    """
    raw = request.scope["raw_path"].decode("ascii", "replace")
    if not raw.startswith(NAME_PREFIX):
        raise NotFound("page")
    encoded = raw[len(NAME_PREFIX) :]
    name = encoded.removesuffix(VERB)
    try:
        text = unquote_to_bytes(name).decode()
    except UnicodeDecodeError:
        raise InvalidInput("name", "must be percent-encoded UTF-8") from None
    return NamedCall(reference=ByName(text), reveals=name != encoded)


def absent(reference: ByName, error: NotFound) -> NotFound | InvalidInput:
    """Return the error for a name that is not there, or not to be seen.

    A name that today's rule refuses may still be there, taken over from an earlier backend. So
    the rule speaks only after the search, and in the same way for what is hidden. It has nothing
    to say of a secret that was found and only lacks the version.
    """
    reason = fault(reference.text)
    if reason is None or error.what != "secret":
        return error
    return InvalidInput("name", reason)
