"""Which bindings of claims are for somebody."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from domain.access.claim_binding import ClaimBinding
from domain.access.identity import Identity


class FittingBindings(ABC):
    """Looks bindings up by what an issuer says; quickly, because every call of a workload asks."""

    @abstractmethod
    def fitting(self, identity: Identity) -> Sequence[ClaimBinding]:
        """Return the bindings whose conditions all hold, ordered by id; none is empty."""
