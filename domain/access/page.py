"""How much of a list is asked for at once."""

from dataclasses import dataclass

from domain.errors import InvalidInput
from domain.secrets.listing import DEFAULT_LIMIT, MAX_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The size of a page.

    Raises:
        InvalidInput: it lies outside its bounds.
    """

    limit: int = DEFAULT_LIMIT

    def __post_init__(self) -> None:
        """Refuse what no store should answer."""
        if not 1 <= self.limit <= MAX_LIMIT:
            raise InvalidInput("limit", f"must lie between 1 and {MAX_LIMIT}")
