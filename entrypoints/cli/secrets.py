"""`strongroom secrets`: the commands that talk to a running server."""

from functools import wraps
from pathlib import Path
from typing import Any

import click

from domain.secrets.generation import ALPHABETS, DEFAULT_LENGTH
from entrypoints.cli import output
from entrypoints.cli.options import Function, connect, talks
from entrypoints.cli.values import Number, read_value

SHOWN = ("id", "name", "version", "updated_at", "tags")


def _names_secret(function: Function) -> Function:
    """Add a name, or an id in its place, which the command gets as `secret`."""

    @click.argument("name", required=False)
    @click.option("--id", "number", type=Number(1), help="The id, in the place of a name.")
    @wraps(function)
    def named(*, name: str | None, number: int | None, **rest: Any) -> None:
        if (name is None) == (number is None):
            raise click.UsageError("give a name, or an id with --id")
        function(secret=number if name is None else name, **rest)

    return named


@click.group()
def secrets() -> None:
    """Keep and read secrets of a running server."""


@secrets.command("list")
@click.option("--prefix", help="Only names that begin so.")
@click.option("--query", "-q", help="Only where name or description holds this.")
@click.option("--tag", multiple=True, help="Only with this tag: key, or key=value.")
@click.option("--deleted", is_flag=True, help="List the recycle bin.")
@talks
def list_(
    *, prefix: str | None, query: str | None, tag: tuple[str, ...], deleted: bool,
    server: str, as_json: bool,
) -> None:  # fmt: skip
    """List secrets, without their values."""
    given = {"prefix": prefix, "q": query, "tag": list(tag), "deleted": "true" if deleted else None}
    found = connect(server).walk({name: value for name, value in given.items() if value})
    if as_json:
        output.print_json(list(found))
        return
    output.print_table(SHOWN, ([item[field] for field in SHOWN] for item in found))


@secrets.command()
@_names_secret
@click.option("--value", is_flag=True, help="Print the value and nothing else.")
@click.option("--version", type=Number(1), help="An earlier version (with --value).")
@talks
def get(*, secret: str | int, value: bool, version: int | None, server: str, as_json: bool) -> None:
    """Show a secret; its value only with --value."""
    if version is not None and not value:
        raise click.UsageError("--version goes with --value")
    client = connect(server)
    record = client.reveal(secret, version) if value else client.get(secret)
    if as_json:
        output.print_json(record)
    elif value:
        output.print_value(record["value"])
    else:
        output.print_record(record)


@secrets.command("set")
@click.argument("name")
@click.option(
    "--file", "file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help="Read the value from a file, every byte of it.",
)  # fmt: skip
@click.option("--generate", is_flag=True, help="Have the server make up the value.")
@click.option("--length", type=int, help=f"Characters to generate.  [default: {DEFAULT_LENGTH}]")
@click.option("--alphabet", type=click.Choice(list(ALPHABETS)), help="What to generate from.")
@click.option("--description", help="What the secret is for.")
@click.option("--tag", multiple=True, help="key=value; may stand more than once.")
@click.option("--expires-at", help="RFC 3339 with a zone, such as 2030-01-01T00:00:00Z.")
@talks
def set_(  # noqa: PLR0913  one for each option
    *, name: str, file: Path | None, generate: bool, length: int | None, alphabet: str | None,
    description: str | None, tag: tuple[str, ...], expires_at: str | None,
    server: str, as_json: bool,
) -> None:  # fmt: skip
    """Store a value under a name, as a new secret or as the next version of one.

    The value comes from standard input (one newline at its end is dropped), from --file, from
    --generate, or from a prompt that does not show it; never from an argument, because other
    users of the machine can read those.
    """
    recipe = {"length": length, "alphabet": alphabet}
    recipe = {key: given for key, given in recipe.items() if given is not None}
    if recipe and not generate:
        raise click.UsageError("--length and --alphabet go with --generate")
    if generate and file is not None:
        raise click.UsageError("--generate and --file exclude each other")
    body: dict[str, Any] = {"generate": recipe} if generate else {"value": read_value(file)}
    if description is not None:
        body["description"] = description
    if tag:
        body["tags"] = _tags(tag)
    if expires_at is not None:
        body["expires_at"] = expires_at
    client = connect(server)
    known = client.find(name)
    record = client.create({"name": name, **body}) if known is None else client.update(*known, body)
    _confirm(record, f"stored {name} (id {record['id']}, version {record['version']})", as_json)


@secrets.command("rm")
@_names_secret
@click.option("--purge", is_flag=True, help="Erase for good, with all versions.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask before --purge.")
@talks
def remove(*, secret: str | int, purge: bool, yes: bool, server: str, as_json: bool) -> None:
    """Put a secret into the recycle bin, where it stays for 30 days."""
    told = f"the secret {secret}" if isinstance(secret, int) else secret
    if purge and not yes:
        question = f"erase {output.escaped(told)} with all its versions, for good?"
        click.confirm(question, abort=True, err=True)
    client = connect(server)
    number = secret if isinstance(secret, int) else client.get(secret)["id"]
    record = client.delete(number, purge=purge)
    how = "erased" if purge else f"deleted, 'strongroom secrets restore {number}' brings it back"
    _confirm(record | {"id": number}, f"{told} {how}", as_json)


@secrets.command()
@click.argument("id", type=Number(1))
@talks
def restore(*, id: int, server: str, as_json: bool) -> None:  # noqa: A002  the argument's name
    """Bring a deleted secret back; `list --deleted` shows the ids."""
    record = connect(server).restore(id)
    _confirm(record, f"restored {record['name']}", as_json)


@secrets.command()
@_names_secret
@talks
def versions(*, secret: str | int, server: str, as_json: bool) -> None:
    """List the versions of a secret, oldest first."""
    client = connect(server)
    number = secret if isinstance(secret, int) else client.get(secret)["id"]
    history = client.versions(number)
    if as_json:
        output.print_json(history)
        return
    columns = ("version", "created_at", "destroyed_at", "newest")
    output.print_table(columns, ([item[column] for column in columns] for item in history))


@secrets.command()
@click.argument("name_and_version", nargs=-1, required=True, metavar="[NAME] VERSION")
@click.option("--id", "number", type=Number(1), help="The id, in the place of a name.")
@talks
def rollback(
    *, name_and_version: tuple[str, ...], number: int | None, server: str, as_json: bool
) -> None:
    """Make an earlier value the newest again, as the next version."""
    *names, last = name_and_version
    if len(names) != (number is None):
        raise click.UsageError("give a name, or an id with --id, and a version")
    kind: click.ParamType[Any] = Number(1)
    version: int = kind.convert(last, None, None)
    client = connect(server)
    told = names[0] if number is None else f"the secret {number}"
    record = client.roll_back(client.get(told)["id"] if number is None else number, version)
    _confirm(record, f"{told} is at version {record['version']}", as_json)


def _confirm(record: dict[str, Any], sentence: str, as_json: bool) -> None:
    """Say what was done."""
    if as_json:
        output.print_json(record)
    else:
        click.echo(output.escaped(sentence))


def _tags(given: tuple[str, ...]) -> dict[str, str]:
    """Read tags of the form key=value."""
    pairs = [text.partition("=") for text in given]
    if not all(equals for _, equals, _ in pairs):
        raise click.UsageError("--tag must have the form key=value")
    return {key: value for key, _, value in pairs}
