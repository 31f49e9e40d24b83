"""`strongroom serve`."""

import os
from typing import Any

import click

from entrypoints import collector, configuration
from entrypoints.absent import absent
from entrypoints.cli.values import Number


@click.command()
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=Number(1, 65535), help="Port.  [default: 8000]")
@click.option("--workers", type=Number(1, 64), help="Server processes.  [default: 1]")
@click.option("--tls", help="self-signed: https with a certificate for trying out.")
@click.option("--tls-cert", help="File of the certificate and its issuers (PEM).")
@click.option("--tls-key", help="File of its key (PEM).")
@click.option("--data-dir", help="Folder of the database and the key file.  [default: data]")
@click.option("--database-url", help="Where the store is, such as sqlite:///path.")
def serve(**flags: Any) -> None:
    """Start the server. Settings come from flags, STRONGROOM_* and strongroom.toml."""
    # Loaded here, so that the other commands do not wait for the server's libraries.
    # Without `rich`, which the library of the log would load to show tracebacks with the variables
    # of every function in them: no log of ours has a traceback.
    with collector.passing_over(), absent("rich"):
        from entrypoints import server  # noqa: PLC0415

    server.serve(configuration.load(os.environ, flags))
