"""`strongroom alerts`: what is unusual, and whether those who should know are told."""

import time
from typing import Any

import click

from domain.errors import StrongroomError
from entrypoints.cli import output
from entrypoints.cli.client import Client
from entrypoints.cli.options import connect, talks

COLUMNS = ("id", "at", "severity", "rule", "summary", "repeats", "acknowledged_by")
POLL_SECONDS = 0.5
LIMIT = 1000


class NotTold(StrongroomError):
    """A receiver was not told of the test."""


@click.group()
def alerts() -> None:
    """Look at alerts, acknowledge them, and try out who is told."""


@alerts.command("list")
@click.option("--rule", help="Only alerts of this rule.")
@click.option("--all", "everything", is_flag=True, help="Show those that were acknowledged, too.")
@click.option("--limit", type=click.IntRange(1, LIMIT), default=100, show_default=True)
@talks
def list_(*, rule: str | None, everything: bool, limit: int, server: str, as_json: bool) -> None:
    """List the alerts that nobody has acknowledged, the newest first; with --all every one."""
    params: dict[str, Any] = {"limit": limit}
    if rule is not None:
        params["rule"] = rule
    if not everything:
        params["acknowledged"] = "false"
    found = connect(server).call("GET", "/api/alerts", params=params)
    if as_json:
        output.print_json(found)
        return
    if not found and not everything:
        click.echo("no alert is open; --all shows those that were acknowledged", err=True)
    output.print_table(COLUMNS, ([item[column] for column in COLUMNS] for item in found))


@alerts.command()
@click.argument("numbers", type=click.IntRange(1), nargs=-1, required=True)
@talks
def ack(*, numbers: tuple[int, ...], server: str, as_json: bool) -> None:
    """Say that somebody has looked at alerts."""
    client = connect(server)
    done = [client.call("POST", f"/api/alerts/{number}/acknowledge") for number in numbers]
    if as_json:
        output.print_json(done)
        return
    output.print_table(COLUMNS, ([item[column] for column in COLUMNS] for item in done))


@alerts.command()
@click.option(
    "--wait", type=click.FloatRange(0, 600), default=30.0, show_default=True,
    help="Seconds to wait for receivers.",
)  # fmt: skip
@talks
def test(*, wait: float, server: str, as_json: bool) -> None:
    """Raise a real alert that means nothing, and say what became of it with every receiver.

    It ends with 1 when a receiver has not taken it, or when nobody would be told at all.
    """
    client = connect(server)
    raised = client.call("POST", "/api/alerts/test")
    click.echo(f"the alert is raised; receivers have {wait:g} seconds to take it", err=True)
    told = _wait_for(client, raised, wait)
    if as_json:
        output.print_json({"alert": raised, "deliveries": told})
    else:
        columns = ("receiver", "state", "attempts", "error")
        output.print_table(columns, (_row(item) for item in told))
    if not told:
        raise NotTold("no receiver gets alerts; 'receivers' in the settings names some")
    if any(item["state"] != "delivered" for item in told):
        raise NotTold("not every receiver has taken it; the server tries again by itself")


@alerts.command()
@click.argument("secret", type=click.IntRange(1), required=False)
@click.option("--off", is_flag=True, help="Have it be one no longer.")
@talks
def decoy(*, secret: int | None, off: bool, server: str, as_json: bool) -> None:
    """Make the secret with this id a tripwire; list the tripwires when none is given."""
    client = connect(server)
    if secret is None:
        found = client.call("GET", "/api/decoys")
        columns = ("name", "uid", "set_at", "set_by")
        if as_json:
            output.print_json(found)
        else:
            output.print_table(columns, ([item[name] for name in columns] for item in found))
        return
    done = client.call("DELETE" if off else "PUT", f"/api/decoys/{secret}")
    if as_json:
        output.print_json(done)
    else:
        click.echo(output.escaped(done["message"]))


def _row(delivery: dict[str, Any]) -> tuple[Any, ...]:
    """Return what became of a delivery."""
    error = delivery["error"]
    if error is None and not delivery["attempts"]:
        error = "waits behind one that was not taken, see /api/webhooks"
    return delivery["receiver"], delivery["state"], delivery["attempts"], error


def _wait_for(client: Client, raised: dict[str, Any], seconds: float) -> list[dict[str, Any]]:
    """Wait until every receiver was tried, and return the deliveries of an alert.

    Each is told of when it has been tried, and those that were not when the time is over.
    """
    end = time.monotonic() + seconds
    shown = set[str]()
    while True:
        found = client.call("GET", "/api/webhooks", params={"limit": LIMIT})["deliveries"]
        told = [item for item in found if _is_of(item, raised)]
        over = time.monotonic() >= end
        for item in told:
            if (item["attempts"] or over) and item["receiver"] not in shown:
                shown.add(item["receiver"])
                _show(item)
        if over or all(item["attempts"] for item in told):
            return told
        time.sleep(POLL_SECONDS)


def _show(delivery: dict[str, Any]) -> None:
    """Say what became of a delivery, while others are waited for."""
    receiver, state, _, error = _row(delivery)
    click.echo(output.escaped(f"{receiver}: {state}{f', {error}' if error else ''}"), err=True)


def _is_of(delivery: dict[str, Any], raised: dict[str, Any]) -> bool:
    """Tell whether a delivery is that of an alert."""
    same: bool = delivery["at"] == raised["at"] and delivery["summary"] == raised["summary"]
    return same
