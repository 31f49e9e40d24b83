"""Counting on the board. This is on the way of every call: each method is one or two additions."""

from adapters.http.traffic import Traffic
from adapters.metrics import catalogue
from adapters.metrics.board import Block
from adapters.metrics.catalogue import OTHER
from adapters.metrics.layout import Histogram, Layout
from domain.access.action import Action
from domain.audit.event import AuditEvent, Outcome
from domain.errors import Cause
from domain.ports.meter import Meter
from domain.ports.store_meter import StoreMeter


class BoardMeter(Meter, StoreMeter, Traffic):
    """Counts in the block of this worker."""

    def __init__(self, block: Block, layout: Layout, requests: Histogram) -> None:
        """Look up every place once."""
        self._block = block
        self._requests = requests
        self._routes = {
            (route, method): first
            for (route, method, status), first in layout.places(requests).items()
            if status == catalogue.STATUS_CLASSES[0]
        }
        self._elsewhere = self._routes[OTHER, OTHER]
        actions = layout.places(catalogue.ACTIONS)
        self._actions: dict[Action, dict[Outcome, int]] = {
            action: {outcome: actions[action.value, outcome.value] for outcome in Outcome}
            for action in Action
        }
        kinds = layout.places(catalogue.UNAUTHENTICATED_REQUESTS)
        self._causes = {cause: kinds[(cause.value,)] for cause in Cause}
        self._limits = layout.places(catalogue.RATE_LIMITED)
        self._audit_failures = layout.place(catalogue.AUDIT_FAILURES)
        self._commits = layout.place(catalogue.COMMITS)
        self._works = layout.place(catalogue.WORKS)
        self._failed_commits = layout.place(catalogue.FAILED_COMMITS)

    def settled(self, event: AuditEvent) -> None:
        """Count a call by how it ended."""
        self._block.add(self._actions[event.action][event.outcome])

    def unrecorded(self, calls: int) -> None:
        """Count calls whose events could not be written."""
        self._block.add(self._audit_failures, calls)

    def committed(self, *, works: int, seconds: float) -> None:
        """Count a transaction that is durable."""
        self._observe(catalogue.COMMITS, self._commits, seconds)
        self._observe(catalogue.WORKS, self._works, works)

    def not_committed(self, *, works: int) -> None:
        """Count a transaction that failed."""
        self._block.add(self._failed_commits)

    def answered(self, *, route: str | None, method: str, status: int, seconds: float) -> None:
        """Count a request."""
        first = self._routes.get((route or OTHER, method))
        if first is None:
            first = self._routes.get((route or OTHER, OTHER), self._elsewhere)
        requests = self._requests
        of_status = min(max(status // 100, 1), len(catalogue.STATUS_CLASSES)) - 1
        self._observe(requests, first + of_status * requests.width, seconds)

    def unauthenticated(self, cause: Cause) -> None:
        """Count a request of somebody who is not known."""
        self._block.add(self._causes[cause])

    def limited(self, limit: str) -> None:
        """Count a request that reached a limit."""
        self._block.add(self._limits.get((limit,), self._limits[(OTHER,)]))

    def _observe(self, family: Histogram, first: int, amount: float) -> None:
        """Count an observation."""
        total = first + family.width - 1
        self._block.observe(first + family.bucket_of(amount), total, amount)
