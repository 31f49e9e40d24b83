"""Putting a notice into the outbox, in the transaction of what it tells."""

from collections.abc import Collection, Sequence
from datetime import datetime

from domain.ports.clock import Clock
from domain.ports.randomness import Randomness
from domain.ports.storage import Session
from domain.webhooks.notice import Data, Topic, make_notice
from domain.webhooks.receiver import Receiver


class Announce:
    """Adds a delivery for each receiver that wants to be told."""

    def __init__(
        self, *, receivers: Sequence[Receiver], clock: Clock, randomness: Randomness
    ) -> None:
        """Take the receivers of the settings."""
        self._receivers = receivers
        self._clock = clock
        self._randomness = randomness

    @property
    def receivers(self) -> Sequence[str]:
        """Return the names of the receivers."""
        return [one.name for one in self._receivers]

    def audience(self, topic: Topic, names: Collection[str]) -> Sequence[str]:
        """Return the receivers of a topic that are told of these names."""
        return [one.name for one in self._receivers if one.wants(topic, names)]

    def __call__(
        self,
        session: Session,
        topic: Topic,
        *,
        kind: str,
        at: datetime,
        summary: str,
        data: Data,
        names: Collection[str] = (),
    ) -> None:
        """Tell of something; `names` are what the receivers' patterns are compared with."""
        wanting = self.audience(topic, names)
        if not wanting:
            return
        notice = make_notice(self._randomness, kind=kind, at=at, summary=summary, data=data)
        session.outbox.add(wanting, notice, due_at=self._clock.now())
