"""Options that several commands share."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from entrypoints import configuration
from entrypoints.settings import Settings

if TYPE_CHECKING:
    from entrypoints.cli.client import Client

DEFAULT_SERVER = "http://127.0.0.1:8000"

_CA = "strongroom.ca"

Function = Callable[..., None]


def prints_json(function: Function) -> Function:
    """Add `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(function)


def talks(function: Function) -> Function:
    """Add what every command takes that talks to a server."""
    server = click.option(
        "--server", envvar="STRONGROOM_ADDR", default=DEFAULT_SERVER, show_default=True,
        help="Address of the server (STRONGROOM_ADDR).",
    )  # fmt: skip
    ca = click.option(
        "--ca", envvar="STRONGROOM_CA", expose_value=False, callback=_remember_ca,
        help="File of the certificate, or of its issuer, to trust instead (STRONGROOM_CA).",
    )  # fmt: skip
    return prints_json(server(ca(function)))


def _remember_ca(context: click.Context, _parameter: click.Parameter, ca: str | None) -> None:
    """Keep what `connect` needs, so that not every command has to hand it on."""
    context.meta[_CA] = ca


def opens_store(function: Function) -> Function:
    """Add what every command takes that works on the store itself."""
    folder = click.option("--data-dir", help="Folder of the database and the key file.")
    url = click.option("--database-url", help="Where the store is, such as sqlite:///path.")
    return folder(url(prints_json(function)))


def connect(server: str) -> "Client":
    """Return a client, loaded only when it is needed: help must not wait for it."""
    from entrypoints.cli.client import connect  # noqa: PLC0415

    return connect(server, click.get_current_context().meta.get(_CA))


def settings_of(data_dir: str | None, database_url: str | None) -> Settings:
    """Return the settings with the flags of `opens_store`."""
    flags = {"data_dir": data_dir, "database_url": database_url}
    return configuration.load(os.environ, flags)
