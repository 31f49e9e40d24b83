"""`strongroom doctor`."""

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from domain.health.finding import Finding, Level, is_healthy
from entrypoints.cli import output
from entrypoints.cli.options import opens_store

if TYPE_CHECKING:
    from application.health.examine_secrets import Progress

_COLOURS = {Level.ERROR: "bold red", Level.WARNING: "yellow", Level.NOTE: "cyan"}


@click.command()
@click.option("--full", is_flag=True, help="Open every value and check every index.")
@opens_store
def doctor(*, full: bool, data_dir: str | None, database_url: str | None, as_json: bool) -> None:
    """Examine a store and its settings, and change nothing.

    Works beside a running server, and also where a server would not start. Prints what was found
    and what mends it; a secret is told by its id. Ends with 1 when there is an error.

    It reads with the rights of whoever runs it, past the audit log, which it could not write to a
    store that is broken. Values are opened to see whether they open, and never shown.
    """
    # Loaded here, so that the other commands need not wait for them.
    from entrypoints import hardening, logs  # noqa: PLC0415
    from entrypoints.doctor.examination import Examination  # noqa: PLC0415
    from entrypoints.settings import Settings  # noqa: PLC0415

    hardening.harden()
    logs.configure(Settings())
    flags = {"data_dir": data_dir, "database_url": database_url}
    with _progress(full=full) as progress:
        findings = Examination(os.environ, flags, full=full, progress=progress)()
    _print(findings, as_json=as_json)
    if not is_healthy(findings):
        sys.exit(1)


def _print(findings: Sequence[Finding], *, as_json: bool) -> None:
    """Print the findings, the worst first."""
    worst_first = sorted(findings, key=lambda found: list(Level).index(found.level))
    rows = [(found.level.value, found.check, found.finding, found.mend) for found in worst_first]
    if as_json:
        output.print_json(
            [
                {"check": check, "level": level, "finding": finding, "mend": mend}
                for level, check, finding, mend in rows
            ]
        )
    elif sys.stdout.isatty():
        _show(worst_first)
    else:
        output.print_table((), rows)


def _show(findings: Sequence[Finding]) -> None:
    """Print a list for people."""
    # Loaded here only, because a pipe need not wait for it.
    from rich.console import Console  # noqa: PLC0415
    from rich.padding import Padding  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = Console(highlight=False)  # follows NO_COLOR by itself
    for found in findings:
        head = Text(found.level.value, style=_COLOURS[found.level])
        console.print(head.append(f" {found.check}", style="bold"))
        for line in (found.finding, f"→ {found.mend}"):
            console.print(Padding(Text(output.escaped(line), overflow="fold"), (0, 0, 0, 2)))
    if not findings:
        console.print(Text("nothing was found", style="green"))


@contextlib.contextmanager
def _progress(*, full: bool) -> "Iterator[Progress]":
    """Show how far the look at the values is, on a terminal."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    # Loaded here only, because a pipe need not wait for it.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as shown:
        bar = shown.add_task("opening every value" if full else "looking at secrets", total=None)
        yield lambda done, total: shown.update(bar, completed=done, total=max(done, total))
