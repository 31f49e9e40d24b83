"""`strongroom access`: who may do what, and the tokens that prove who one is."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from domain.errors import StrongroomError
from entrypoints.cli import access_client, output
from entrypoints.cli.access_plan import Step, read_plan, steps_to, unknown_actions
from entrypoints.cli.bindings import binding
from entrypoints.cli.options import connect, talks

if TYPE_CHECKING:
    from entrypoints.cli.client import Client

TOKEN_COLUMNS = (
    "id", "principal", "hint", "description", "created_at", "expires_at", "last_used_at",
    "revoked_at",
)  # fmt: skip
DECISION_COLUMNS = ("principal", "allowed", "rule")


class NotDone(StrongroomError):
    """A step of a plan was refused, or no answer came; those before it are in force."""


@click.group()
def access() -> None:
    """Look at rights, set them, and make tokens."""


@access.command()
@click.argument("principal")
@click.argument("action")
@click.argument("name", required=False)
@talks
def explain(*, principal: str, action: str, name: str | None, server: str, as_json: bool) -> None:
    """Say which rule decides whether a principal may take an action on a name.

    In the place of a principal a binding of claims may stand, as binding:7.
    """
    _show(server, as_json=as_json, principal=principal, action=action, name=name)


@access.command("who-can")
@click.argument("action")
@click.argument("name", required=False)
@click.option("--all", "everybody", is_flag=True, help="Show those who may not, too.")
@talks
def who_can(*, action: str, name: str | None, everybody: bool, server: str, as_json: bool) -> None:
    """Say who may take an action on a name, and by which rule."""
    _show(server, as_json=as_json, only_allowed=not everybody, action=action, name=name)


@access.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@talks
def apply(*, file: Path, dry_run: bool, server: str, as_json: bool) -> None:
    """Have the server hold what a file has of roles, principals and bindings of claims.

    What the file does not name stays.

    Each change stands by itself: one that is refused leaves those before it in force.
    """
    client = connect(server)
    plan = read_plan(file)
    steps = steps_to(
        plan,
        access_client.roles(client),
        access_client.principals(client),
        access_client.bindings(client) if "bindings" in plan else [],
    )
    for step in steps:
        if not dry_run:
            _take(client, step)
        if not as_json:
            click.echo(output.escaped("\n".join(step.diff), keep="\n"))
    if as_json:
        output.print_json([line for step in steps for line in step.diff])
    elif not steps:
        click.echo("nothing to change", err=True)


access.add_command(binding)


@access.group()
def token() -> None:
    """Make tokens, look at them, revoke them."""


@token.command()
@click.option("--principal", help="Whose token; your own when it is left out.")
@click.option("--description", help="What it is for.")
@click.option("--expires-at", help="When it ends, such as 2030-01-01T00:00:00Z.")
@click.option("--network", "networks", multiple=True, help="Where it counts, such as 10.0.0.0/8.")
@talks
def create(*, server: str, as_json: bool, networks: tuple[str, ...], **fields: Any) -> None:
    """Make a token and print it, alone on a line. It is not shown again."""
    body = {name: text for name, text in fields.items() if text is not None}
    made = access_client.token_create(connect(server), {**body, "networks": list(networks)})
    if as_json:
        output.print_json(made)
        return
    click.echo(made["token"])


@token.command("list")
@talks
def list_(*, server: str, as_json: bool) -> None:
    """List what is known of tokens, never one itself."""
    found = list(access_client.tokens(connect(server)))
    if as_json:
        output.print_json(found)
        return
    output.print_table(TOKEN_COLUMNS, ([item[name] for name in TOKEN_COLUMNS] for item in found))


@token.command()
@click.argument("number", type=click.IntRange(1))
@talks
def revoke(*, number: int, server: str, as_json: bool) -> None:
    """Have a token count no longer, from the next call on."""
    done = access_client.token_revoke(connect(server), number)
    if as_json:
        output.print_json(done)
    else:
        click.echo(f"token {number} revoked")


def _take(client: "Client", step: Step) -> None:
    """Have the server do one step.

    Raises:
        NotDone: it did not; the message says which step.
    """
    body = None if step.body is None else dict(step.body)
    try:
        client.call(step.method, step.path, json=body)
    except StrongroomError as error:
        unknown = unknown_actions(step)
        hint = f" (there is no action {', '.join(unknown)})" if unknown else ""
        raise NotDone(f"'{step.diff[0]}' was not done: {error}{hint}") from error


def _show(
    server: str, *, as_json: bool, only_allowed: bool = False, **question: str | None
) -> None:
    """Ask and print the decisions."""
    answer = access_client.explain(connect(server), **question)
    if only_allowed:
        answer["decisions"] = [item for item in answer["decisions"] if item["allowed"]]
    if as_json:
        output.print_json(answer)
        return
    rows = ([item[name] for name in DECISION_COLUMNS] for item in answer["decisions"])
    output.print_table(DECISION_COLUMNS, rows)
