"""`strongroom init`."""

import click

from domain.errors import StrongroomError
from entrypoints import hardening
from entrypoints.cli import output
from entrypoints.cli.options import opens_store, settings_of


class Refused(StrongroomError):
    """There is nothing to begin with; the message is for whoever typed the command."""


@click.command()
@click.option("--again", is_flag=True, help="Make one more token of 'admin', if all are lost.")
@opens_store
def init(*, again: bool, data_dir: str | None, database_url: str | None, as_json: bool) -> None:
    """Make the folder, the key and the first administrator.

    The administrator's token is printed, alone on a line, and not shown again.
    """
    # Loaded here, so that the other commands need not wait for them.
    from entrypoints.administrator import make_administrator  # noqa: PLC0415
    from entrypoints.container import Container  # noqa: PLC0415
    from entrypoints.preparation import prepare  # noqa: PLC0415

    hardening.harden()
    settings = settings_of(data_dir, database_url)
    container = Container(settings=settings)
    ready = prepare(container)
    credential = make_administrator(settings, container.root_key_source(), again=again)
    if credential is None:
        raise Refused("there is an administrator already; 'init --again' makes one more token")
    if ready.key_created:
        click.echo(f"root key created at {ready.root_key}, keep a copy in a safe place", err=True)
    click.echo("the token of 'admin' is not shown again:", err=True)
    if as_json:
        output.print_json({"principal": "admin", "token": credential.reveal()})
        return
    click.echo(credential.reveal())
