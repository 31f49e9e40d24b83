"""How much secrets are used, in memory."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from adapters.memory.tables import Tables
from domain.access.name_filter import NameFilter
from domain.audit.activity import Activity, MostRead, activity_of, key_of, summed
from domain.ports.activity_ledger import ActivityLedger
from domain.ports.activity_reports import ActivityReports
from domain.secrets.secret import Secret


class MemoryActivityLedger(ActivityLedger):
    """Keeps counts by secret, day and principal."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def counted(self, *, after: int, upto: int) -> Sequence[Activity]:
        """Return what entries of the audit log amount to."""
        records = (self._tables.audit[n] for n in self._tables.audit if after < n <= upto)
        entries = (record.entry for record in records if record.entry is not None)
        found = (activity_of(entry.event) for entry in entries)
        return summed(activity for activity in found if activity is not None)

    def add(self, activities: Iterable[Activity]) -> None:
        """Add to the counts."""
        for activity in activities:
            before = self._tables.activity.get(key_of(activity))
            self._tables.activity.put(
                key_of(activity), activity if before is None else before.plus(activity)
            )

    def forget(self, *, before: date) -> int:
        """Erase the counts of the days before one."""
        old = [key for key, row in self._tables.activity.items() if row.day < before]
        for key in old:
            self._tables.activity.drop(key)
        return len(old)


class MemoryActivityReports(ActivityReports):
    """Goes through all counts."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def of(self, uid: bytes, *, since: date) -> Sequence[Activity]:
        """Return the counts of one secret."""
        return [row for row in self._since(since) if row.uid == uid]

    def most_read(self, names: NameFilter, *, since: date, limit: int) -> Sequence[MostRead]:
        """Return the secrets that were read most."""
        reads: defaultdict[bytes, list[Activity]] = defaultdict(list)
        for row in self._since(since):
            if row.reads:
                reads[row.uid].append(row)
        found = [
            MostRead(
                id=secret.id,
                name=secret.name,
                reads=sum(row.reads for row in reads[secret.uid]),
                readers=len({row.principal for row in reads[secret.uid]}),
                last_read_at=secret.last_read_at,
            )
            for secret in self._living(names)
            if secret.uid in reads
        ]
        return sorted(found, key=lambda one: (-one.reads, one.id))[:limit]

    def unread(
        self, names: NameFilter, *, since: datetime, after: int, limit: int
    ) -> Sequence[Secret]:
        """Return secrets that nobody read."""
        return [
            secret
            for secret in self._living(names)
            if secret.id > after
            and secret.created_at < since
            and (secret.last_read_at is None or secret.last_read_at < since)
        ][:limit]

    def _since(self, day: date) -> list[Activity]:
        """Return the counts since a day in their order."""
        table = self._tables.activity
        return [table[key] for key in sorted(table) if table[key].day >= day]

    def _living(self, names: NameFilter) -> list[Secret]:
        """Return the living secrets that the filter lets through, by id."""
        table = self._tables.secrets
        living = (table[key] for key in sorted(table) if table[key].deleted_at is None)
        return [secret for secret in living if names.admits(secret.name)]
