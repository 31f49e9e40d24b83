"""What the command line takes: numbers from arguments, the value of a secret never from one."""

import sys
from pathlib import Path

import click

from domain.errors import InvalidInput

MAX_READ = 8 * 1024 * 1024
"""Bytes that are read at most; the server's own bound lies far below."""


class Number(click.IntRange):
    """A whole number; click's own name for it, 'integer range', stands in refusals."""

    name = "number"


def read_value(file: Path | None) -> str:
    """Read a value from a file, a pipe or a prompt.

    A pipe's last newline is dropped, because `echo` adds one; a file is taken byte by byte.

    Raises:
        InvalidInput: it is too long or not UTF-8.
    """
    if file is not None and str(file) != "-":
        with file.open("rb") as stream:
            return _decoded(stream.read(MAX_READ + 1))
    if file is None and sys.stdin.isatty():
        prompted: str = click.prompt(
            "value", hide_input=True, confirmation_prompt="again", err=True
        )
        return prompted
    text = _decoded(sys.stdin.buffer.read(MAX_READ + 1))
    return text if file is not None else text.removesuffix("\n")


def _decoded(data: bytes) -> str:
    """Return the text."""
    if len(data) > MAX_READ:
        raise InvalidInput("value", f"must not be longer than {MAX_READ} bytes")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise InvalidInput("value", "must be UTF-8 text") from None
