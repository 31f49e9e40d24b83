"""Noticing renewed certificate files, and having new workers take over with them."""

import os
import select
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import structlog

from domain.errors import StartRefused
from entrypoints.tls.certificate import Certificate, read
from entrypoints.tls.files import Mark, TlsFiles
from entrypoints.tls.handover import MAKE_WAY
from entrypoints.tls.listening import TlsServer

POLL_SECONDS = 1.0
START_SECONDS = 60.0
"""How long a new worker may take before it is given up waiting for."""

SOON = timedelta(days=7)

_log = structlog.get_logger("strongroom")


class Renewal:
    """Watches the files from a thread of the process that starts the workers."""

    def __init__(
        self, files: TlsFiles, mark: Mark, certificate: Certificate, server: TlsServer
    ) -> None:
        """Take the files, their mark before they were read, what was read, and who shows it."""
        self._files = files
        self._mark = mark
        self._certificate = certificate
        self._server = server
        self._waiting, self.ready = os.pipe2(os.O_CLOEXEC)

    def start(self) -> None:
        """Begin to watch, until the process ends."""
        threading.Thread(target=self._watch, name="renewal", daemon=True).start()

    def _watch(self) -> None:
        """Look again and again."""
        pause = threading.Event()
        while not pause.wait(POLL_SECONDS):
            mark = self._files.mark()
            # A file that has just changed may still be written: once more the same, then it counts.
            if mark != self._mark and not pause.wait(POLL_SECONDS) and mark == self._files.mark():
                self._mark = mark
                self._take(mark)

    def _take(self, mark: Mark) -> None:
        """Show what the files hold now, if it can be shown."""
        try:
            renewed = read(self._files)
        except StartRefused as refusal:
            _log.error(
                "the changed certificate is not taken, the one before stays", why=str(refusal)
            )
            return
        if renewed == self._certificate or mark != self._files.mark():
            return
        self._certificate = renewed
        tell(renewed, "certificate renewed, new workers take over")
        self._hand_over()

    def _hand_over(self) -> None:
        """Start new workers, and have the old ones make way when the first of those is there."""
        while select.select([self._waiting], [], [], 0)[0]:
            os.read(self._waiting, 4096)
        before = self._server.worker_ids
        self._server.show(self._certificate)
        self._server.replace_workers()
        if select.select([self._waiting], [], [], START_SECONDS)[0]:
            for worker in before:
                with suppress(ProcessLookupError):
                    os.kill(worker, MAKE_WAY)


def tell(certificate: Certificate, event: str) -> None:
    """Say in the log what is shown, and whether it ends soon."""
    expires = certificate.expires.isoformat()
    _log.info(event, names=list(certificate.names), expires=expires)
    if certificate.expires - datetime.now(UTC) < SOON:
        _log.warning("the certificate expires within a week", expires=expires)
