"""What is said when somebody stops a long command at the keyboard."""

from collections.abc import Iterator
from contextlib import contextmanager

from domain.errors import StrongroomError


class Interrupted(StrongroomError):
    """Somebody stopped the command; the message says how to go on."""


@contextmanager
def stoppable(way_on: str) -> Iterator[None]:
    """Say how to go on when the block is interrupted.

    Raises:
        Interrupted: it was.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(f"interrupted; {way_on}") from None
