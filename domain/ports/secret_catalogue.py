"""Looking over many secrets."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime

from domain.secrets.listing import Listing
from domain.secrets.reference import SecretId
from domain.secrets.secret import Secret


class SecretCatalogue(ABC):
    """Finds secrets by what they have in common, and remembers that they were read."""

    @abstractmethod
    def page(self, listing: Listing) -> Sequence[Secret]:
        """Return up to `limit` secrets that all filters fit, ordered by id."""

    @abstractmethod
    def deleted_before(self, moment: datetime, *, limit: int) -> Sequence[SecretId]:
        """Return up to `limit` secrets that were deleted before the moment, ordered by id."""

    @abstractmethod
    def note_read(self, secret_id: int, at: datetime) -> None:
        """Set when the value was last read; never backwards. No revision is counted."""
