"""`strongroom db`."""

import click

from entrypoints import hardening
from entrypoints.cli import output
from entrypoints.cli.options import opens_store, settings_of


@click.group()
def db() -> None:
    """Look after the tables."""


@db.command()
@opens_store
def current(*, data_dir: str | None, database_url: str | None, as_json: bool) -> None:
    """Print the revision of the tables, and the newest one."""
    from adapters.sql import schema  # noqa: PLC0415  the other commands need not wait for it

    state = schema.inspect(settings_of(data_dir, database_url).database_path)
    if as_json:
        output.print_json({"revision": state.revision, "newest": schema.HEAD})
        return
    click.echo(f"{state.revision or 'none'} (newest: {schema.HEAD})")


@db.command()
@opens_store
def upgrade(*, data_dir: str | None, database_url: str | None, as_json: bool) -> None:
    """Bring the tables to the newest revision, after copying the database file."""
    from adapters.sql import schema  # noqa: PLC0415  the other commands need not wait for it
    from entrypoints.preparation import prepare  # noqa: PLC0415

    hardening.harden()
    ready = prepare(settings_of(data_dir, database_url))
    if as_json:
        copy = str(ready.copy) if ready.copy else None
        output.print_json({"revision": schema.HEAD, "copy": copy})
        return
    click.echo(f"the tables are at {schema.HEAD}")
    if ready.copy:
        click.echo(f"the database as it was: {ready.copy}")
