"""Looking at how secrets are used."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import date, datetime

from domain.access.name_filter import NameFilter
from domain.audit.activity import Activity, MostRead
from domain.secrets.secret import Secret


class ActivityReports(ABC):
    """Answers questions about the counts of the ledger, and about when secrets were last read."""

    @abstractmethod
    def of(self, uid: bytes, *, since: date) -> Sequence[Activity]:
        """Return the counts of one secret since a day, by day and principal."""

    @abstractmethod
    def most_read(self, names: NameFilter, *, since: date, limit: int) -> Sequence[MostRead]:
        """Return up to `limit` living secrets that were read since a day, the most read first.

        Those that were read as often are ordered by id.
        """

    @abstractmethod
    def unread(
        self, names: NameFilter, *, since: datetime, after: int, limit: int
    ) -> Sequence[Secret]:
        """Return up to `limit` living secrets that nobody read since a moment, ordered by id.

        Those that did not exist then are not among them. `after` is the id to begin behind.
        """
