"""The audit log as those see it who follow it, in SQL."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Row,
    Select,
    bindparam,
    cast,
    exists,
    extract,
    func,
    null,
    select,
)

from adapters.sql.alert_tables import decoys, first_reads
from adapters.sql.audit_log import UNREADABLE
from adapters.sql.audit_rows import to_record
from adapters.sql.audit_tables import audit_entries, audit_tree
from domain.access.action import Action
from domain.access.caller import INSIDE
from domain.alerts.sighting import Sighting
from domain.audit.event import AuditEntry, Outcome
from domain.ports.sightings import Sightings

_c = audit_entries.c
_SIZE = select(audit_tree.c.size).where(audit_tree.c.id == 1)
_STRETCH = (_c.id > bindparam("after"), _c.id <= bindparam("upto"))
_DONE = (
    select(audit_entries)
    .where(
        *_STRETCH,
        _c.outcome == Outcome.DONE.value,
        _c.action.in_(bindparam("actions", expanding=True)),
    )
    .order_by(_c.id)
)
# Whole seconds since 1970 in both databases; a fraction may round up, into the next minute.
_MINUTE = (cast(extract("epoch", _c.at), BigInteger) // 60).label("minute")
_FIRST = func.min(_c.id).label("first")
_KEY = (_MINUTE, _c.principal, _c.address, _c.action, _c.outcome)
_NUMBERS = (func.count().label("times"), _FIRST)
_NAME = func.max(_c.secret_name).label("name")
_COUNTED = (
    select(*_KEY, null().label("secret_uid"), null().label("name"), *_NUMBERS)
    .where(*_STRETCH)
    .group_by(*_KEY)
    .order_by(_FIRST)
)
_BY_SECRET = (
    select(*_KEY, _c.secret_uid, _NAME, *_NUMBERS)
    .where(*_STRETCH)
    .group_by(*_KEY, _c.secret_uid)
    .order_by(_FIRST)
)
_FIRST_READINGS = _BY_SECRET.where(
    _c.action == Action.REVEAL.value,
    _c.outcome == Outcome.DONE.value,
    _c.address != INSIDE,
    _c.secret_uid.is_not(None),
    ~exists().where(
        first_reads.c.principal == _c.principal, first_reads.c.secret_uid == _c.secret_uid
    ),
)
_TOUCHING = _BY_SECRET.where(_c.secret_uid.in_(select(decoys.c.secret_uid)))


class SqlSightings(Sightings):
    """Has the database pass over what is not asked for: most entries are readings."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection

    def size(self) -> int:
        """Return the number of the last entry, erased or not; 0 without one."""
        return self._connection.execute(_SIZE).scalar_one_or_none() or 0

    def done(self, actions: Collection[Action], *, after: int, upto: int) -> Sequence[AuditEntry]:
        """Return the entries of actions that were done, in order."""
        words = sorted(action.value for action in actions)
        try:
            return list(self._entries(after, upto, words))
        except UNREADABLE:
            each = (self._one(number, words) for number in range(after + 1, upto + 1))
            return [entry for entries in each for entry in entries]

    def counted(self, *, after: int, upto: int) -> Sequence[Sighting]:
        """Return everything, counted by minute, caller, address, action and outcome."""
        return self._sightings(_COUNTED, after, upto)

    def first_readings(self, *, after: int, upto: int) -> Sequence[Sighting]:
        """Return readings by callers of secrets that the habits do not know them to have read."""
        return self._sightings(_FIRST_READINGS, after, upto)

    def touching_decoys(self, *, after: int, upto: int) -> Sequence[Sighting]:
        """Return what was done about decoys, counted by secret besides, in the same order."""
        return self._sightings(_TOUCHING, after, upto)

    def _sightings(self, asked: Select[Any], after: int, upto: int) -> Sequence[Sighting]:
        """Read what was counted."""
        rows = self._connection.execute(asked, {"after": after, "upto": upto})
        return [found for row in rows for found in _sighting(row)]

    def _entries(self, after: int, upto: int, words: list[str]) -> Iterator[AuditEntry]:
        """Read entries."""
        given = {"after": after, "upto": upto, "actions": words}
        for row in self._connection.execute(_DONE, given):
            entry = to_record(row).entry
            if entry is not None:
                yield entry

    def _one(self, number: int, words: list[str]) -> Sequence[AuditEntry]:
        """Read one entry, if it can be read."""
        try:
            return list(self._entries(number - 1, number, words))
        except UNREADABLE:
            return ()


def _sighting(row: Row[*tuple[Any, ...]]) -> Sequence[Sighting]:
    """Read what was counted; nothing where it cannot be of entries."""
    typed = (
        isinstance(row.minute, int)
        and isinstance(row.principal, str)
        and isinstance(row.address, str)
        and isinstance(row.secret_uid, bytes | None)
        and isinstance(row.name, str | None)
    )
    try:
        action, outcome = Action(row.action), Outcome(row.outcome)
    except ValueError:
        return ()
    found = Sighting(
        minute=row.minute,
        principal=row.principal,
        address=row.address,
        action=action,
        outcome=outcome,
        uid=row.secret_uid,
        name=row.name,
        count=row.times,
        first=row.first,
    )
    return (found,) if typed else ()
