"""`strongroom activity`: how secrets are used, by way of a server."""

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from domain.audit.activity import MAX_DAYS
from entrypoints.cli import output
from entrypoints.cli.charts import bar, sparkline
from entrypoints.cli.options import connect, talks
from entrypoints.cli.values import Number

if TYPE_CHECKING:
    from entrypoints.cli.client import Client

PAGE = 1000
BAR = 20
USED_DAYS, UNUSED_DAYS = 30, 90

Record = dict[str, Any]


@click.command()
@click.argument("name", required=False)
@click.option(
    "--days", type=Number(1, MAX_DAYS), help="How far to look back.  [default: 30; 90 if --unread]"
)
@click.option("--unread", is_flag=True, help="List what nobody has read in that time.")
@click.option("--limit", type=Number(1, 1000), default=20, show_default=True, help="How many.")
@talks
def activity(
    *, name: str | None, days: int | None, unread: bool, limit: int, server: str, as_json: bool
) -> None:
    """Show how a secret NAME is used and by whom; without NAME, which are read most."""
    if unread and name is not None:
        raise click.UsageError("--unread is about all secrets, leave the name out")
    client = connect(server)
    if unread:
        _print_unread(list(_unread(client, days or UNUSED_DAYS)), as_json=as_json)
    elif name is None:
        query = {"days": days or USED_DAYS, "limit": limit}
        _print_most(client.call("GET", "/api/activity/most-read", params=query), as_json=as_json)
    else:
        number = client.get(name)["id"]
        query = {"days": days or USED_DAYS}
        found = client.call("GET", f"/api/secrets/{number}/activity", params=query)
        _print_one(found, days or USED_DAYS, as_json=as_json)


def _unread(client: "Client", days: int) -> Iterator[Record]:
    """Return every secret that nobody has read, page by page."""
    query = {"days": days, "limit": PAGE, "after": 0}
    while page := client.call("GET", "/api/activity/unread", params=query):
        yield from page
        query["after"] = page[-1]["id"]
        if len(page) < PAGE:
            return


def _print_unread(found: Sequence[Record], *, as_json: bool) -> None:
    """Print secrets that nobody has read."""
    if as_json:
        output.print_json(found)
        return
    columns = ("id", "name", "last_read_at", "created_at")
    output.print_table(columns, ([item[column] for column in columns] for item in found))


def _print_most(found: Sequence[Record], *, as_json: bool) -> None:
    """Print the secrets that are read most."""
    if as_json:
        output.print_json(found)
        return
    columns = ["reads", "readers", "name", "last_read_at"]
    rows = [[item[column] for column in columns] for item in found]
    if sys.stdout.isatty():
        most = max((item["reads"] for item in found), default=0)
        columns.insert(1, "")
        for row in rows:
            row.insert(1, bar(row[0], most=most, width=BAR))
    output.print_table(columns, rows)


def _print_one(found: Record, days: int, *, as_json: bool) -> None:
    """Print how one secret is used: for a terminal with a chart of the days."""
    if as_json:
        output.print_json(found)
        return
    if sys.stdout.isatty():
        _print_chart(found, days)
    columns = ("principal", "reads", "changes", "denials", "last_at")
    rows = ([item[column] for column in columns] for item in found["principals"])
    output.print_table(columns, rows)


def _print_chart(found: Record, days: int) -> None:
    """Print one line for reads, and others for changes and denials where there are any."""
    by_day = {date.fromisoformat(item["day"]): item for item in found["days"]}
    first = datetime.now(UTC).date() - timedelta(days=days - 1)
    every = [by_day.get(first + timedelta(days=n), {}) for n in range(days)]
    for word in ("reads", "changes", "denials"):
        if word == "reads" or found[word]:
            line = sparkline([day.get(word, 0) for day in every])
            click.echo(f"{word:8} {line} {found[word]}")
    last = found["last_read_at"] or "never"
    click.echo(f"last read {last}, {days} days from {first} on")
    if found["pending"]:
        click.echo(f"{found['pending']} entries of the audit log are not counted yet")
    click.echo()
