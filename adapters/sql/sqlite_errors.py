"""What SQLite's driver raises, and what that is called here."""

import contextlib
import sqlite3
from collections.abc import Iterator

from sqlalchemy.exc import IntegrityError

from domain.errors import StorageUnavailable


@contextlib.contextmanager
def available() -> Iterator[None]:
    """Turn what our own statements raise into the port's own error."""
    try:
        yield
    except sqlite3.Error as error:
        raise StorageUnavailable(explain(error)) from error


def explain(error: BaseException | None) -> str:
    """Say what is wrong with the store, from SQLite's result code and nothing else."""
    code = getattr(error, "sqlite_errorname", None) or type(error).__name__
    return f"the store cannot be used now ({code})"


def unavailable(error: sqlite3.Error) -> StorageUnavailable:
    """Return the port's own error for one of the driver."""
    told = StorageUnavailable(explain(error))
    told.__cause__ = error
    return told


def translated(error: sqlite3.Error) -> Exception:
    """Return what to raise in the place of an error of the driver.

    A broken constraint becomes what Core would make of it: it concerns one work, and the
    repositories know what it means. Its parameters stay out of it.
    """
    if isinstance(error, sqlite3.IntegrityError):
        return IntegrityError(None, None, error, hide_parameters=True)
    return StorageUnavailable(explain(error))
