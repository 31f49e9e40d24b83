"""`strongroom migrate-store`."""

import click

from domain.errors import StrongroomError
from entrypoints.cli import output
from entrypoints.cli.options import prints_json


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
    may serve meanwhile; but then it is not safe to switch, and the command says so. After a
    crash the copy is there whole or not at all: give the same command again.
    """
    # Loaded here, so that the other commands need not wait for it.
    from entrypoints.cli.moving import move  # noqa: PLC0415

    moved = move(source, target, data_dir)
    rows = {name: count.rows for name, count in moved.counts.items()}
    if as_json:
        output.print_json({
            "copied": moved.copied, "rows": rows, "values": moved.values,
            "entries": moved.entries, "safe": not moved.findings,
            "findings": list(moved.findings),
        })  # fmt: skip
    elif not moved.findings:
        total = sum(rows.values())
        click.echo(
            f"{'copied and compared' if moved.copied else 'compared'}: {total} rows in"
            f" {len(rows)} tables, {moved.values} values opened, {moved.entries} entries"
        )
        click.echo("it is safe to switch: set database_url to the new place", err=True)
    if moved.findings:
        raise Refused("it is not safe to switch: " + "; ".join(moved.findings))
