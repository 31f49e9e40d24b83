"""The value of a secret: text that does not show itself by accident."""

from typing import NoReturn, final

from domain.errors import InvalidInput
from domain.text import has_lone_surrogate

MAX_BYTES = 64 * 1024
"""The default bound on a value, in bytes of UTF-8."""

MAX_BYTES_CEILING = 1024 * 1024
"""The largest bound that a setting may choose, in bytes of UTF-8."""


@final
class SecretValue:
    """A secret text. `repr`, `str`, formatting and pickling never show it; `reveal` does."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """Hold the text as it is. `accept` is the way in for what a caller sent."""
        self._text = text

    @classmethod
    def accept(cls, text: str, *, max_bytes: int = MAX_BYTES) -> "SecretValue":
        """Take a value that a caller sent.

        Raises:
            InvalidInput: it is empty, not valid Unicode, or longer than `max_bytes` of UTF-8.
        """
        if not text:
            raise InvalidInput("value", "must not be empty")
        if has_lone_surrogate(text):
            raise InvalidInput("value", "must be valid Unicode")
        if len(text) > max_bytes or len(text.encode()) > max_bytes:
            raise InvalidInput("value", f"must not be longer than {max_bytes} bytes of UTF-8")
        return cls(text)

    def reveal(self) -> str:
        """Return the text. The caller must have recorded the reading before it passes it on."""
        return self._text

    def __eq__(self, other: object) -> bool:
        """Compare by text."""
        return isinstance(other, SecretValue) and other._text == self._text

    def __hash__(self) -> int:
        """Hash by text."""
        return hash(self._text)

    def __repr__(self) -> str:
        """Show that there is a value, and nothing of it."""
        return "SecretValue(redacted)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        """Refuse pickling and copying by way of it.

        Raises:
            TypeError: always.
        """
        raise TypeError("a secret value refuses to be pickled")
