"""Backups of a real store: made, proved, restored, kept and erased."""

import contextlib
import gzip
import os
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import cast

import pytest
from cryptography.fernet import Fernet

from adapters.ciphers import FernetCipher
from adapters.sql.sqlite_store import SqliteStore
from adapters.testing.examples import keep, page
from application.backups.alive import LEASE, OFTEN, TASK, Alive
from application.backups.create_backup import INTERRUPTED, BackupUnderWay
from application.backups.filling import copy_of
from application.backups.finish_backup import BackupFailed
from application.backups.follow_backups import NAMELESS
from application.backups.move_store import MoveStore
from application.backups.reading import BackupReader
from application.backups.record_move import RecordMove
from application.backups.record_pruning import RecordPruning
from application.backups.record_restore import RecordRestore
from application.backups.record_verification import RecordVerification
from application.backups.start_backup import StartBackup, StartBackupUseCase
from application.secrets.list_secrets import ListSecrets
from application.secrets.reveal_secret import RevealSecret
from application.secrets.update_secret import UpdateSecret
from domain.access.action import Action
from domain.audit.event import Outcome
from domain.backups.encoding import BackupBroken
from domain.backups.retention import Retention
from domain.backups.run import BackupRun, RunOutcome
from domain.errors import Broken, StartRefused, StorageUnavailable, WrongRootKey
from domain.ports.backup_place import NoSuchBackup, PlaceUnavailable
from domain.ports.backup_seal import NotForUs
from domain.ports.storage import Storage
from domain.ports.store import Store, StoreState
from domain.ports.store_copy import StoreCopy
from domain.ports.store_move import UnfinishedCopy
from domain.ports.store_rows import StoreFilling, StoreRows
from domain.secrets.listing import Listing
from domain.secrets.reference import SecretId
from domain.secrets.value import SecretValue
from entrypoints.areas.backups import build_authenticate
from entrypoints.settings import Settings
from tests.fakes import CALLER, START, KnownRootKey, never
from tests.house import House
from tests.integration.backup_rooms import BackupRooms, nothing

PINNED = Path(__file__).parent / "stores" / "strongroom-0000000000000000.jsonl.gz"


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[BackupRooms]:
    rooms = BackupRooms(tmp_path)
    rooms.house.create("a/name", "first", tags={"env": "prod"}, description="what for")
    rooms.house.run(UpdateSecret(reference=SecretId(1), value=SecretValue("second")))
    rooms.house.create("b/name", "other")
    rooms.house.token("ci", "reader")
    rooms.house.make_checkpoint()
    yield rooms
    rooms.house.storage.close()


def events(rooms: BackupRooms) -> list[tuple[Action, Outcome]]:
    """Return what the audit log says of backups."""
    return [
        (event.action, event.outcome)
        for event in rooms.house.events()
        if event.action.value.startswith("backups.")
    ]


def test_a_backup_is_made_and_proved(rooms: BackupRooms) -> None:
    run = rooms.made()
    assert (run.outcome, run.values, run.bytes > 1000) == (RunOutcome.DONE, 3, True)
    assert [lying.name for lying in rooms.place.list()] == [run.name]
    assert rooms.runs() == [run]
    assert events(rooms) == [
        (Action.START_BACKUP, Outcome.DONE), (Action.CREATE_BACKUP, Outcome.DONE),
    ]  # fmt: skip
    assert list((rooms.folder / "scratch").iterdir()) == []


def test_a_restored_store_is_used_as_the_one_before(rooms: BackupRooms) -> None:
    proof, target = rooms.restored(rooms.made().name)
    assert (proof.findings, proof.values, proof.checkpoints) == ([], 3, 1)
    storage = target.open()
    house = House(storage, source=rooms.house.source)
    house.prepare_keys(CALLER, adopts=True)
    assert house.run(RevealSecret(reference=SecretId(1))).value.reveal() == "second"
    older = house.run(RevealSecret(reference=SecretId(1), version=1))
    assert older.value.reveal() == "first"
    assert not house.verify_log().findings
    storage.close()


def test_a_look_changes_nothing(rooms: BackupRooms, tmp_path: Path) -> None:
    name = rooms.made().name
    target = SqliteStore(tmp_path / "looked-at.db")
    proof = rooms.restorer().look(rooms.plan(name, target), nothing)
    assert proof.counts["secrets"].rows == 2
    assert target.inspect().revision is None


def test_another_root_key_restores_nothing(rooms: BackupRooms, tmp_path: Path) -> None:
    name = rooms.made().name
    target = SqliteStore(tmp_path / "restored.db")
    with pytest.raises(WrongRootKey, match=r"since 2026-.* UTC .* lay at this same place"):
        rooms.restorer(KnownRootKey(bytes(32)))(rooms.plan(name, target), nothing)
    assert target.inspect().revision is None


def test_a_backup_that_is_not_there_restores_nothing(rooms: BackupRooms) -> None:
    with pytest.raises(NoSuchBackup):
        rooms.restored("strongroom-none")


@pytest.mark.parametrize("store", ["", "0123456789abcdef"])
def test_an_older_backup_under_the_name_of_a_newer_one_restores_nothing(
    rooms: BackupRooms, tmp_path: Path, store: str
) -> None:
    older = rooms.made().name
    rooms.house.clock.advance(timedelta(days=1))
    newer = older if store else rooms.made().name
    wrong = newer.replace(newer.split("-")[1], store) if store else newer
    shutil.copy(tmp_path / "backups" / older, tmp_path / "backups" / wrong)
    target = SqliteStore(tmp_path / "restored.db")
    for attempt in (rooms.restorer(), rooms.restorer().look):
        with pytest.raises(BackupBroken, match="not the one that its name says"):
            attempt(rooms.plan(wrong, target), nothing)
    assert target.inspect().revision is None


def test_a_backup_of_another_name_restores(rooms: BackupRooms, tmp_path: Path) -> None:
    shutil.copy(tmp_path / "backups" / rooms.made().name, tmp_path / "backups" / "monday.gz")
    assert rooms.restored("monday.gz")[0].findings == []


def test_a_sealed_backup_is_proved_without_the_key_of_its_recipient(tmp_path: Path) -> None:
    rooms = BackupRooms(tmp_path, sealed=True)
    rooms.house.create("a/name")
    run = rooms.made()
    assert run.name.endswith(".age")
    content = (tmp_path / "backups" / run.name).read_bytes()
    assert content.startswith(b"age-encryption.org/v1\n")
    assert rooms.restored(run.name)[0].values == 1
    rooms.identity = "AGE-SECRET-KEY-184JMZMVQH3E6U0PSL869004Y3U2NYV7R30EU99CSEDNPH02YUVFSZW44VU"
    with pytest.raises(NotForUs):
        rooms.restored(run.name, "other.db")
    rooms.house.storage.close()


def test_every_part_of_a_damaged_file_is_found(tmp_path: Path) -> None:
    rooms = BackupRooms(tmp_path, sealed=True)
    rooms.house.create("a/name")
    name = rooms.made().name
    file = tmp_path / "backups" / name
    whole = file.read_bytes()
    for place in range(0, len(whole), 97):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        file.write_bytes(damaged)
        with pytest.raises((Broken, NotForUs)):
            rooms.restored(name)
        assert SqliteStore(tmp_path / "restored.db").inspect().revision is None
    file.write_bytes(whole)
    assert not rooms.restored(name)[0].findings
    rooms.house.storage.close()


def altered(rooms: BackupRooms, name: str, old: bytes, new: bytes) -> None:
    """Edit an unsealed backup."""
    file = rooms.folder / "backups" / name
    text = gzip.decompress(file.read_bytes())
    assert old in text
    file.write_bytes(gzip.compress(text.replace(old, new)))


def test_a_backup_that_was_edited_on_purpose_is_found(rooms: BackupRooms) -> None:
    name = rooms.made().name
    altered(rooms, name, b"reader", b"editor")
    with pytest.raises(BackupBroken, match="signed end"):
        rooms.restored(name)


class Untouched(SqliteStore):
    """A store that nothing may be written to."""

    def filling(
        self, revision: str, *, replace: bool = False
    ) -> AbstractContextManager[StoreFilling]:
        raise AssertionError("something was written")


def test_a_forged_backup_is_judged_before_anything_is_written(rooms: BackupRooms) -> None:
    name = rooms.made().name
    altered(rooms, name, b"reader", b"editor")
    plan = rooms.plan(name, Untouched(rooms.folder / "restored.db"))
    with pytest.raises(BackupBroken, match="signed end"):
        rooms.restorer()(plan, nothing)


def test_rows_that_refer_to_nothing_are_found(rooms: BackupRooms) -> None:
    name = rooms.made().name
    altered(rooms, name, b'[2,"b/name"', b'[9,"b/name"')
    with pytest.raises((BackupBroken, StartRefused)):
        rooms.restored(name)


def test_a_value_that_does_not_open_fails_the_backup_and_is_said(rooms: BackupRooms) -> None:
    with contextlib.closing(sqlite3.connect(rooms.folder / "secrets.db")) as db, db:
        first, second = (row[0] for row in db.execute("SELECT encrypted_value FROM secrets"))
        db.execute(
            "UPDATE secrets SET encrypted_value = ? WHERE encrypted_value = ?", (first, second)
        )
        db.execute("UPDATE secret_versions SET encrypted_value = ?", (second,))
    with pytest.raises(BackupFailed, match=r"do not open.*2, 1 \(version 1\)"):
        rooms.made()
    assert rooms.runs()[0].outcome is RunOutcome.FAILED
    assert events(rooms)[-1] == (Action.CREATE_BACKUP, Outcome.FAILED)


def test_what_an_earlier_backend_left_unreadable_does_not_fail_it(rooms: BackupRooms) -> None:
    bare = Fernet(Fernet.generate_key()).encrypt(b"of another key").decode()
    with contextlib.closing(sqlite3.connect(rooms.folder / "secrets.db")) as db, db:
        db.execute("UPDATE secrets SET encrypted_value = ? WHERE id = 2", (bare,))
    assert rooms.made().values == 2


def test_a_log_that_does_not_verify_fails_the_backup(rooms: BackupRooms) -> None:
    with contextlib.closing(sqlite3.connect(rooms.folder / "secrets.db")) as db, db:
        db.execute("UPDATE audit_entries SET principal = 'somebody else' WHERE id = 1")
    with pytest.raises(BackupFailed, match="not the one that was written"):
        rooms.made()


def test_a_tree_that_is_not_the_signed_one_fails_the_backup(rooms: BackupRooms) -> None:
    with contextlib.closing(sqlite3.connect(rooms.folder / "secrets.db")) as db, db:
        db.execute("DELETE FROM audit_entries WHERE id = 1")
    with pytest.raises(BackupFailed, match="not the one that was signed"):
        rooms.made()


def test_a_row_that_cannot_be_read_fails_the_backup(rooms: BackupRooms) -> None:
    with contextlib.closing(sqlite3.connect(rooms.folder / "secrets.db")) as db, db:
        db.execute("UPDATE secrets SET created_at = 'no moment'")
    with pytest.raises(Broken, match="'secrets' cannot be read"):
        rooms.made()
    assert list(rooms.place.list()) == []


def test_a_store_without_a_signing_key_is_not_backed_up(rooms: BackupRooms) -> None:
    with contextlib.closing(sqlite3.connect(rooms.folder / "secrets.db")) as db, db:
        db.execute("UPDATE data_keys SET state = 'retired' WHERE purpose = 'sign'")
    with pytest.raises(Broken, match="no signing key"):
        rooms.made()
    with contextlib.closing(sqlite3.connect(rooms.folder / "secrets.db")) as db, db:
        db.execute("DELETE FROM data_keys WHERE purpose = 'sign'")
    with pytest.raises(Broken, match="no signing key"):
        rooms.made()


def test_only_one_backup_is_made_at_a_time(rooms: BackupRooms) -> None:
    other = House(rooms.house.storage, holder="another process")
    with other.turns.taken(TASK, LEASE):
        with pytest.raises(BackupUnderWay, match=r"is being made, wait .* after 2026-.*:03:00Z"):
            rooms.made()
        begun = BackupRun(scheduled=True, started_at=START, place="file:/x", name="begun")
        rooms.house.run(StartBackup(run=begun))
        with pytest.raises(BackupUnderWay, match="is being made since 2026-"):
            rooms.made()


def test_a_lease_that_is_given_back_meanwhile_has_no_end() -> None:
    assert str(BackupUnderWay(since=None, until=None)).endswith("wait until it has ended")


def test_a_backup_that_somebody_stops_is_said_to_be_interrupted(rooms: BackupRooms) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    rooms.sealer.before = stop
    with pytest.raises(KeyboardInterrupt):
        rooms.made()
    assert [run.reason for run in rooms.runs()] == ["interrupted"]


def test_a_turn_is_kept_while_the_work_goes_on(rooms: BackupRooms) -> None:
    house = rooms.house

    def until() -> datetime | None:
        return house.storage.read(lambda s: s.leases.until(TASK)).result()

    with house.turns.taken(TASK, LEASE):
        alive = Alive(storage=house.storage, clock=house.clock, turns=house.turns)
        house.clock.advance(OFTEN / 2)
        alive()
        assert until() == START + LEASE
        house.clock.advance(OFTEN / 2)
        alive()
        assert until() == START + OFTEN + LEASE


def test_a_run_whose_process_died_counts_as_failed(rooms: BackupRooms) -> None:
    begun = BackupRun(scheduled=True, started_at=START, place="file:/x", name="died")
    rooms.house.run(StartBackup(run=begun))
    rooms.made()
    assert [(run.name == "died", run.outcome, run.reason) for run in rooms.runs()] == [
        (False, RunOutcome.DONE, None), (True, RunOutcome.FAILED, INTERRUPTED),
    ]  # fmt: skip


def test_a_start_that_fails_is_recorded_under_the_name_of_the_backup() -> None:
    begun = BackupRun(scheduled=True, started_at=START, place="file:/x", name="begun")
    assert StartBackupUseCase().reference(StartBackup(run=begun)) == "begun"


def test_a_failure_that_cannot_be_kept_is_told_all_the_same(rooms: BackupRooms) -> None:
    rooms.house.storage.close()
    begun = BackupRun(scheduled=True, started_at=START, place="file:/x", name="lost")
    rooms.fail_run(CALLER, begun, "why")
    with pytest.raises(StorageUnavailable):
        rooms.made()


def test_a_defect_is_named_by_its_kind_only(rooms: BackupRooms) -> None:
    def broken() -> None:
        raise ZeroDivisionError("what nobody must read")

    rooms.sealer.before = broken
    with pytest.raises(ZeroDivisionError):
        rooms.made()
    assert rooms.runs()[0].reason == "ZeroDivisionError"
    assert list(rooms.place.list()) == []


class SmallDisk:
    """A file system of eight megabytes, and a file that takes the room on it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ballast = folder / "ballast"

    def leave(self, left: int) -> None:
        """Take the room, all but so many bytes."""
        free = os.statvfs(self._folder).f_bavail * os.statvfs(self._folder).f_frsize
        self._ballast.write_bytes(bytes(free - left))

    def make_room(self) -> None:
        """Give it back."""
        self._ballast.unlink()


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """Have a small disk at a folder, or skip the test where none can be had."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m,mode=0700", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine does not allow a small file system")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


class TestFullDisk:
    def test_it_stops_a_backup_and_nothing_is_left(self, rooms: BackupRooms) -> None:
        rooms.house.create("large", "x" * 20_000)
        with small_disk(rooms.folder / "backups") as disk:
            disk.leave(8192)
            with pytest.raises(PlaceUnavailable, match="No space left"):
                rooms.made()
            assert list(rooms.place.list()) == []
            assert rooms.runs()[0].outcome is RunOutcome.FAILED
            disk.make_room()
            assert rooms.made().outcome is RunOutcome.DONE

    def test_it_stops_the_proving_and_nothing_is_left(self, rooms: BackupRooms) -> None:
        with small_disk(rooms.folder / "scratch") as disk:
            disk.leave(100_000)
            with pytest.raises(StorageUnavailable):
                rooms.made()
            assert [path.name for path in (rooms.folder / "scratch").iterdir()] == ["ballast"]
            disk.make_room()
            assert rooms.made().outcome is RunOutcome.DONE

    def test_it_stops_a_restore_and_the_old_store_stays(self, rooms: BackupRooms) -> None:
        name = rooms.made().name
        with small_disk(rooms.folder / "small") as disk:
            target = SqliteStore(rooms.folder / "small" / "secrets.db")
            target.upgrade()
            storage = target.open()
            keep(storage, "of the old store")
            storage.close()
            disk.leave(100_000)
            plan = rooms.plan(name, target, replace=True)
            with pytest.raises(StorageUnavailable):
                rooms.restorer()(plan, nothing)
            left = sorted(path.name for path in (rooms.folder / "small").iterdir())
            assert left == ["ballast", "secrets.db"]
            storage = target.open()
            assert [secret.name for secret in page(storage)] == ["of the old store"]
            storage.close()
            disk.make_room()
            assert not rooms.restorer()(plan, nothing).findings

    def test_it_stops_a_move_and_the_target_stays_empty(self, rooms: BackupRooms) -> None:
        with small_disk(rooms.folder / "small") as disk:
            disk.leave(100_000)
            target = SqliteStore(rooms.folder / "small" / "secrets.db")
            move = mover(rooms)
            with pytest.raises(StorageUnavailable):
                move(rooms.store, target, nothing)
            assert target.inspect().revision is None
            disk.make_room()
            assert move(rooms.store, target, nothing).findings == []


def test_a_backup_while_others_write_is_of_one_moment(rooms: BackupRooms) -> None:
    ended = threading.Event()
    written = count()

    def write(number: int) -> None:
        while not ended.is_set():
            rooms.house.create(f"w{number}/{next(written)}")

    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(write, number) for number in range(4)]
        try:
            runs = [rooms.made() for _ in range(3)]
        finally:
            ended.set()
        for job in jobs:
            job.result()
    # Each was restored, every value was opened, and the Merkle root is the one that was signed.
    assert [run.outcome for run in runs] == [RunOutcome.DONE] * 3
    assert runs[0].values < runs[1].values < runs[2].values
    total = len(rooms.house.run(ListSecrets(listing=Listing(limit=1000))))
    assert runs[2].values <= total + 1


class TestSchedule:
    def test_a_backup_is_made_when_it_is_due(self, rooms: BackupRooms) -> None:
        made: list[BackupRun] = []
        follow = rooms.follower(lambda _: made.append(rooms.made()))
        for _ in range(3):
            follow(CALLER, never)
        assert len(made) == 1
        rooms.house.clock.advance(timedelta(hours=1))
        follow(CALLER, never)
        assert len(made) == 2

    def test_none_is_made_without_a_schedule(self, rooms: BackupRooms) -> None:
        def launch(_: object) -> None:
            raise AssertionError

        rooms.follower(launch, timedelta(0))(CALLER, never)

    def test_none_is_begun_while_another_one_is_being_made(self, rooms: BackupRooms) -> None:
        rooms.house.run(
            StartBackup(run=BackupRun(scheduled=True, started_at=START, place="x", name="n"))
        )
        made: list[str] = []
        follow = rooms.follower(lambda _: made.append("made"))
        rooms.house.clock.advance(timedelta(hours=2))
        other = House(rooms.house.storage, holder="another process", clock=rooms.house.clock)
        with other.turns.taken(TASK, LEASE):
            follow(CALLER, never)
            assert made == []
            rooms.house.clock.advance(LEASE)
            follow(CALLER, never)
        assert made == ["made"]

    def test_a_process_that_could_not_even_begin_is_accounted_for(self, rooms: BackupRooms) -> None:
        def launch(_: object) -> None:
            raise PlaceUnavailable("the process failed")

        with pytest.raises(PlaceUnavailable):
            rooms.follower(launch)(CALLER, never)
        (run,) = rooms.runs()
        assert (run.name, run.outcome, run.reason) == (
            NAMELESS, RunOutcome.FAILED, "the process failed",
        )  # fmt: skip
        assert events(rooms)[-1] == (Action.CREATE_BACKUP, Outcome.FAILED)

    def test_a_process_that_was_killed_is_accounted_for(self, rooms: BackupRooms) -> None:
        begun = BackupRun(scheduled=True, started_at=START, place="x", name="killed")

        def launch(_: object) -> None:
            rooms.house.run(StartBackup(run=begun))
            raise PlaceUnavailable("the process failed")

        with pytest.raises(PlaceUnavailable):
            rooms.follower(launch)(CALLER, never)
        (run,) = rooms.runs()
        assert (run.name, run.outcome) == ("killed", RunOutcome.FAILED)

    def test_a_process_that_accounted_for_itself_is_left_alone(self, rooms: BackupRooms) -> None:
        def full() -> None:
            raise PlaceUnavailable("the disk is full")

        rooms.sealer.before = full

        def launch(_: object) -> None:
            rooms.made()

        with pytest.raises(PlaceUnavailable):
            rooms.follower(launch)(CALLER, never)
        assert [run.reason for run in rooms.runs()] == ["the disk is full"]


class TestPruning:
    def test_what_no_rule_keeps_is_erased_and_told(self, rooms: BackupRooms) -> None:
        runs = []
        for _ in range(4):
            runs.append(rooms.made())
            rooms.house.clock.advance(timedelta(days=1))
        prune = rooms.pruner(Retention(last=2))
        assert [one.name for one in prune.surplus(rooms.place)] == [run.name for run in runs[:2]]
        gone = prune(CALLER, rooms.place)
        assert [one.name for one in gone] == [run.name for run in runs[:2]]
        assert {lying.name for lying in rooms.place.list()} == {run.name for run in runs[2:]}
        assert events(rooms)[-2:] == [(Action.PRUNE_BACKUPS, Outcome.DONE)] * 2

    def test_the_newest_that_was_proved_stays(self, rooms: BackupRooms) -> None:
        proved = rooms.made()
        rooms.house.clock.advance(timedelta(days=1))
        with contextlib.closing(sqlite3.connect(rooms.folder / "secrets.db")) as db, db:
            db.execute("UPDATE audit_entries SET principal = 'x' WHERE id = 1")
        for _ in range(2):
            with pytest.raises(BackupFailed):
                rooms.made()
            rooms.house.clock.advance(timedelta(days=1))
        rooms.pruner(Retention(last=1))(CALLER, rooms.place)
        left = [lying.name for lying in rooms.place.list()]
        assert len(left) == 3, "what was never proved is neither counted nor erased"
        assert proved.name in left

    def test_backups_of_other_stores_are_left_alone(self, rooms: BackupRooms) -> None:
        other = f"strongroom-{'f' * 16}-20200101T000000Z-00000000.jsonl.gz"
        rooms.made()
        (rooms.folder / "backups" / other).write_bytes(b"theirs")
        rooms.made()
        rooms.pruner(Retention(last=1))(CALLER, rooms.place)
        assert other in [lying.name for lying in rooms.place.list()]

    def test_a_store_that_was_never_proved_keeps_its_newest(self, rooms: BackupRooms) -> None:
        assert rooms.pruner(Retention(last=1))(CALLER, rooms.place) == []


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        (RecordVerification, Action.VERIFY_BACKUP),
        (RecordRestore, Action.RESTORE_BACKUP),
        (RecordPruning, Action.PRUNE_BACKUPS),
        (RecordMove, Action.MOVE_STORE),
    ],
)
def test_what_was_done_elsewhere_is_recorded(
    rooms: BackupRooms, kind: type, action: Action
) -> None:
    rooms.house.run(kind(reference="a backup"))
    with pytest.raises(BackupFailed):
        rooms.house.run(kind(reference="a backup", fault="what was wrong"))
    done, failed = rooms.house.events()[-2:]
    assert (done.action, done.outcome, done.subject.reference) == (action, Outcome.DONE, "a backup")
    assert (failed.outcome, failed.reason) == (Outcome.FAILED, "what was wrong")


def mover(rooms: BackupRooms) -> MoveStore:
    """Return what copies the store."""
    authenticate = build_authenticate(Settings(), rooms.house.key_ring, {"fernet": FernetCipher()})
    return MoveStore(authenticate=authenticate)


def write_down(target: Store, rooms: BackupRooms) -> None:
    """Leave the entry of a move in the copy."""
    storage = target.open()
    House(storage, source=rooms.house.source).opened().run(RecordMove(reference="from sqlite"))
    storage.close()


class TestMoving:
    @pytest.fixture
    def target(self, tmp_path: Path) -> SqliteStore:
        return SqliteStore(tmp_path / "moved.db")

    def test_a_copy_is_compared_and_safe(self, rooms: BackupRooms, target: SqliteStore) -> None:
        moved = mover(rooms)(rooms.store, target, nothing)
        assert moved.aligned is not None
        assert (moved.findings, moved.values, moved.is_recorded) == ([], 3, False)

    def test_a_copy_that_is_there_is_only_compared(
        self, rooms: BackupRooms, target: SqliteStore
    ) -> None:
        mover(rooms)(rooms.store, target, nothing)
        again = mover(rooms)(rooms.store, target, nothing)
        assert (again.aligned, again.findings, again.is_recorded) == (None, [], False)

    def test_what_is_wrong_in_the_source_is_told_of_a_copy_that_is_finished(
        self, rooms: BackupRooms, target: SqliteStore, tmp_path: Path
    ) -> None:
        with contextlib.closing(sqlite3.connect(tmp_path / "secrets.db")) as db, db:
            db.execute("UPDATE secrets SET encrypted_value = 'sr1:damaged' WHERE id = 2")
        for moved in [mover(rooms)(rooms.store, target, nothing) for _ in range(2)]:
            assert moved.findings == []
            assert len(moved.faults) == 1
            assert "2" in moved.faults[0]
        assert not target.is_begun()

    def test_the_entry_of_the_move_is_no_difference(
        self, rooms: BackupRooms, target: SqliteStore
    ) -> None:
        mover(rooms)(rooms.store, target, nothing)
        write_down(target, rooms)
        again = mover(rooms)(rooms.store, target, nothing)
        assert (again.aligned, again.findings, again.is_recorded) == (None, [], True)
        assert again.values == 3

    def test_other_entries_of_the_copy_say_that_it_was_used(
        self, rooms: BackupRooms, target: SqliteStore
    ) -> None:
        mover(rooms)(rooms.store, target, nothing)
        write_down(target, rooms)
        write_down(target, rooms)
        (found,) = mover(rooms)(rooms.store, target, nothing).findings
        assert "used since" in found

    def test_one_entry_of_the_copy_that_is_no_move_says_so_too(
        self, rooms: BackupRooms, target: SqliteStore
    ) -> None:
        mover(rooms)(rooms.store, target, nothing)
        storage = target.open()
        House(storage, source=rooms.house.source).opened().run(
            RecordRestore(reference="something else")
        )
        storage.close()
        (found,) = mover(rooms)(rooms.store, target, nothing).findings
        assert "used since" in found

    def test_a_change_of_the_finished_copy_is_found(
        self, rooms: BackupRooms, target: SqliteStore, tmp_path: Path
    ) -> None:
        mover(rooms)(rooms.store, target, nothing)
        write_down(target, rooms)
        with contextlib.closing(sqlite3.connect(tmp_path / "moved.db")) as db, db:
            db.execute("UPDATE secrets SET description = 'changed'")
        again = mover(rooms)(rooms.store, target, nothing)
        assert again.findings == ["the table 'secrets' differs"]

    def test_a_source_that_was_used_after_the_move_has_no_copy_there(
        self, rooms: BackupRooms, target: SqliteStore
    ) -> None:
        mover(rooms)(rooms.store, target, nothing)
        rooms.house.create("c/name")
        with pytest.raises(StartRefused, match="as it is now"):
            mover(rooms)(rooms.store, target, nothing)

    def test_a_store_that_is_no_copy_is_left_alone(
        self, rooms: BackupRooms, target: SqliteStore
    ) -> None:
        target.upgrade()
        with pytest.raises(StartRefused, match="no copy"):
            mover(rooms)(rooms.store, target, nothing)

    def test_a_source_that_is_used_meanwhile_is_found_and_the_copy_goes_on(
        self, rooms: BackupRooms, target: SqliteStore
    ) -> None:
        calls: list[int] = []

        def used() -> None:
            if not calls:
                rooms.house.create("c/name")
            calls.append(1)

        moved = mover(rooms)(rooms.store, target, used)
        assert "used meanwhile" in moved.findings[0]
        with pytest.raises(UnfinishedCopy):
            target.inspect()
        again = mover(rooms)(rooms.store, target, nothing)
        assert (again.findings, again.values) == ([], 4)
        assert again.aligned is not None
        assert 0 < again.aligned.added < again.aligned.kept
        assert target.inspect().is_current

    def test_a_copy_that_was_changed_is_found(
        self, rooms: BackupRooms, target: SqliteStore, tmp_path: Path
    ) -> None:
        calls: list[int] = []

        def damaging() -> None:
            calls.append(1)
            with contextlib.closing(sqlite3.connect(tmp_path / "moved.db")) as db, db:
                db.execute("UPDATE secrets SET description = 'changed'")

        moved = mover(rooms)(rooms.store, target, damaging)
        assert moved.findings == ["the table 'secrets' differs"]
        assert target.is_begun()

    def test_a_store_that_goes_away_is_said_to_go_on_later(
        self, rooms: BackupRooms, target: SqliteStore
    ) -> None:
        def gone() -> None:
            raise StorageUnavailable("the store cannot be used now")

        with pytest.raises(StorageUnavailable, match="give the same command again"):
            mover(rooms)(rooms.store, target, gone)
        assert target.is_begun()
        assert mover(rooms)(rooms.store, target, nothing).findings == []

    def test_a_store_that_takes_copies_whole_only_is_one_too(
        self, rooms: BackupRooms, target: SqliteStore
    ) -> None:
        whole = WholeOnly(target)
        moved = mover(rooms)(rooms.store, whole, nothing)
        assert (moved.aligned, moved.findings, moved.values) == (None, [], 3)
        assert mover(rooms)(rooms.store, whole, nothing).findings == []


class WholeOnly(Store, StoreCopy):
    """A store that does not go on with a copy that was cut off."""

    def __init__(self, inner: SqliteStore) -> None:
        self._inner = inner

    @property
    def is_shared(self) -> bool:
        return True

    def inspect(self) -> StoreState:
        return self._inner.inspect()

    def upgrade(self) -> str | None:
        return self._inner.upgrade()

    def open(self) -> Storage:
        return self._inner.open()

    def checks(self) -> Mapping[str, Callable[[], None]]:
        return self._inner.checks()

    def snapshot(self) -> AbstractContextManager[StoreRows]:
        return self._inner.snapshot()

    def filling(
        self, revision: str, *, replace: bool = False
    ) -> AbstractContextManager[StoreFilling]:
        return self._inner.filling(revision, replace=replace)


def test_a_store_that_cannot_be_copied_says_so() -> None:
    class Other:
        pass

    with pytest.raises(StartRefused, match="cannot be copied"):
        copy_of(cast("Store", Other()))


def test_a_backup_of_the_first_form_is_restored_for_ever(tmp_path: Path) -> None:
    rooms = BackupRooms(tmp_path)
    (tmp_path / "backups").mkdir()
    shutil.copy(PINNED, tmp_path / "backups")
    proof, target = rooms.restored(PINNED.name)
    assert (proof.findings, proof.values, proof.header.revision) == ([], 3, "0010")
    storage = target.open()
    house = House(storage)
    house.prepare_keys(CALLER, adopts=True)
    assert house.run(RevealSecret(reference=SecretId(1))).value.reveal() == "second"
    assert house.run(RevealSecret(reference=SecretId(2))).value.reveal() == "other"
    assert target.inspect().is_current
    storage.close()
    rooms.house.storage.close()


def test_the_first_form_is_read_line_by_line() -> None:
    reader = BackupReader([PINNED.read_bytes()])
    tables = {table.name: list(rows) for table, rows in reader.tables()}
    assert [row[1] for row in tables["secrets"]] == ["a/name", "b/name"]
