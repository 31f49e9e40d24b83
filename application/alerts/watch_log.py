"""Holding the rules against a stretch of the audit log."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from application.alerts.raise_alert import RaiseAlert
from domain.alerts import watching
from domain.alerts.alert import Alert, Finding, Rule
from domain.alerts.habit import Habit
from domain.alerts.sighting import Sighting
from domain.alerts.thresholds import Thresholds
from domain.ports.clock import Clock
from domain.ports.habits import ANYBODY
from domain.ports.storage import Session, Storage

KEPT_MINUTES = 24 * 60
"""How long counts are kept. No window is longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What a stretch of the log holds, as the rules look at it."""

    touching: Sequence[Sighting]
    first: Sequence[Sighting]
    counted: Sequence[Sighting]


class WatchLog:
    """Remembers what callers do, and raises alerts. What it remembers is kept with the position.

    What a stretch holds is looked up on a snapshot, so that no writer waits for that. Nobody but
    this writes which secrets were read first; another process that does it moves the position on.
    """

    def __init__(
        self, *, storage: Storage, raise_alert: RaiseAlert, clock: Clock, limits: Thresholds
    ) -> None:
        """Take where the log is, and from where on something is unusual."""
        self._storage = storage
        self._raise_alert = raise_alert
        self._clock = clock
        self._limits = limits

    def __call__(self, after: int, upto: int) -> Callable[[Session], Sequence[Alert]]:
        """Look at the entries behind a number, up to another; return what raises the alerts."""

        def look(session: Session) -> _Seen:
            sightings = session.sightings
            return _Seen(
                touching=sightings.touching_decoys(after=after, upto=upto),
                first=sightings.first_readings(after=after, upto=upto),
                counted=sightings.counted(after=after, upto=upto),
            )

        seen = self._storage.read(look).result()
        return lambda session: self._watch(session, seen)

    def _watch(self, session: Session, seen: _Seen) -> Sequence[Alert]:
        """Watch what was seen; return the alerts."""
        now = self._clock.now()
        raised = [
            self._raise_alert(session, finding)
            for finding in self._findings(session, seen)
            if now - finding.at < watching.LATE
        ]
        session.windows.forget(before=_minute(now.timestamp()) - KEPT_MINUTES)
        return [alert for alert in raised if alert is not None]

    def _findings(self, session: Session, seen: _Seen) -> Iterator[Finding]:
        """Hold every rule against a stretch. First readings are judged by the habits of before."""
        for sighting in seen.touching:
            yield from self._decoy(session, sighting)
        yield from self._first_readings(session, seen.first)
        counts: Counter[tuple[Rule, str, int]] = Counter()
        firsts: dict[tuple[Rule, str, int], Sighting] = {}
        for sighting in seen.counted:
            counted = _counted(sighting)
            if counted is not None:
                counts[counted] += sighting.count
                firsts.setdefault(counted, sighting)
            if sighting.is_reading:
                yield from self._hour(session, sighting)
        for (rule, key, minute), count in counts.items():
            session.windows.add(rule.value, key, minute=minute, count=count)
            yield from self._burst(session, rule, key, firsts[rule, key, minute])

    def _decoy(self, session: Session, sighting: Sighting) -> Iterator[Finding]:
        """Judge whether a tripwire was touched since it is one."""
        decoy = None if sighting.uid is None else session.decoys.find(sighting.uid)
        if decoy is not None and sighting.first > decoy.after:
            yield from watching.decoy_touched(sighting, self._limits)

    def _first_readings(self, session: Session, sightings: Sequence[Sighting]) -> Iterator[Finding]:
        """Judge the first readings of secrets by their callers, and remember them.

        With a few statements for all of them: whoever waits to change the store waits as long.
        """
        if not sightings:
            return
        callers = {sighting.principal for sighting in sightings}
        uids = {_uid(sighting) for sighting in sightings}
        known = dict(session.habits.first_reads({*callers, ANYBODY}, uids))
        habits = {caller: session.habits.of(caller) for caller in callers}
        noted: dict[tuple[str, bytes], datetime] = {}
        for sighting in sightings:
            at, uid = sighting.at, _uid(sighting)
            if (sighting.principal, uid) in known:
                continue  # two addresses, or two minutes, of one stretch
            anybody, habit = known.get((ANYBODY, uid)), habits[sighting.principal]
            if habit is not None and anybody is not None and at - anybody >= self._limits.learning:
                yield from watching.first_read(sighting, habit, self._limits)
            for who in (sighting.principal, ANYBODY):
                if (who, uid) not in known:
                    known[who, uid] = noted[who, uid] = at
        session.habits.note_reads(noted)

    def _hour(self, session: Session, sighting: Sighting) -> Iterator[Finding]:
        """Judge the hour of readings by what their caller usually does, and remember it."""
        habit = session.habits.of(sighting.principal)
        known = habit or Habit(principal=sighting.principal, since=sighting.at)
        yield from watching.unusual_hour(sighting, known, self._limits)
        after = known.after(sighting.at)
        if after != habit:
            session.habits.keep(after)

    def _burst(
        self, session: Session, rule: Rule, key: str, sighting: Sighting
    ) -> Iterator[Finding]:
        """Judge the window that ends with a minute."""
        since = sighting.minute - self._limits.window_minutes + 1
        total = session.windows.total(rule.value, key, since=since, until=sighting.minute)
        judge = watching.too_many_reads if rule is Rule.READS else watching.too_many_denials
        yield from judge(sighting, total, self._limits)


def _counted(sighting: Sighting) -> tuple[Rule, str, int] | None:
    """Return what a group is counted as, if at all."""
    if sighting.is_reading:
        return Rule.READS, f"caller {sighting.principal}", sighting.minute
    if sighting.is_denial:
        return Rule.DENIALS, watching.who_denied(sighting), sighting.minute
    return None


def _uid(sighting: Sighting) -> bytes:
    """Return the secret that was read."""
    return sighting.uid or b""


def _minute(seconds: float) -> int:
    """Return the minute that a moment lies in."""
    return int(seconds) // 60
