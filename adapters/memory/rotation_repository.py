"""Rotations in memory."""

from collections.abc import Sequence
from dataclasses import replace

from adapters.memory.tables import Tables
from domain.errors import LostRace
from domain.keys.rotation import Rotation
from domain.ports.rotation_repository import RotationRepository


class MemoryRotationRepository(RotationRepository):
    """Keeps rotations by id."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def running(self) -> Rotation | None:
        """Return the rotation that runs, or `None`."""
        return next((row for row in self._tables.rotations.values() if row.is_running), None)

    def find(self, number: int) -> Rotation | None:
        """Return the rotation with this id, or `None`."""
        return self._tables.rotations.get(number)

    def newest(self, *, limit: int) -> Sequence[Rotation]:
        """Return up to `limit` rotations, the newest first."""
        keys = sorted(self._tables.rotations, reverse=True)
        return [self._tables.rotations[key] for key in keys[:limit]]

    def add(self, rotation: Rotation) -> Rotation:
        """Keep a new rotation and return it with its id.

        Raises:
            LostRace: another one runs.
        """
        if rotation.is_running and self.running() is not None:
            raise LostRace
        kept = replace(rotation, id=len(self._tables.rotations) + 1)
        self._tables.rotations.put(kept.id, kept)
        return kept

    def replace(self, rotation: Rotation) -> None:
        """Write everything of a rotation that is kept already."""
        self._tables.rotations.put(rotation.id, rotation)
