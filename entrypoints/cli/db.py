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
    # Loaded here, so that the other commands need not wait for it.
    from entrypoints.chosen import build_store  # noqa: PLC0415

    state = build_store(settings_of(data_dir, database_url)).inspect()
    if as_json:
        output.print_json({"revision": state.revision, "newest": state.newest})
        return
    click.echo(f"{state.revision or 'none'} (newest: {state.newest})")


@db.command()
@opens_store
def upgrade(*, data_dir: str | None, database_url: str | None, as_json: bool) -> None:
    """Bring the tables to the newest revision, after copying the database file."""
    # Loaded here, so that the other commands need not wait for them.
    from entrypoints.container import Container  # noqa: PLC0415
    from entrypoints.preparation import prepare  # noqa: PLC0415

    hardening.harden()
    ready = prepare(Container(settings=settings_of(data_dir, database_url)))
    if as_json:
        output.print_json({"revision": ready.revision, "copy": ready.copy})
        return
    click.echo(f"the tables are at {ready.revision}")
    if ready.copy:
        click.echo(f"the database as it was: {ready.copy}")
