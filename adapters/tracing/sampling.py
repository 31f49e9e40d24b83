"""Which requests are told of."""

import random
import time
from collections.abc import Collection
from ipaddress import ip_address
from typing import Any

from adapters.http.addresses import Addresses, Network
from adapters.tracing.spans import Parent


class Room:
    """Lets so many through in a second, and as many at once after a rest (a token bucket).

    Two threads may both take the last: one more than the bound is no harm. The windows of the rate
    limits would not bear that, which are asked on the event loop alone.
    """

    def __init__(self, per_second: float) -> None:
        """Take how many; 0 is no bound."""
        self._per_second = per_second
        self._most = max(per_second, 1.0)
        self._left = self._most
        self._seen = time.monotonic()

    def takes(self) -> bool:
        """Tell whether there is room for one, which then has it."""
        if not self._per_second:
            return True
        now = time.monotonic()
        self._left = min(self._most, self._left + (now - self._seen) * self._per_second)
        self._seen = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Sampling:
    """Draws by lot, and follows only callers of some networks in what they have decided.

    Of those that are drawn, so many a second are told of: what telling costs does not grow with
    what a server has to do.

    Nobody else is followed: whoever marks all of their requests would decide what this server
    spends on telling of them. Nor is the lot read out of the trace's id, which a caller makes up.
    """

    def __init__(
        self,
        ratio: float,
        *,
        per_second: float,
        followed: Collection[Network],
        addresses: Addresses,
    ) -> None:
        """Take which requests are told of.

        Args:
            ratio: their share.
            per_second: how many at most; 0 is no bound.
            followed: the networks whose decision counts instead.
            addresses: what finds out where a request comes from.
        """
        self._ratio = ratio
        self._room = Room(per_second)
        self._followed = tuple(followed)
        self._addresses = addresses

    def draws(self) -> bool:
        """Draw."""
        return random.random() < self._ratio and self._room.takes()  # noqa: S311  no secret

    def takes(self, scope: Any, parent: Parent | None) -> bool:
        """Tell whether a request is told of."""
        if parent is not None and self._followed and self._follows(scope):
            return parent.is_sampled
        return self.draws()

    def _follows(self, scope: Any) -> bool:
        """Tell whether the caller's decision counts."""
        try:
            address = ip_address(self._addresses.of(scope))
        except ValueError:
            return False
        return any(address in network for network in self._followed)
