"""Looking over many secrets."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime

from domain.secrets.listing import Listing
from domain.secrets.reference import SecretId
from domain.secrets.secret import Secret
from domain.secrets.summary import SecretSummary


class SecretCatalogue(ABC):
    """Finds secrets by what they have in common, and remembers that they were read."""

    @abstractmethod
    def summaries(self, listing: Listing) -> Sequence[SecretSummary]:
        """Return what is told of the secrets that `page` returns, without reading their values."""

    @abstractmethod
    def page(self, listing: Listing) -> Sequence[Secret]:
        """Return up to `limit` secrets that all filters fit, ordered by id, each as a whole."""

    @abstractmethod
    def deleted_before(self, moment: datetime, *, limit: int) -> Sequence[SecretId]:
        """Return up to `limit` secrets that were deleted before the moment, ordered by id."""

    @abstractmethod
    def note_read(self, secret_id: int, at: datetime) -> None:
        """Set when the value was last read; never backwards. No revision is counted."""
