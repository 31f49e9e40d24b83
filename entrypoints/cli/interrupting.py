"""What is said when somebody stops a long command at the keyboard."""

import logging
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
    # Of a cursor that an interruption took the connection from, SQLAlchemy logs a traceback.
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
    try:
        yield
    except (KeyboardInterrupt, StrongroomError) as error:
        if not _is_interruption(error):
            raise
        raise Interrupted(f"interrupted; {way_on}") from None


def _is_interruption(error: BaseException | None) -> bool:
    """Tell whether an interruption is behind it: within a statement it becomes another error."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None
