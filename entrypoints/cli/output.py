"""What the commands print: tables for people, tabs for pipes, JSON for programs."""

import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import click
import msgspec


def print_json(data: object) -> None:
    """Print JSON, on one line in a pipe."""
    encoded = msgspec.json.encode(data)
    click.echo(msgspec.json.format(encoded) if sys.stdout.isatty() else encoded)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a table on a terminal, and tab-separated lines without a head in a pipe."""
    texts = [[escaped(_cell(cell)) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for row in texts:
            click.echo("\t".join(row))
        return
    # Loaded here only, because a pipe need not wait for it.
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(*columns, box=None, pad_edge=False)
    for row in texts:
        table.add_row(*(Text(cell, overflow="fold") for cell in row))
    Console().print(table)  # follows NO_COLOR by itself


def print_record(record: dict[str, Any]) -> None:
    """Print one object, a field a line."""
    print_table(("field", "value"), record.items())


def print_value(value: str) -> None:
    """Print a value or a receipt: exactly into a pipe, without control sequences on a terminal."""
    if sys.stdout.isatty():
        click.echo(escaped(value, keep="\n\t"))
        return
    sys.stdout.buffer.write(value.encode())
    sys.stdout.buffer.flush()


def escaped(text: str, *, keep: str = "") -> str:
    """Write what a terminal would obey, or a reader not see, as an escape."""
    return "".join(
        char if char.isprintable() or char in keep else char.encode("unicode_escape").decode()
        for char in text
    )


def _cell(value: Any) -> str:
    """Write one field."""
    if isinstance(value, dict):
        return ", ".join(f"{key}={text}" for key, text in sorted(value.items()))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    return "" if value is None else str(value)
