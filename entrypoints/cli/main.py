"""The command `strongroom`: what every subcommand shares."""

import sys
from importlib import import_module
from importlib.metadata import version

import click

from domain.errors import StrongroomError
from entrypoints.cli.output import escaped

COMMANDS = (
    "access", "activity", "alerts", "audit", "backup", "completion", "config", "db", "doctor",
    "init", "keys", "migrate-store", "plugins", "secrets", "serve",
)  # fmt: skip
"""The commands. Each stands in the module of its name, under its name."""


class Commands(click.Group):
    """Loads a command when it is asked for: what one needs, the others do not wait for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, or `None` where there is none of this name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        command: click.Command = getattr(import_module(f"entrypoints.cli.{name}"), name)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("strongroom"), prog_name="strongroom")
def cli() -> None:
    """Keep secrets: a server, and the commands to use it."""


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
