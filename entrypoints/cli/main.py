"""The command `strongroom`: what every subcommand shares."""

import sys
from importlib.metadata import version

import click

from domain.errors import StrongroomError
from entrypoints.cli.access import access
from entrypoints.cli.activity import activity
from entrypoints.cli.alerts import alerts
from entrypoints.cli.audit import audit
from entrypoints.cli.backup import backup
from entrypoints.cli.completion import completion
from entrypoints.cli.config import config
from entrypoints.cli.db import db
from entrypoints.cli.doctor import doctor
from entrypoints.cli.init import init
from entrypoints.cli.keys import keys
from entrypoints.cli.migrate_store import migrate_store
from entrypoints.cli.output import escaped
from entrypoints.cli.plugins import plugins
from entrypoints.cli.secrets import secrets
from entrypoints.cli.serve import serve


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("strongroom"), prog_name="strongroom")
def cli() -> None:
    """Keep secrets: a server, and the commands to use it."""


for command in (
    serve, init, secrets, keys, access, audit, activity, alerts, backup, migrate_store, config, db,
    doctor, plugins, completion,
):  # fmt: skip
    cli.add_command(command)


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 refused or failed, 2 wrong usage."""
    try:
        cli()
    except StrongroomError as error:
        # The words may be a server's own, and a terminal would obey what stands in them.
        click.echo(escaped(f"strongroom: {error}"), err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
