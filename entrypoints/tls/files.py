"""The files of HTTPS: where they are, whom they are open to, and whether they have changed."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from adapters.root_keys.closed_file import is_handed_in
from domain.errors import StartRefused
from entrypoints.settings import Settings

MAX_BYTES = 1024 * 1024
"""More than any chain has; so a wrong path does not fill the memory."""

Mark = tuple[tuple[int, ...] | None, ...]
"""What changes when a file is replaced or written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """Where the certificate, its key and the issuers of clients' certificates are."""

    cert: Path
    key: Path
    client_ca: Path | None = None

    def mark(self) -> Mark:
        """Return what changes with the files. Links are followed: renewal tools exchange those."""
        named = (self.cert, self.key, self.client_ca)
        return tuple(_mark(path) for path in named if path is not None)


def files_of(settings: Settings) -> TlsFiles | None:
    """Return the files that the settings name, or `None` for plain http.

    Raises:
        StartRefused: one is named without the other.
    """
    client_ca = Path(settings.tls_client_ca) if settings.tls_client_ca else None
    if settings.tls == "self-signed":
        if settings.tls_cert or settings.tls_key:
            raise StartRefused("'tls' is self-signed, so leave 'tls_cert' and 'tls_key' out")
        cert, key = settings.data_dir / CERT_FILE, settings.data_dir / KEY_FILE
        return TlsFiles(cert=cert, key=key, client_ca=client_ca)
    if not settings.tls_cert and not settings.tls_key:
        if client_ca is not None:
            raise StartRefused("'tls_client_ca' needs 'tls_cert' and 'tls_key' as well")
        return None
    if not settings.tls_cert or not settings.tls_key:
        raise StartRefused("'tls_cert' and 'tls_key' go together; one of them is not set")
    return TlsFiles(cert=Path(settings.tls_cert), key=Path(settings.tls_key), client_ca=client_ca)


CERT_FILE = "self-signed.crt"
KEY_FILE = "self-signed.key"
"""What `--tls self-signed` makes in the data folder."""


def content_of(path: Path, what: str) -> tuple[bytes, os.stat_result]:
    """Return what a file holds and what the system knows of it.

    Raises:
        StartRefused: it is missing, cannot be read, or is no regular file.
    """
    try:
        # O_NONBLOCK: never wait for the other end of a pipe.
        with open(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise StartRefused(f"{what} {path} is not a regular file")
            handed_in = is_handed_in(path, os.fstatvfs(file.fileno()).f_flag)
            return file.read(MAX_BYTES), _closed(status) if handed_in else status
    except FileNotFoundError:
        raise StartRefused(f"{what} {path} is missing; check the path") from None
    except OSError as error:
        raise StartRefused(f"{what} {path} cannot be read: {error.strerror}") from None


def is_closed(status: os.stat_result) -> bool:
    """Tell whether others are kept out.

    A group may read what belongs to root: that is how systems share one key among services
    (Debian's `ssl-cert`), and PostgreSQL takes the same.
    """
    allowed = 0o040 if status.st_uid == 0 else 0
    return not stat.S_IMODE(status.st_mode) & 0o077 & ~allowed


def _closed(status: os.stat_result) -> os.stat_result:
    """Return the same without anybody else's rights: the keeper of the mount decides on them."""
    return os.stat_result((status.st_mode & ~0o077, *status[1:]))


def _mark(path: Path) -> tuple[int, ...] | None:
    """Return the mark of one file, `None` while there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
