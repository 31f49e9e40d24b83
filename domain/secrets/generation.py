"""Values that the server makes up: how long, out of which characters."""

import string
from dataclasses import dataclass

from domain.errors import InvalidInput

ALPHABETS = {
    "alphanumeric": string.ascii_letters + string.digits,
    "lowercase": string.ascii_lowercase + string.digits,
    "digits": string.digits,
    "hex": "0123456789abcdef",
    "base64url": string.ascii_letters + string.digits + "-_",
    "printable": string.ascii_letters + string.digits + "!#$%&()*+,-./:;<=>?@[]^_{|}~",
}
"""The characters of each alphabet; `printable` leaves out quotes, backslash and backtick."""

MIN_LENGTH = 8
MAX_LENGTH = 1024
DEFAULT_LENGTH = 32
DEFAULT_ALPHABET = "alphanumeric"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What to generate: `length` characters, each drawn evenly from the alphabet.

    Raises:
        InvalidInput: the length lies outside its bounds or the alphabet is unknown.
    """

    length: int = DEFAULT_LENGTH
    alphabet: str = DEFAULT_ALPHABET

    def __post_init__(self) -> None:
        """Refuse a recipe that cannot be followed or is too weak to be a secret."""
        if not MIN_LENGTH <= self.length <= MAX_LENGTH:
            raise InvalidInput("generate", f"length must lie in {MIN_LENGTH} to {MAX_LENGTH}")
        if self.alphabet not in ALPHABETS:
            raise InvalidInput("generate", f"alphabet must be one of {', '.join(ALPHABETS)}")

    @property
    def characters(self) -> str:
        """Return the characters to draw from."""
        return ALPHABETS[self.alphabet]
