"""`strongroom completion`."""

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script of a shell, to be sourced by its start file."""
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101  click has all three
    root = context.find_root()
    click.echo(kind(root.command, {}, "strongroom", "_STRONGROOM_COMPLETE").source())
