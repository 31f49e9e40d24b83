"""Bindings of claims in memory."""

from collections.abc import Sequence
from dataclasses import replace

from adapters.memory.tables import Tables
from domain.access.claim_binding import ClaimBinding
from domain.access.identity import Identity
from domain.ports.claim_binding_repository import ClaimBindingRepository
from domain.ports.fitting_bindings import FittingBindings


class MemoryClaimBindingRepository(ClaimBindingRepository):
    """Keeps bindings by id."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def find(self, number: int) -> ClaimBinding | None:
        """Return the binding with this id, or `None`."""
        return self._tables.claim_bindings.get(number)

    def page(self, *, after: int, limit: int) -> Sequence[ClaimBinding]:
        """Return up to `limit` bindings with ids above `after`, ordered by id."""
        numbers = sorted(number for number in self._tables.claim_bindings if number > after)
        return [self._tables.claim_bindings[number] for number in numbers[:limit]]

    def add(self, binding: ClaimBinding) -> ClaimBinding:
        """Keep a new binding, and return it with its id. Ids are never reused."""
        self._tables.last_claim_binding += 1
        kept = replace(binding, id=self._tables.last_claim_binding)
        self._tables.claim_bindings.put(kept.id, kept)
        return kept

    def remove(self, number: int) -> None:
        """Erase a binding, if it is there."""
        if number in self._tables.claim_bindings:
            self._tables.claim_bindings.drop(number)


class MemoryFittingBindings(FittingBindings):
    """Goes through all bindings."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def fitting(self, identity: Identity) -> Sequence[ClaimBinding]:
        """Return the bindings whose conditions all hold, ordered by id."""
        rows = self._tables.claim_bindings
        return [rows[number] for number in sorted(rows) if rows[number].fits(identity)]
