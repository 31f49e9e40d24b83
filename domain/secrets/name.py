"""The name of a secret: one canonical form, decided once, where the name enters."""

import unicodedata
from dataclasses import dataclass

from domain.errors import InvalidInput
from domain.text import has_invisible, has_lone_surrogate

MAX_LENGTH = 255
"""Characters (Unicode code points), as the `VARCHAR(255)` of the table."""


@dataclass(frozen=True, slots=True)
class SecretName:
    """A name that keeps the rule: what a policy matches is what is stored.

    Raises:
        InvalidInput: the text breaks the rule; the reason says which part of it.
    """

    text: str

    def __post_init__(self) -> None:
        """Refuse a text that breaks the rule."""
        reason = fault(self.text)
        if reason is not None:
            raise InvalidInput("name", reason)

    def __str__(self) -> str:
        """Return the bare text."""
        return self.text


def fault(text: str) -> str | None:
    """Say which part of the rule the text breaks, or `None` when it keeps it."""
    if not 1 <= len(text) <= MAX_LENGTH:
        return f"must have 1 to {MAX_LENGTH} characters"
    if has_lone_surrogate(text):
        return "must be valid Unicode"
    if has_invisible(text):
        return "must not contain control or invisible characters"
    if unicodedata.normalize("NFC", text) != text:
        return "must be in Unicode normalisation form C"
    return _segment_fault(text)


def _segment_fault(text: str) -> str | None:
    """Say what is wrong with the blanks and slashes of a printable text."""
    if text[0].isspace() or text[-1].isspace():
        return "must not begin or end with a blank"
    if text[0] == "/" or text[-1] == "/":
        return "must not begin or end with a slash"
    if not {"", ".", ".."}.isdisjoint(text.split("/")):
        return "must not have an empty, '.' or '..' segment between slashes"
    return None
