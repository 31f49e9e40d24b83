"""Reading the URI of a key in a security module (RFC 7512)."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

from domain.errors import WrongRootKey

_PLACE = ("token", "serial", "object", "id", "type")
_QUERY = ("module-path", "pin-source")
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pkcs11Uri:
    """The token, the key on it, the library that speaks to it, and the file of its PIN."""

    text: str
    module: Path
    token: str | None
    serial: bytes | None
    label: str | None
    id: bytes | None
    pin_file: Path | None

    @classmethod
    def parse(cls, address: str) -> "Pkcs11Uri":
        """Read what stands behind `pkcs11:`.

        Raises:
            WrongRootKey: a part is unknown, given twice or missing, or the PIN itself is there.
        """
        place, _, query = address.partition("?")
        if "pin-value" in query:
            raise WrongRootKey(
                "the PIN does not belong into the settings; put it into a file and name that with"
                " pin-source=file:/path"
            )
        path, options = _read(place, ";", _PLACE), _read(query, "&", _QUERY)
        if not options.get("module-path", b"").startswith(b"/"):
            raise WrongRootKey(
                "'pkcs11:' needs ?module-path=/path/to/the/library.so of the security module"
            )
        if path.get("type", b"secret-key") != b"secret-key":
            raise WrongRootKey("'pkcs11:' takes a key of type=secret-key")
        if not {"token", "serial"} & path.keys() or not {"object", "id"} & path.keys():
            raise WrongRootKey("'pkcs11:' has to name a token= and an object= on it")
        return cls(
            text=address,
            module=Path(_text(options["module-path"])),
            token=_text(path["token"]) if "token" in path else None,
            serial=path.get("serial"),
            label=_text(path["object"]) if "object" in path else None,
            id=path.get("id"),
            pin_file=_pin_file(options),
        )


def _read(text: str, separator: str, known: tuple[str, ...]) -> dict[str, bytes]:
    """Read `name=value` pairs, the values percent-encoded."""
    found: dict[str, bytes] = {}
    for part in text.split(separator) if text else ():
        name, equals, value = part.partition("=")
        if name not in known or not equals or name in found or _ESCAPE.search(value):
            raise WrongRootKey(
                f"'pkcs11:' has a part that is unknown, malformed or given twice; known are"
                f" {', '.join(_PLACE)} and behind the question mark {', '.join(_QUERY)}"
            )
        found[name] = unquote_to_bytes(value)
    return found


def _pin_file(options: dict[str, bytes]) -> Path | None:
    """Return the file of the PIN. RFC 7512 also knows commands, which are not run here."""
    if "pin-source" not in options:
        return None
    source = _text(options["pin-source"]).removeprefix("file:")
    if not source.startswith("/"):
        raise WrongRootKey("pin-source has to be of the form file:/path")
    return Path(source)


def _text(value: bytes) -> str:
    """Return a value that has to be text."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise WrongRootKey("'pkcs11:' has a part that is not text in UTF-8") from None
