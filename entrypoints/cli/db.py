"""`strongroom db`."""

import os

import click

from entrypoints import configuration, hardening
from entrypoints.cli import output
from entrypoints.settings import Settings

_data_dir = click.option("--data-dir", help="Folder of the database and the key file.")
_database_url = click.option("--database-url", help="Where the store is, sqlite:///path.")
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def db() -> None:
    """Look after the tables."""


@db.command()
@_data_dir
@_database_url
@_json
def current(*, data_dir: str | None, database_url: str | None, as_json: bool) -> None:
    """Print the revision of the tables, and the newest one."""
    from adapters.sql import schema  # noqa: PLC0415  the other commands need not wait for it

    state = schema.inspect(_settings(data_dir, database_url).database_path)
    if as_json:
        output.print_json({"revision": state.revision, "newest": schema.HEAD})
        return
    click.echo(f"{state.revision or 'none'} (newest: {schema.HEAD})")


@db.command()
@_data_dir
@_database_url
@_json
def upgrade(*, data_dir: str | None, database_url: str | None, as_json: bool) -> None:
    """Bring the tables to the newest revision, after copying the database file."""
    from adapters.sql import schema  # noqa: PLC0415  the other commands need not wait for it
    from entrypoints.preparation import prepare  # noqa: PLC0415

    hardening.harden()
    ready = prepare(_settings(data_dir, database_url))
    if as_json:
        copy = str(ready.copy) if ready.copy else None
        output.print_json({"revision": schema.HEAD, "copy": copy})
        return
    click.echo(f"the tables are at {schema.HEAD}")
    if ready.copy:
        click.echo(f"the database as it was: {ready.copy}")


def _settings(data_dir: str | None, database_url: str | None) -> Settings:
    """Return the settings with the flags of these commands."""
    flags = {"data_dir": data_dir, "database_url": database_url}
    return configuration.load(os.environ, flags)
