"""The log of the server gives way; what it is about does not."""

import contextlib
from collections.abc import Iterator
from typing import TextIO

import pytest

from entrypoints.logs import UnfailingLoggerFactory


@pytest.fixture
def full() -> Iterator[TextIO]:
    """A stream to a disk without room."""
    stream = open("/dev/full", "w", encoding="utf-8")  # noqa: SIM115  closing it fails too
    yield stream
    with contextlib.suppress(OSError):
        stream.close()


def test_a_line_that_cannot_be_written_is_dropped(full: TextIO) -> None:
    with pytest.raises(OSError, match="No space left"):
        print("line", file=full, flush=True)
    logger = UnfailingLoggerFactory(full)()
    for level in ("info", "warning", "error"):
        getattr(logger, level)("line")
