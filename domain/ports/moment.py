"""What was found at one moment of the store."""

from typing import Any


class Moment:
    """Lets what was looked up be used again for as long as the unit of work sees the same moment.

    A store that serves several readings from one snapshot opens it before the first of them and
    closes it after the last. What is kept in between needs no other proof that it is fresh, and is
    gone with the snapshot. A store that does not simply leaves it closed.
    """

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: dict[Any, Any] | None = None

    def open(self) -> None:
        """Begin a moment, with nothing found."""
        self._found = {}

    def close(self) -> None:
        """Let go of everything."""
        self._found = None

    def find(self, key: Any) -> Any:
        """Return what was kept under a key, or `None`."""
        return None if self._found is None else self._found.get(key)

    def keep(self, key: Any, found: Any) -> None:
        """Keep something until the moment is over, if there is one."""
        if self._found is not None:
            self._found[key] = found
