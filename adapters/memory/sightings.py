"""The audit log as those see it who follow it, in memory."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from adapters.memory.audit_tree import MemoryAuditTree
from adapters.memory.tables import Tables
from domain.access.action import Action
from domain.alerts.sighting import Sighting
from domain.audit.event import AuditEntry, Outcome
from domain.ports.sightings import Sightings


class MemorySightings(Sightings):
    """Goes through the entries."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables
        self._tree = MemoryAuditTree(tables)

    def size(self) -> int:
        """Return the number of the last entry, erased or not; 0 without one."""
        return self._tree.state().size

    def done(self, actions: Collection[Action], *, after: int, upto: int) -> Sequence[AuditEntry]:
        """Return the entries of actions that were done, in order."""
        return [
            entry
            for entry in self._entries(after, upto)
            if entry.event.outcome is Outcome.DONE and entry.event.action in actions
        ]

    def counted(self, *, after: int, upto: int) -> Sequence[Sighting]:
        """Return everything, counted by minute, caller, address, action and outcome."""
        everything = (_sighting(entry) for entry in self._entries(after, upto))
        return _counted(replace(found, uid=None, name=None) for found in everything)

    def first_readings(self, *, after: int, upto: int) -> Sequence[Sighting]:
        """Return readings by callers of secrets that the habits do not know them to have read."""
        known = self._tables.first_reads
        everything = (_sighting(entry) for entry in self._entries(after, upto))
        return _counted(
            found
            for found in everything
            if found.is_reading and found.uid and (found.principal, found.uid) not in known
        )

    def touching_decoys(self, *, after: int, upto: int) -> Sequence[Sighting]:
        """Return what was done about decoys, counted by secret besides, in the same order."""
        everything = (_sighting(entry) for entry in self._entries(after, upto))
        return _counted(found for found in everything if found.uid in self._tables.decoys)

    def _entries(self, after: int, upto: int) -> Sequence[AuditEntry]:
        """Return the entries of a stretch."""
        records = (self._tables.audit.get(number) for number in range(after + 1, upto + 1))
        return [found.entry for found in records if found is not None and found.entry is not None]


def _sighting(entry: AuditEntry) -> Sighting:
    """Return what one entry says."""
    event = entry.event
    return Sighting(
        minute=int(event.at.timestamp()) // 60,
        principal=event.principal,
        address=event.address,
        action=event.action,
        outcome=event.outcome,
        uid=event.subject.uid,
        name=event.subject.name,
        count=1,
        first=entry.number,
    )


def _counted(sightings: Iterable[Sighting]) -> Sequence[Sighting]:
    """Count together what has everything in common."""
    groups: dict[Sighting, Sighting] = {}
    for found in sightings:
        key = replace(found, name=None, count=0, first=0)
        groups[key] = _together(groups[key], found) if key in groups else found
    return sorted(groups.values(), key=lambda group: group.first)


def _together(one: Sighting, other: Sighting) -> Sighting:
    """Count two together, as a database does: of names that differ, the last in order."""
    names = [name for name in (one.name, other.name) if name is not None]
    return replace(one, count=one.count + other.count, name=max(names, default=None))
