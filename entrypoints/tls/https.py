"""What a start needs of HTTPS, in one place."""

from collections.abc import Callable
from functools import partial
from typing import Any, Literal, Self

import structlog
from litestar.types import ASGIApp

from entrypoints.settings import Settings
from entrypoints.tls import self_signed
from entrypoints.tls.certificate import read
from entrypoints.tls.files import TlsFiles
from entrypoints.tls.handover import Handover
from entrypoints.tls.listening import TlsServer
from entrypoints.tls.renewal import Renewal, tell

_log = structlog.get_logger("strongroom")


class Https:
    """The certificate of one run of the server, from its check to its renewal."""

    def __init__(self, files: TlsFiles, *, makes: bool, least: Literal["1.2", "1.3"]) -> None:
        """Take the files, whether to make them, and the least version of TLS."""
        self._files = files
        self._makes = makes
        self._least = least

    @classmethod
    def of(cls, settings: Settings, files: TlsFiles) -> Self:
        """Return what the settings ask for, with the files that they name.

        Raises:
            StartRefused: the files do not fit; nothing was touched.
        """
        makes = settings.tls == "self-signed"
        if not makes:
            read(files)
        return cls(files, makes=makes, least=settings.tls_min_version)

    def server(
        self, *, renewed: bool, **settings: Any
    ) -> tuple[TlsServer, Callable[[ASGIApp], ASGIApp]]:
        """Return the server, and what a worker of it is wrapped in.

        Args:
            renewed: whether a new worker may start beside an old one when the files change.
            settings: those of Granian.
        """
        if self._makes:
            self_signed.ensure(self._files)
            _log.warning(
                "self-signed certificate, for trying out only: clients must be told to trust it",
                trust=str(self._files.cert),
            )
        mark = self._files.mark()
        certificate = read(self._files)
        tell(certificate, "certificate read")
        server = TlsServer(least=self._least, **settings)
        server.show(certificate)
        renewal = Renewal(self._files, mark, certificate, server)
        if renewed:
            server.on_startup(renewal.start)
        else:
            _log.warning("this store is for one process, so a renewed certificate needs a restart")
        return server, partial(_wrap, server, renewal)


def _wrap(server: TlsServer, renewal: Renewal, app: ASGIApp) -> Handover:
    """Have a worker make way when it is told to."""
    return Handover(app, listener=server.listener, ready=renewal.ready)
