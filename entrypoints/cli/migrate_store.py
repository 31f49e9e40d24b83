"""`strongroom migrate-store`."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from domain.errors import StrongroomError
from entrypoints.cli import output
from entrypoints.cli.interrupting import stoppable
from entrypoints.cli.options import prints_json

if TYPE_CHECKING:
    from application.backups.move_store import Moved


class Refused(StrongroomError):
    """It is not safe to switch; the message says why."""


@click.command("migrate-store")
@click.option("--from", "source", required=True, help="The store as it is: sqlite:///path.")
@click.option("--to", "target", required=True, help="An empty place for it: postgresql://….")
@click.option("--data-dir", help="Folder of the key file.")
@prints_json
def migrate_store(*, source: str, target: str, data_dir: str | None, as_json: bool) -> None:
    """Copy a store to another place or kind, and say whether it is safe to switch.

    Every row is compared, and every value in the copy is opened. The source is only read, and
    may serve meanwhile; but then it is not safe to switch, and the command says so. Whatever cut
    it off or changed since, give the same command again: it goes on with what is there. No server
    starts on a copy that is not finished.
    """
    # Loaded here, so that the other commands need not wait for it.
    from entrypoints.cli.moving import move  # noqa: PLC0415

    with stoppable("give the same command again, and it goes on with what is there"):
        moved = move(source, target, data_dir)
    if as_json:
        output.print_json(_shown(moved))
    elif not moved.findings and not moved.faults:
        click.echo(_told(moved))
        click.echo("it is safe to switch: set database_url to the new place", err=True)
    if moved.findings:
        raise Refused("it is not safe to switch: " + "; ".join([*moved.findings, *moved.faults]))
    if moved.faults:
        raise Refused(
            "the copy is finished and equal to the source, but not all in the source is sound: "
            + "; ".join(moved.faults)
            + "; mend that in the source and copy it anew, or switch and keep it as it is"
        )


def _shown(moved: "Moved") -> dict[str, Any]:
    """Return what is printed for programs."""
    aligned = moved.aligned
    return {
        "copied": aligned is not None,
        **({} if aligned is None else asdict(aligned)),
        "rows": {name: count.rows for name, count in moved.counts.items()},
        "values": moved.values, "entries": moved.entries,
        "safe": not moved.findings and not moved.faults, "finished": not moved.findings,
        "findings": [*moved.findings, *moved.faults],
    }  # fmt: skip


def _told(moved: "Moved") -> str:
    """Return what is printed for people."""
    rows = sum(count.rows for count in moved.counts.values())
    equal = (
        f"{rows} rows in {len(moved.counts)} tables, {moved.values} values opened,"
        f" {moved.entries} entries"
    )
    if moved.aligned is None:
        besides = "; rows of the audit log are not among them" if moved.is_recorded else ""
        return f"the copy is finished, and was compared: {equal}{besides}"
    before = f" ({moved.aligned.kept} rows were there already)" if moved.aligned.kept else ""
    return f"copied{before} and compared: {equal}"
