"""A notifier whose sending is told of, each a trace of its own: the request has long ended."""

from datetime import datetime

from adapters.tracing.sampling import Sampling
from adapters.tracing.spans import CLIENT, Spans
from adapters.tracing.step import within
from domain.ports.notifier import Notifier
from domain.webhooks.notice import Notice


class TracedNotifier(Notifier):
    """Hands notices over, and has the receiver told which step does."""

    def __init__(
        self, inside: Notifier, *, receiver: str, spans: Spans, sampling: Sampling
    ) -> None:
        """Take who hands over, and how the settings call the receiver."""
        self._inside = inside
        self._receiver = receiver
        self._spans = spans
        self._sampling = sampling

    def send(self, notice: Notice, *, now: datetime) -> None:
        """Hand a notice over.

        Raises:
            NotDelivered: it was not taken.
        """
        if not self._sampling.draws():
            self._inside.send(notice, now=now)
            return
        facts = {"strongroom.receiver": self._receiver, "strongroom.notice.type": notice.type}
        step = self._spans.root("notice.send", facts, kind=CLIENT)
        error: BaseException | None = None
        try:
            within(step, self._inside.send, notice, now=now)
        except BaseException as caught:
            error = caught
            raise
        finally:
            step.end(error)
