"""`strongroom backup`: making, proving, restoring and erasing backups, at the store itself."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from domain.errors import StrongroomError
from entrypoints.cli import output
from entrypoints.cli.interrupting import stoppable
from entrypoints.cli.options import opens_store, prints_json

if TYPE_CHECKING:
    from application.backups.restore_backup import Proof
    from domain.backups.run import BackupRun

IDENTITY_FILE = Path("backup-identity.txt")
FILE = click.Path(path_type=Path, dir_okay=False)

_place = click.option("--from", "place", help="Where it lies; the setting backup_place otherwise.")
_identity = click.option(
    "--identity", "identities", multiple=True, type=FILE,
    help="A file with the identity that opens it, as made by keygen or age-keygen.",
)  # fmt: skip
_passphrase = click.option(
    "--passphrase-file", type=FILE, help="A file with the passphrase of the identity file."
)
_root_key = click.option("--root-key", help="Where the root key of the backup is.")


class Refused(StrongroomError):
    """What was asked for cannot be done; the message is for whoever typed the command."""


@click.group()
def backup() -> None:
    """Make backups, prove them, restore them."""


@backup.command()
@click.option("--output", "target", type=FILE, default=IDENTITY_FILE, show_default=True)
@click.option("--passphrase", is_flag=True, help="Seal the file with a passphrase.")
@_passphrase
@prints_json
def keygen(*, target: Path, passphrase: bool, passphrase_file: Path | None, as_json: bool) -> None:
    """Make an identity that opens backups, in a new file, and print its recipient.

    Keep the file away from the server; the server needs only the recipient, in the setting
    backup_recipients. The tool 'age' takes both.
    """
    # Loaded here, as below, so that the other commands need not wait for it.
    from entrypoints.cli.backup_identities import make_identity  # noqa: PLC0415

    recipient = make_identity(target, locked=passphrase, passphrase_file=passphrase_file)
    if as_json:
        output.print_json({"recipient": recipient, "file": str(target)})
        return
    click.echo(f"the identity is in {target}; keep it away from the server", err=True)
    click.echo(recipient)


@backup.command()
@click.option("--to", "place", help="Where it goes; the setting backup_place otherwise.")
@click.option("--recipient", "recipients", multiple=True, help="Whom it is sealed for: age1….")
@click.option("--unencrypted", is_flag=True, help="Do not seal it: names can be read then.")
@click.option("--with-root-key", is_flag=True, help="Put the root key in: the file opens all.")
@opens_store
def create(
    *, place: str | None, recipients: tuple[str, ...], unencrypted: bool, with_root_key: bool,
    data_dir: str | None, database_url: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Make a backup beside a running server, and prove it by restoring it.

    It is restored into a scratch store, every value is opened, and the audit log is verified.
    """
    from entrypoints.cli.backup_work import Work  # noqa: PLC0415

    work = Work.of(data_dir, database_url)
    with stoppable("nothing half written is left; give the same command again"):
        run = work.create(place, recipients, unencrypted=unencrypted, with_root_key=with_root_key)
    _print_run(run, as_json=as_json)


@backup.command("list")
@_place
@opens_store
def list_(
    *, place: str | None, data_dir: str | None, database_url: str | None, as_json: bool
) -> None:
    """List the backups that lie in a place."""
    from entrypoints.cli.backup_work import Work  # noqa: PLC0415

    rows = Work.of(data_dir, database_url).list(place)
    if as_json:
        output.print_json(rows)
        return
    if not rows:
        click.echo("there is no backup in this place", err=True)
    columns = ("name", "at", "store", "bytes")
    output.print_table(columns, ([row[column] for column in columns] for row in rows))


@backup.command()
@opens_store
def status(*, data_dir: str | None, database_url: str | None, as_json: bool) -> None:
    """Show how the newest runs went, from the store."""
    from entrypoints.cli.backup_work import Work, shown  # noqa: PLC0415

    rows = [shown(run) for run in Work.of(data_dir, database_url).runs()]
    if as_json:
        output.print_json(rows)
        return
    columns = ("id", "started_at", "outcome", "name", "bytes", "values", "reason")
    output.print_table(columns, ([row[column] for column in columns] for row in rows))


@backup.command()
@click.argument("name")
@_place
@_identity
@_passphrase
@_root_key
@opens_store
def verify(
    *, name: str, place: str | None, as_json: bool, data_dir: str | None,
    database_url: str | None, root_key: str | None, **how: Any,
) -> None:  # fmt: skip
    """Restore a backup into a scratch store and authenticate everything in it.

    NAME is a name that 'backup list' prints, 'latest', or the path of a file.
    """
    from entrypoints.cli.backup_work import Work  # noqa: PLC0415

    work = Work.of(data_dir, database_url, root_key)
    _print_proof(work.verify(name, place, **how), "verified", as_json=as_json)


@backup.command()
@click.argument("name")
@_place
@_identity
@_passphrase
@_root_key
@click.option("--replace", is_flag=True, help="Put the store that is there aside.")
@click.option("--take-root-key", is_flag=True, help="Take the root key out of the backup, too.")
@click.option("--dry-run", is_flag=True, help="Read everything, write nothing.")
@opens_store
def restore(
    *, name: str, place: str | None, as_json: bool, data_dir: str | None,
    database_url: str | None, root_key: str | None, dry_run: bool, **how: Any,
) -> None:  # fmt: skip
    """Make the store out of a backup.

    The root key must be at hand and is tried first. A store that is there is left alone, unless
    --replace is given, and then it is kept under another name. Nothing is there in part.
    """
    from entrypoints.cli.backup_work import Work  # noqa: PLC0415

    work = Work.of(data_dir, database_url, root_key)
    if dry_run:
        proof, there = work.look(
            name, place, identities=how["identities"], passphrase_file=how["passphrase_file"]
        )
        more = {"target": there}
        _print_proof(proof, "would be restored", as_json=as_json, more=more, opened=False)
        return
    _print_proof(work.restore(name, place, **how), "restored", as_json=as_json)


@backup.command()
@_place
@click.option("--dry-run", is_flag=True, help="Say what would be erased.")
@opens_store
def prune(
    *, place: str | None, dry_run: bool, data_dir: str | None, database_url: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Erase the backups of this store that none of the settings backup_keep_… keeps."""
    from entrypoints.cli.backup_work import Work  # noqa: PLC0415

    names = Work.of(data_dir, database_url).prune(place, dry_run=dry_run)
    if as_json:
        output.print_json({"dry_run": dry_run, "erased": names})
        return
    for name in names:
        click.echo(output.escaped(name))


def _print_run(run: "BackupRun", *, as_json: bool) -> None:
    """Print how a run went."""
    from entrypoints.cli.backup_work import shown  # noqa: PLC0415

    if as_json:
        output.print_json(shown(run))
        return
    click.echo(output.escaped(run.name))
    click.echo(f"made and proved: {run.values} values, {run.entries} entries", err=True)


def _print_proof(
    proof: "Proof", done: str, *, as_json: bool, more: dict[str, Any] | None = None,
    opened: bool = True,
) -> None:  # fmt: skip
    """Print what a backup holds, and what is wrong with it; `opened` tells if values were tried.

    Raises:
        Refused: something is.
    """
    rows = {name: count.rows for name, count in proof.counts.items()}
    if as_json:
        output.print_json({
            "made_at": proof.header.at, "revision": proof.header.revision,
            "store": proof.header.store, "rows": rows, "values": proof.values if opened else None,
            "entries": proof.entries, "checkpoints": proof.checkpoints,
            "findings": list(proof.findings), **(more or {}),
        })  # fmt: skip
    else:
        values = f"{proof.values} values opened" if opened else "no value was tried"
        click.echo(
            f"{done}: {rows.get('secrets', 0)} secrets, {values},"
            f" {proof.entries} entries, as of {proof.header.at:%Y-%m-%d %H:%M:%S} UTC,"
            f" revision {proof.header.revision}"
        )
        for word, told in (more or {}).items():
            click.echo(output.escaped(f"{word}: {told}"))
    if proof.findings:
        raise Refused("; ".join(proof.findings))
