"""The root key in a file: 44 characters of base64url, for the owner's eyes only."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from adapters import base64url
from adapters.root_keys import closed_file
from adapters.root_keys.local import ROOT_KEY_BYTES, LocalRootKey
from domain.errors import WrongRootKey
from domain.ports.root_key import RootKey
from domain.ports.root_key_source import FirstRootKey, RootKeySource, RootKeySuccession


class FileRootKeySource(RootKeySource, FirstRootKey, RootKeySuccession):
    """Keeps the key in one file, and for the length of a rotation its successor beside it."""

    def __init__(self, path: Path) -> None:
        """Take the path of the key file; its successor is `<path>.next`."""
        self._path = path
        self._next = path.with_name(f"{path.name}.next")

    @classmethod
    def at(cls, address: str) -> "FileRootKeySource":
        """Return the source of the URI `file:<address>`."""
        return cls(Path(address))

    @property
    def uri(self) -> str:
        """Return `file:` and the path."""
        return f"file:{self._path}"

    @property
    def path(self) -> Path:
        """Return the path of the key file."""
        return self._path

    @property
    def next_path(self) -> Path:
        """Return the path of the successor's file, which is seldom there."""
        return self._next

    def exists(self) -> bool:
        """Tell whether something has the file's name."""
        return self._path.exists() or self._path.is_symlink()

    def create(self) -> None:
        """Make a key, unless there is one already.

        Raises:
            WrongRootKey: the file cannot be written.
        """
        with self._turn():
            _create(self._path)

    def export(self) -> str:
        """Return the text of the key, for a backup that is asked to hold it.

        Raises:
            WrongRootKey: as for `load`.
        """
        self.load()
        return _content(self._path, must_be_closed=True).decode("ascii").strip()

    def put(self, text: str) -> None:
        """Keep a key that was exported, where there is none yet.

        Raises:
            WrongRootKey: the text is no key, there is a file already, or it cannot be written.
        """
        what = "the key in the backup"
        LocalRootKey.of_text(
            text.encode(), source=self.uri, what=what, way_back="restore another backup"
        )
        with self._turn():
            if self.exists():
                raise WrongRootKey(f"there is a key file at {self._path} already; name another")
            _create(self._path, text.encode())

    def load(self) -> LocalRootKey:
        """Read the key.

        Raises:
            WrongRootKey: the file is missing, no regular file, open to others, or holds no key.
                The message names the file and the way back.
        """
        return _load(self._path, must_be_closed=True)

    def load_of_earlier_backend(self) -> LocalRootKey:
        """Read the key of an earlier backend, which did not close its file to others.

        The file is to be closed as soon as the key has been seen to fit.

        Raises:
            WrongRootKey: as for `load`, but not for a file that others can read.
        """
        return _load(self._path, must_be_closed=False)

    def propose(self) -> RootKey:
        """Make a successor beside the key, or return the one that lies there.

        Raises:
            WrongRootKey: the file cannot be written, or something else has its name.
        """
        with self._turn():
            _create(self._next)
            return _load(self._next, must_be_closed=True)

    def proposed(self) -> RootKey | None:
        """Return the successor, if there is one that can be read."""
        try:
            return _load(self._next, must_be_closed=True)
        except WrongRootKey:
            return None

    def adopt(self, successor: RootKey) -> None:
        """Put the successor in the key's place, unless that has been done.

        Another process may have adopted it and proposed the next one already. So the file is
        compared with the key that is meant, and nobody proposes in between.
        """
        with self._turn():
            if self.proposed() == successor:
                self._next.replace(self._path)
                _sync_folder(self._path.parent)

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        """Keep other processes from proposing and adopting meanwhile."""
        try:
            descriptor = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise WrongRootKey(
                f"the folder of the key file {self._path} cannot be used: {error.strerror}"
            ) from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _load(path: Path, *, must_be_closed: bool) -> LocalRootKey:
    """Read a key file."""
    content = _content(path, must_be_closed=must_be_closed)
    source = f"file:{path}"
    return LocalRootKey.of_text(
        content, source=source, what=f"the key file {path}", way_back="put it back from your backup"
    )


def _content(path: Path, *, must_be_closed: bool) -> bytes:
    """Read what a key file holds."""
    return closed_file.read(
        path,
        what="the key file",
        way_back="put it back from your backup",
        closed_to=closed_file.OTHERS_AND_GROUP if must_be_closed else 0,
    )


def _create(path: Path, content: bytes | None = None) -> None:
    """Make a new key, unless there is one already, and have it on disk before returning.

    Two servers that start at once end up with the same key: the whole file appears under its
    name in one step (`link`), and only for the first. Whoever has the turn is alone, so a draft
    that lies there is of a process that was killed.
    """
    for stale in path.parent.glob(f".{path.name}.*.draft"):
        stale.unlink()
    draft = path.with_name(f".{path.name}.{os.urandom(8).hex()}.draft")
    try:
        try:
            _write(draft, content or _drawn())
            with contextlib.suppress(FileExistsError):
                os.link(draft, path, follow_symlinks=False)
        finally:
            draft.unlink(missing_ok=True)
        _sync_folder(path.parent)
    except OSError as error:
        raise WrongRootKey(f"the key file {path} cannot be made: {error.strerror}") from None


def _drawn() -> bytes:
    """Draw a new key."""
    return base64url.encode(os.urandom(ROOT_KEY_BYTES)).encode("ascii")


def _write(draft: Path, content: bytes) -> None:
    """Write a key into a file that must not exist yet."""
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with open(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Have the folder's entries on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
