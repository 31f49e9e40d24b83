"""Telling receivers what was changed, out of the audit log."""

from datetime import timedelta

from application.webhooks.announce import Announce
from domain.audit.event import AuditEntry
from domain.ports.clock import Clock
from domain.ports.storage import Session
from domain.ports.told_secrets import ToldSecret
from domain.webhooks.change import KINDS, kind_of, summary_of
from domain.webhooks.notice import Topic


class TellChanges:
    """Puts a notice for each change into the outbox. A change that was undone has no entry."""

    def __init__(self, *, announce: Announce, clock: Clock, give_up: timedelta) -> None:
        """Take the age `give_up`: older changes were told, or will not be, and only teach."""
        self._announce = announce
        self._clock = clock
        self._give_up = give_up

    def __call__(self, session: Session, after: int, upto: int) -> None:
        """Tell of the entries behind a number, up to another."""
        oldest = self._clock.now() - self._give_up
        for entry in session.sightings.done(KINDS, after=after, upto=upto):
            uid, name = entry.event.subject.uid, entry.event.subject.name
            if uid is None or name is None:
                continue
            told = session.told_secrets.find(uid)
            if entry.event.at >= oldest:
                self._tell(session, entry, told, name)
            _remember(session, entry, told, uid, name)

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


def _remember(
    session: Session, entry: AuditEntry, told: ToldSecret | None, uid: bytes, name: str
) -> None:
    """Keep what is known of the secret now."""
    event = entry.event
    if KINDS[event.action] == "secret.purged":
        session.told_secrets.forget(uid)
        return
    version = event.subject.version or 0
    newest = version if told is None else max(version, told.version)
    session.told_secrets.keep(ToldSecret(uid=uid, name=name, version=newest))
