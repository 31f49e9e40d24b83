"""How a caller names a secret: by id or by name."""

from dataclasses import dataclass

from domain.errors import NotFound
from domain.secrets.name import MAX_LENGTH, SecretName
from domain.secrets.secret import MAX_ID
from domain.text import has_lone_surrogate


@dataclass(frozen=True, slots=True)
class SecretId:
    """A reference by number.

    Raises:
        NotFound: the number fits no id, so no secret can have it.
    """

    number: int

    def __post_init__(self) -> None:
        """Refuse a number that the column cannot hold."""
        if not 1 <= self.number <= MAX_ID:
            raise NotFound

    def __str__(self) -> str:
        """Return the number as the audit log shows it."""
        return f"id {self.number}"


@dataclass(frozen=True, slots=True)
class ByName:
    """A reference by name, compared exactly.

    The text may break today's rule, because a store taken over may hold such a name.
    It must be short enough and writable as UTF-8.

    Raises:
        InvalidInput: the text could not be stored under any rule.
    """

    text: str

    def __post_init__(self) -> None:
        """Refuse what no store can hold."""
        if not 1 <= len(self.text) <= MAX_LENGTH or has_lone_surrogate(self.text):
            SecretName(self.text)

    def __str__(self) -> str:
        """Return the name as the audit log shows it."""
        return self.text


Reference = SecretId | ByName
