"""`strongroom plugins`."""

import os

import click

from entrypoints import configuration
from entrypoints import plugins as installed
from entrypoints.cli import output
from entrypoints.cli.options import prints_json

COLUMNS = ("group", "name", "package", "version", "reference", "in_use")


@click.command()
@prints_json
def plugins(*, as_json: bool) -> None:
    """List the adapters that installed packages offer, without loading them.

    What stands in `in_use` is what the settings name; `strongroom serve` loads that and nothing
    else, except for the ciphers of old values.
    """
    settings = configuration.load(os.environ)
    rows = [
        (
            group.name,
            offer.name,
            offer.package,
            offer.version,
            offer.reference,
            offer.name in group.chosen(settings),
        )
        for group in installed.GROUPS
        for offer in installed.offers(group)
    ]
    if as_json:
        output.print_json([dict(zip(COLUMNS, row, strict=True)) for row in rows])
        return
    output.print_table(COLUMNS, ((*row[:-1], "in use" if row[-1] else "") for row in rows))
