"""Where rotations are remembered."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from domain.keys.rotation import Rotation


class RotationRepository(ABC):
    """Keeps rotations. At most one of them runs."""

    @abstractmethod
    def running(self) -> Rotation | None:
        """Return the rotation that runs, or `None`."""

    @abstractmethod
    def find(self, number: int) -> Rotation | None:
        """Return the rotation with this id, or `None`."""

    @abstractmethod
    def newest(self, *, limit: int) -> Sequence[Rotation]:
        """Return up to `limit` rotations, the newest first."""

    @abstractmethod
    def add(self, rotation: Rotation) -> Rotation:
        """Keep a new rotation and return it with its id.

        Raises:
            LostRace: another one runs.
        """

    @abstractmethod
    def replace(self, rotation: Rotation) -> None:
        """Write everything of a rotation that is kept already."""
