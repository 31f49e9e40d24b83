"""A database file with the newest tables, which the migrations make once in a test process."""

import tempfile
from functools import cache
from pathlib import Path

from adapters.sql import schema


def with_tables(path: Path) -> Path:
    """Make a file as the migrations leave it, and return it.

    For tests whose subject is something else: to migrate takes longer than most of them.
    """
    path.write_bytes(_migrated())
    return path


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "secrets.db"
        schema.upgrade(path)
        assert list(Path(folder).iterdir()) == [path]
        return path.read_bytes()
