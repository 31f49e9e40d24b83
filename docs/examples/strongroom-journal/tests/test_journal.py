"""The journal keeps both contracts of a store, and what a crash, a full disk or damage leave."""

import contextlib
import resource
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from strongroom_journal import JournalStore

from adapters.testing.examples import keep, page
from adapters.testing.storage import StorageContract
from adapters.testing.store import StoreContract, opened
from domain.errors import StartRefused, StorageUnavailable
from domain.ports.storage import Storage
from domain.ports.store import Store, StoreOptions

WRITER = """
import sys, time
from pathlib import Path
from strongroom_journal import JournalStore
from adapters.testing.examples import keep
storage = JournalStore(Path(sys.argv[1])).open()
for number in range(900):
    print(keep(storage, f"name-{number}").name, flush=True)
time.sleep(60)
"""

UNKNOWN = b'[["unknown",1,2]]'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "secrets.journal"


@pytest.fixture
def store(path: Path) -> JournalStore:
    """A journal that has been made."""
    store = JournalStore(path)
    store.upgrade()
    return store


def names(store: Store) -> list[str]:
    """Return the names that a journal holds, by opening it."""
    with opened(store) as storage:
        return [secret.name for secret in page(storage)]


class TestStorage(StorageContract):
    @pytest.fixture
    def storage(self, store: JournalStore) -> Iterator[Storage]:
        storage = store.open()
        yield storage
        storage.close()


class TestStore(StoreContract):
    @pytest.fixture
    def store(self, path: Path) -> Store:
        return JournalStore(path)


def test_every_tear_of_the_last_record_is_cut_off(store: JournalStore, path: Path) -> None:
    with opened(store) as storage:
        keep(storage, "first")
        before = path.stat().st_size
        keep(storage, "last")
    whole = path.read_bytes()
    for end in range(before, len(whole)):
        path.write_bytes(whole[:end])
        assert store.inspect().has_secrets
        with opened(store) as storage:
            assert path.stat().st_size == before
            keep(storage, "next")
        assert names(store) == ["first", "next"]


@pytest.mark.parametrize(
    "tail",
    [bytes(4096), bytes(100) + b"\n", b"00000000 []\n", b"\n\n"],
    ids=["a block of zeros", "zeros and a line end", "another checksum", "line ends"],
)
def test_a_tail_that_was_not_written_whole_is_cut_off(
    store: JournalStore, path: Path, tail: bytes
) -> None:
    with opened(store) as storage:
        keep(storage, "first")
    with path.open("ab") as file:
        file.write(tail)
    assert names(store) == ["first"]


def test_every_tear_of_the_first_line_is_no_journal_yet(path: Path, store: JournalStore) -> None:
    whole = path.read_bytes()
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        assert store.inspect().revision is None
        with pytest.raises(StartRefused, match="not been made"):
            store.open()
        store.upgrade()
        assert path.read_bytes() == whole


def test_damage_before_the_last_record_stops_the_start(store: JournalStore, path: Path) -> None:
    with opened(store) as storage:
        first = path.stat().st_size
        keep(storage, "first")
        second = path.stat().st_size
        keep(storage, "second")
    whole = path.read_bytes()
    for place in range(first, second):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        path.write_bytes(damaged)
        for look in (store.inspect, store.open):
            with pytest.raises(StartRefused, match="damaged"):
                look()
        assert path.read_bytes() == damaged


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"SQLite format 3\x00", "no journal"),
        (b"strongroom journal 2\n", "newer version"),
        (b"strongroom journal 1\n%08x %s\n" % (zlib.crc32(UNKNOWN), UNKNOWN), "another version"),
    ],
    ids=["another kind of file", "a newer form", "a table that is not known"],
)
def test_what_is_not_ours_stops_the_start(
    store: JournalStore, path: Path, text: bytes, told: str
) -> None:
    path.write_bytes(text)
    for look in (store.inspect, store.open):
        with pytest.raises(StartRefused, match=told):
            look()
    assert path.read_bytes() == text


def test_a_full_disk_is_told_and_leaves_nothing_behind(store: JournalStore, path: Path) -> None:
    with opened(store) as storage:
        kept = keep(storage, "kept")
        size = path.stat().st_size
        with files_of_at_most(size + 10):
            with pytest.raises(StorageUnavailable):
                keep(storage, "refused")
            assert page(storage) == [kept]
            with pytest.raises(StorageUnavailable):
                storage.write(lambda session: session.probe.touch()).result()
        assert path.stat().st_size == size
        keep(storage, "later")
    assert names(store) == ["kept", "later"]


def test_what_was_acknowledged_outlives_a_kill(store: JournalStore, path: Path) -> None:
    line = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        acknowledged = [writer.stdout.readline().strip() for _ in range(200)]
        with pytest.raises(StartRefused, match="another process"):
            store.open()
        writer.kill()
        acknowledged += writer.stdout.read().split()
    with opened(store) as storage:
        found = {secret.name for secret in page(storage, limit=1000)}
    assert found >= set(acknowledged)
    assert len(found) <= len(acknowledged) + 1


def test_the_file_is_for_the_owner_and_no_link(path: Path, tmp_path: Path) -> None:
    path.touch(mode=0o644)
    store = JournalStore(path)
    store.upgrade()
    assert path.stat().st_mode & 0o777 == 0o600
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StartRefused):
        store.upgrade()
    with pytest.raises(StorageUnavailable):
        store.open()


@pytest.mark.parametrize("url", ["journal:", "journal:///", "journal://host/path"])
def test_a_url_without_a_path_is_refused(url: str) -> None:
    with pytest.raises(StartRefused, match="journal:///path"):
        JournalStore.at(url, StoreOptions())


@contextlib.contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Have the system refuse to let a file grow further, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
