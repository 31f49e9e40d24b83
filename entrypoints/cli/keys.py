"""`strongroom keys`: rotating and looking, by way of a running server or at the store itself."""

import secrets
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from domain.errors import StrongroomError
from entrypoints.cli import output
from entrypoints.cli.options import connect, opens_store, settings_of, talks

if TYPE_CHECKING:
    from entrypoints.cli.client import Client

POLL_SECONDS = 0.5
COLUMNS = ("id", "purpose", "state", "values", "created_at", "retired_at", "destroyed_at")


@click.group()
def keys() -> None:
    """Look at keys, rotate them, destroy old ones."""


@keys.command("list")
@talks
def list_(*, server: str, as_json: bool) -> None:
    """List the data keys, and say where the root key is."""
    found = connect(server).keys()
    if as_json:
        output.print_json(found)
        return
    output.print_table(COLUMNS, ([key[column] for column in COLUMNS] for key in found["keys"]))
    if sys.stdout.isatty() and found["root_key"]:
        root = found["root_key"]
        told = f"root key {root['generation']}: {root['source']}, since {root['since']}"
        click.echo(f"\n{output.escaped(told)}")


@keys.command()
@click.option("--wait", is_flag=True, help="Wait until every value is under the new key.")
@talks
def rotate(*, wait: bool, server: str, as_json: bool) -> None:
    """Have a new data key take over, and re-seal every value under it.

    New values use the new key at once. The server re-seals the others while it serves.
    """
    client = connect(server)
    rotation = client.rotate()
    if wait:
        rotation = _follow(client, rotation)
    if as_json:
        output.print_json(rotation)
    elif rotation["receipt"]:
        output.print_value(rotation["receipt"])
    else:
        told = f"rotation {rotation['id']} to key {rotation['new_key']} is running"
        click.echo(output.escaped(told))


@keys.command()
@click.argument("rotation", type=click.IntRange(1), required=False)
@talks
def receipt(*, rotation: int | None, server: str, as_json: bool) -> None:
    """Print the signed receipt of a rotation; the newest one when no number is given.

    The receipt is a signed note; the key that checks it stands in `keys list --json`.
    """
    client = connect(server)
    found = client.keys()["rotation"] if rotation is None else client.rotation(rotation)
    if found is None:
        raise Refused("there has been no rotation yet")
    if not found["receipt"]:
        raise Refused(f"rotation {found['id']} still runs, its receipt comes at its end")
    if as_json:
        output.print_json(found)
    else:
        output.print_value(found["receipt"])


@keys.command()
@click.argument("key")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@talks
def destroy(*, key: str, yes: bool, server: str, as_json: bool) -> None:
    """Destroy a retired data key; refused while one value still needs it.

    Backups made while the key was in use cannot be read with what is left.
    """
    if not yes:
        click.confirm(f"destroy key {output.escaped(key)} for good?", abort=True, err=True)
    done = connect(server).destroy_key(key)
    if as_json:
        output.print_json(done)
    else:
        click.echo(f"key {output.escaped(key)} destroyed")


@keys.command("rotate-root")
@click.option("--to", "target", help="The place of the new root key, such as file:/path.")
@opens_store
def rotate_root(
    *, target: str | None, data_dir: str | None, database_url: str | None, as_json: bool
) -> None:
    """Replace the root key, in its place or by one of another source.

    Works on the store itself, while servers serve. Keep the key before for as long as you keep
    backups that were made under it.
    """
    # Loaded here, so that the other commands do not wait for the server's libraries.
    from adapters.access.local import LOCAL_PRINCIPAL  # noqa: PLC0415
    from domain.access.caller import INSIDE, Caller  # noqa: PLC0415
    from entrypoints import hardening  # noqa: PLC0415
    from entrypoints.container import Container  # noqa: PLC0415
    from entrypoints.preparation import prepare, target_source  # noqa: PLC0415

    hardening.harden()
    settings = settings_of(data_dir, database_url)
    preparing = Container(settings=settings)
    prepare(preparing)
    container = Container(settings=settings, root_key_source=preparing.root_key_source())
    caller = Caller(principal=LOCAL_PRINCIPAL, address=INSIDE, request_id=secrets.token_hex(8))
    source = None if target is None else target_source(target)
    try:
        # An entry is added to the audit log only with the key at hand that vouches for its tip.
        container.prepare_keys()(caller)
        record = container.rotate_root_key()(caller, source)
    finally:
        container.storage().close()
    if as_json:
        output.print_json({"generation": record.generation, "source": record.source})
        return
    click.echo(f"the root key is now number {record.generation}, at {record.source}")
    if target is not None:
        click.echo(f"set root_key to {record.source} before the next start", err=True)
    click.echo("keep a copy of it in a safe place", err=True)


@keys.command("replace-lost")
@click.argument("purposes", nargs=-1, required=True, type=click.Choice(["seal", "sign", "token"]))
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@opens_store
def replace_lost(
    *,
    purposes: tuple[str, ...],
    yes: bool,
    data_dir: str | None,
    database_url: str | None,
    as_json: bool,
) -> None:
    """Make a new data key for a purpose whose key is gone from the store, and from all backups.

    A server does not start without it. What the lost key sealed, signed or recognised stays lost:
    values do not open, checkpoints and receipts cannot be checked, tokens are unknown. The audit
    log keeps an entry that says so. Restore the table from a backup instead if you can.
    """
    # Loaded here, so that the other commands do not wait for the server's libraries.
    from domain.keys.data_key import KeyPurpose  # noqa: PLC0415
    from entrypoints import hardening  # noqa: PLC0415
    from entrypoints.container import Container  # noqa: PLC0415
    from entrypoints.preparation import STARTING  # noqa: PLC0415
    from entrypoints.standing import standing  # noqa: PLC0415

    if not yes:
        click.confirm(f"give up the keys for {', '.join(purposes)}?", abort=True, err=True)
    hardening.harden()
    container = Container(settings=settings_of(data_dir, database_url))
    standing(container.store())
    try:
        container.prepare_keys()(STARTING, given_up={KeyPurpose(name) for name in purposes})
    finally:
        container.storage().close()
    if as_json:
        output.print_json({"replaced": sorted(set(purposes))})
        return
    click.echo(f"a new key was made for {', '.join(purposes)}")


class Refused(StrongroomError):
    """What was asked for is not there; the message is for whoever typed the command."""


def _follow(client: "Client", rotation: dict[str, Any]) -> dict[str, Any]:
    """Wait until the rotation has ended, with a progress bar on a terminal."""
    states = _states(client, rotation)
    if not sys.stderr.isatty():
        *_, last = states
        return last
    # Loaded here only, because a pipe need not wait for it.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("re-sealing", total=rotation["total"])
        for state in states:
            progress.update(bar, completed=state["resealed"])
    return state


def _states(client: "Client", rotation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Go through the states of a rotation until it has ended."""
    yield rotation
    while rotation["state"] == "running":
        time.sleep(POLL_SECONDS)
        rotation = client.rotation(rotation["id"])
        yield rotation
