"""`strongroom access binding`: which roles workloads hold by what their issuers say of them."""

from typing import Any

import click

from entrypoints.cli import access_client, output
from entrypoints.cli.options import connect, talks

COLUMNS = ("id", "issuer", "claims", "roles", "description")


@click.group()
def binding() -> None:
    """Bind claims of signed tokens to roles, look at that, and end it."""


@binding.command()
@click.option("--issuer", required=True, help="The issuer, by its name in the server's settings.")
@click.option(
    "--claim", "claims", multiple=True, required=True, metavar="NAME=TEXT",
    help="A claim and the text that it must be, such as repository=acme/shop; all must hold."
    " A name that begins with '/' is a JSON Pointer, such as /kubernetes.io/namespace.",
)  # fmt: skip
@click.option("--role", "roles", multiple=True, required=True, help="A role that they stand for.")
@click.option("--description", help="What it is for.")
@talks
def create(
    *,
    issuer: str,
    claims: tuple[str, ...],
    roles: tuple[str, ...],
    description: str | None,
    server: str,
    as_json: bool,
) -> None:
    """Have whoever an issuer says these claims of hold roles."""
    body = {
        "issuer": issuer,
        "claims": _pairs(claims),
        "roles": list(roles),
        "description": description,
    }
    made = access_client.binding_create(connect(server), body)
    if as_json:
        output.print_json(made)
    else:
        click.echo(f"binding {made['id']} made")


@binding.command("list")
@talks
def list_(*, server: str, as_json: bool) -> None:
    """List which claims stand for which roles."""
    found = access_client.bindings(connect(server))
    if as_json:
        output.print_json(found)
        return
    output.print_table(COLUMNS, (_row(item) for item in found))


@binding.command()
@click.argument("number", type=click.IntRange(1))
@talks
def delete(*, number: int, server: str, as_json: bool) -> None:
    """Have claims stand for no roles any more, from the next call on."""
    done = access_client.binding_delete(connect(server), number)
    if as_json:
        output.print_json(done)
    else:
        click.echo(f"binding {number} deleted")


def _pairs(given: tuple[str, ...]) -> dict[str, str]:
    """Read claims; the first '=' parts, because texts may have more."""
    claims: dict[str, str] = {}
    for pair in given:
        name, parted, text = pair.partition("=")
        if not parted or name in claims:
            raise click.BadParameter("takes NAME=TEXT, each name once", param_hint="--claim")
        claims[name] = text
    return claims


def _row(item: dict[str, Any]) -> list[Any]:
    """Return a line of the table."""
    claims = ", ".join(f"{name}={text}" for name, text in item["claims"].items())
    return [item["id"], item["issuer"], claims, ", ".join(item["roles"]), item["description"]]
