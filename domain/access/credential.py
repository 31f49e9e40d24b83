"""What a caller shows to be known: a token, as text."""

import re
import zlib
from dataclasses import dataclass, field
from typing import NoReturn

PREFIX = "srt_"
RANDOM_BYTES = 32

NOTHING_SHOWN = "no token is shown, or none that could be one"
"""What the audit log says of a caller who shows nothing that could be looked up."""

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BODY = 43
"""Digits to the base 62 that 256 bits need."""
_CHECK = 6
"""Digits to the base 62 that the 32 bits of the checksum need."""
_FORM = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{_BODY + _CHECK}}}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Credential:
    """A token as it was shown; whether anybody holds it is another question."""

    text: str = field(repr=False)
    is_well_formed: bool = field(init=False, repr=False, compare=False)
    """Whether the text can be a token at all: no secret is needed to know that."""

    def __post_init__(self) -> None:
        """Look at the form once."""
        object.__setattr__(self, "is_well_formed", _is_well_formed(self.text))

    def __reduce__(self) -> NoReturn:
        """Refuse to be written anywhere."""
        raise TypeError("a credential is not written down")

    @classmethod
    def minted(cls, random: bytes) -> "Credential":
        """Return a new token made of 32 random bytes.

        The prefix and the CRC-32 at the end let a scanner tell a token in a file from a word.
        """
        if len(random) != RANDOM_BYTES:
            raise ValueError("a token is made of 32 random bytes")
        body = _base62(int.from_bytes(random, "big"), _BODY)
        return cls(f"{PREFIX}{body}{_checksum(body)}")

    @property
    def hint(self) -> str:
        """Return its beginning, by which people tell tokens apart; 24 of 256 bits."""
        return self.text[: len(PREFIX) + 4]

    def reveal(self) -> str:
        """Return the text."""
        return self.text


def _is_well_formed(text: str) -> bool:
    """Tell whether a text has the form and the checksum of a token."""
    if not _FORM.fullmatch(text):
        return False
    return _checksum(text[len(PREFIX) : -_CHECK]) == text[-_CHECK:]


def _checksum(body: str) -> str:
    """Return the CRC-32 of the random part."""
    return _base62(zlib.crc32(body.encode("ascii")), _CHECK)


def _base62(number: int, digits: int) -> str:
    """Write a number with a fixed count of digits."""
    text = ""
    for _ in range(digits):
        number, digit = divmod(number, 62)
        text = _DIGITS[digit] + text
    return text
