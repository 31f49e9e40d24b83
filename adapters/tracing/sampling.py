"""Which requests are told of."""

import random
from collections.abc import Collection
from ipaddress import ip_address
from typing import Any

from adapters.http.addresses import Addresses, Network
from adapters.tracing.spans import Parent


class Sampling:
    """Draws by lot, and follows only callers of some networks in what they have decided.

    Nobody else is followed: whoever marks all of their requests would decide what this server
    spends on telling of them. Nor is the lot read out of the trace's id, which a caller makes up.
    """

    def __init__(
        self, ratio: float, *, followed: Collection[Network], addresses: Addresses
    ) -> None:
        """Take the share of requests that are told of, and whose decision counts instead."""
        self._ratio = ratio
        self._followed = tuple(followed)
        self._addresses = addresses

    def draws(self) -> bool:
        """Draw."""
        return random.random() < self._ratio  # noqa: S311  no secret

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
