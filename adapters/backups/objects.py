"""Backups as objects in S3, Google Cloud Storage, Azure Blob Storage, or what speaks as they do.

Credentials and addresses come from the environment, under the names that the tools of each cloud
use (`AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL`, …). Needs the extra `strongroom[objects]`.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from domain.backups.name import parse_name
from domain.errors import StartRefused
from domain.ports.backup_place import (
    BackupPlace,
    Lying,
    NoSuchBackup,
    PlaceUnavailable,
    Source,
    Target,
)

if TYPE_CHECKING:
    from obstore.store import ObjectStore

PART = 8 * 1024 * 1024
"""The size of the parts that are sent and fetched, in bytes; one is in memory at a time. S3 takes
10,000 parts, so a backup may have 80 GB."""


class ObjectPlace(BackupPlace):
    """Keeps each backup as one object. An upload that does not end leaves no object."""

    def __init__(self, uri: str) -> None:
        """Take the URI of a bucket or container, and perhaps a path in it.

        Raises:
            StartRefused: the library is not installed, or the URI is not one that it takes.
        """
        parts = urlsplit(uri)
        if parts.username or parts.password or parts.query or not parts.netloc:
            raise StartRefused(
                "the setting 'backup_place' must have the form s3://bucket/path, with credentials"
                " in the environment"
            )
        try:
            import obstore  # noqa: PLC0415  loaded only when the settings name such a place
            from obstore.exceptions import BaseError  # noqa: PLC0415
            from obstore.store import from_url  # noqa: PLC0415
        except ImportError:
            raise StartRefused(
                "object storage needs what 'pip install strongroom[objects]' installs"
            ) from None
        self._uri = uri.rstrip("/")
        self._obstore: Any = obstore
        # Not an error of the system's own: those are `FileNotFoundError`, and what writes raise.
        self._errors: tuple[type[Exception], ...] = (BaseError, OSError)
        try:
            self._store: ObjectStore = from_url(self._uri)
        except (BaseError, ValueError):
            raise StartRefused("the URI in 'backup_place' is not one of object storage") from None

    @property
    def uri(self) -> str:
        """Return the URI."""
        return self._uri

    def put(self, name: str, write: Callable[[Target], None]) -> int:
        """Send what is written, in parts; the object is there after the last one."""
        with self._available():
            with self._obstore.open_writer(self._store, name, buffer_size=PART) as writer:
                counted = _Counted(writer.write)
                write(counted)
            return counted.bytes

    @contextlib.contextmanager
    def open(self, name: str) -> Iterator[Source]:
        """Give the object, fetched in parts, until the block ends.

        Raises:
            NoSuchBackup: there is none.
        """
        if "/" in name or name in {"", ".", ".."}:
            raise NoSuchBackup
        with self._available():
            try:
                reader = self._obstore.open_reader(self._store, name, buffer_size=PART)
            except FileNotFoundError:
                raise NoSuchBackup from None
        yield _Reading(reader, self._available)

    def list(self) -> Sequence[Lying]:
        """Return the backups, by name."""
        with self._available():
            found = [meta for page in self._obstore.list(self._store) for meta in page]
        return sorted(
            (
                Lying(name=meta["path"], bytes=meta["size"])
                for meta in found
                if parse_name(meta["path"]) is not None
            ),
            key=lambda lying: lying.name,
        )

    def remove(self, name: str) -> None:
        """Erase a backup, if it is there."""
        with self._available(), contextlib.suppress(FileNotFoundError):
            self._obstore.delete(self._store, name)

    @contextlib.contextmanager
    def _available(self) -> Iterator[None]:
        """Turn the library's errors into the port's own; its words may hold addresses."""
        try:
            yield
        except self._errors as error:
            raise PlaceUnavailable(
                f"the place of backups {self._uri} cannot be used now ({type(error).__name__})"
            ) from error


class _Counted:
    """Hands bytes on and counts them."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self.bytes = 0

    def write(self, data: bytes, /) -> int:
        """Hand bytes on."""
        self._write(data)
        self.bytes += len(data)
        return len(data)


class _Reading:
    """An object whose errors are the port's own."""

    def __init__(
        self, reader: Any, available: Callable[[], contextlib.AbstractContextManager[None]]
    ) -> None:
        self._reader = reader
        self._available = available
        self._left = int(reader.size)

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, and none at the end."""
        wanted = self._left if size < 0 else min(size, self._left)
        if not wanted:
            return b""
        with self._available():
            data = bytes(self._reader.read(wanted))
        self._left -= len(data)
        return data
