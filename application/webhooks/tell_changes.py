"""Telling receivers what was changed, out of the audit log."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial

from application.webhooks.announce import Announce
from domain.audit.event import AuditEntry
from domain.ports.clock import Clock
from domain.ports.storage import Session, Storage
from domain.ports.told_secrets import ToldSecret
from domain.webhooks.change import KINDS, kind_of, summary_of
from domain.webhooks.notice import Topic


class TellChanges:
    """Puts a notice for each change into the outbox. A change that was undone has no entry.

    What was changed, and what was told of it before, is looked up on a snapshot, so that no writer
    waits for that. Nobody but this writes what was told; another process that does it moves the
    position on.
    """

    def __init__(
        self, *, storage: Storage, announce: Announce, clock: Clock, give_up: timedelta
    ) -> None:
        """Take the age `give_up`: older changes were told, or will not be, and only teach."""
        self._storage = storage
        self._announce = announce
        self._clock = clock
        self._give_up = give_up

    def __call__(self, after: int, upto: int) -> Callable[[Session], None]:
        """Look at the entries behind a number, up to another; return what tells of them."""

        def look(session: Session) -> tuple[Sequence[AuditEntry], Mapping[bytes, ToldSecret]]:
            entries = session.sightings.done(KINDS, after=after, upto=upto)
            uids = {entry.event.subject.uid for entry in entries}
            return entries, session.told_secrets.of({uid for uid in uids if uid is not None})

        changes, told = self._storage.read(look).result()
        return partial(self._tell_all, changes, told)

    def _tell_all(
        self,
        changes: Sequence[AuditEntry],
        before: Mapping[bytes, ToldSecret],
        session: Session,
    ) -> None:
        """Tell of changes in their order, and keep what is known of their secrets after them."""
        oldest = self._clock.now() - self._give_up
        known: dict[bytes, ToldSecret | None] = {}
        for entry in changes:
            uid, name = entry.event.subject.uid, entry.event.subject.name
            if uid is None or name is None:
                continue
            told = known[uid] if uid in known else before.get(uid)
            if entry.event.at >= oldest:
                self._tell(session, entry, told, name)
            known[uid] = _after(entry, told, uid, name)
        session.told_secrets.keep([told for told in known.values() if told is not None])
        session.told_secrets.forget([uid for uid, told in known.items() if told is None])

    def _tell(
        self, session: Session, entry: AuditEntry, told: ToldSecret | None, name: str
    ) -> None:
        """Tell of one change; whoever was told of the name of before is told of a rename too."""
        event, subject = entry.event, entry.event.subject
        kind = kind_of(event, told)
        names = {name} if told is None else {name, told.name}
        self._announce(
            session,
            Topic.CHANGES,
            kind=kind,
            at=event.at,
            summary=summary_of(kind, event),
            data={
                "name": name,
                "uid": None if subject.uid is None else subject.uid.hex(),
                "version": subject.version,
                "revision": subject.revision,
                "principal": event.principal,
                "entry": entry.number,
                "request_id": event.request_id,
            },
            names=names,
        )


def _after(entry: AuditEntry, told: ToldSecret | None, uid: bytes, name: str) -> ToldSecret | None:
    """Return what is known of the secret after a change: nothing once it is gone."""
    event = entry.event
    if KINDS[event.action] == "secret.purged":
        return None
    version = event.subject.version or 0
    newest = version if told is None else max(version, told.version)
    return ToldSecret(uid=uid, name=name, version=newest)
