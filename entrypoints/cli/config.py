"""`strongroom config`."""

import os

import click
import msgspec

from entrypoints import configuration
from entrypoints.cli import output


@click.group()
def config() -> None:
    """Look at the settings."""


@config.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(*, as_json: bool) -> None:
    """Print every setting in force, with passwords masked."""
    settings = configuration.shown(configuration.load(os.environ))
    if as_json:
        output.print_json(settings)
        return
    for name, value in settings.items():
        click.echo(f"{name} = {msgspec.json.encode(value).decode()}")
