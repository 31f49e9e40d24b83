"""`strongroom doctor` tells everything that is wrong with a folder, and changes none of it."""

import contextlib
import hashlib
import json
import os
import pty
import re
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tests.e2e import stores
from tests.e2e.examiner import Examiner, examining
from tests.e2e.running import RunningServer, command, environment, running
from tests.e2e.test_secrets_api import create
from tests.integration.test_schema import FIRST_TABLE
from tests.postgresql import Server, new_server


@pytest.fixture(scope="module")
def database_server() -> Iterator[Server]:
    """One that waits for its disk, so that it is not warned of."""
    server = new_server(())
    yield server
    server.remove()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three secrets, one of them with an earlier value, and one in the bin."""
    data_dir = tmp_path_factory.mktemp("made") / "data"
    with running(data_dir) as server:
        first, _, third, gone = (create(server.client, f"name-{n}", f"value-{n}") for n in "1234")
        server.client.put(f"/api/secrets/{first}", json={"value": "value-5"})
        server.client.put(f"/api/secrets/{third}", json={"description": "d"})
        server.client.delete(f"/api/secrets/{gone}")
    return data_dir


@pytest.fixture
def folder(made: Path, data_dir: Path) -> Path:
    """A copy of that folder, to be spoilt."""
    stores.copy(made, data_dir)
    return data_dir


@pytest.fixture(scope="module")
def examiner(made: Path) -> Iterator[Examiner]:
    with examining(made) as started:
        yield started


def contents(folder: Path) -> dict[str, tuple[object, ...]]:
    """Return everything that can be seen of the files in a folder, or of its database."""
    seen: dict[str, tuple[object, ...]] = {}
    if stores.are_in_postgresql():
        seen = {f"table {name}": tuple(rows) for name, rows in stores.everything(folder).items()}
    for path in [folder, *sorted(folder.rglob("*"))]:
        status = path.lstat()
        digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        when = status.st_mtime_ns
        seen[str(path)] = (status.st_mode, status.st_uid, status.st_size, when, digest)
    return seen


def sql(*statements: str) -> Callable[[Path], object]:
    return lambda folder: stores.execute(folder, *statements)


def key(action: Callable[[Path], object], name: str = "secret.key") -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        action(folder / name)

    return spoil


def write(data: bytes, path: Path) -> None:
    path.write_bytes(data)
    path.chmod(0o600)


def link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


def adopted_late(folder: Path) -> None:
    """Leave what a rotation leaves that is killed after its transaction."""
    (folder / "secret.key").rename(folder / "secret.key.next")
    write(Fernet.generate_key(), folder / "secret.key")


def replaced(folder: Path) -> None:
    """Put another key in the place of one that has moved."""
    write(b"A" * 43 + b"=", folder / "secret.key")
    stores.execute(folder, "UPDATE root_keys SET source = 'passphrase:'")


def damaged(folder: Path) -> None:
    """Overwrite the page of an index."""
    with contextlib.closing(sqlite3.connect(folder / "secrets.db")) as db:
        (page,) = db.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'ix_secret_tags_key_value'"
        ).fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    with (folder / "secrets.db").open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)


def opened_without_store(folder: Path) -> None:
    stores.remove_store(folder)
    folder.chmod(0o755)


def copied(folder: Path) -> None:
    """Leave copies as upgrades make them."""
    for number in ("0001", "0002"):
        write(b"a copy", folder / f"secrets.db.before-0003-from-{number}-20300101T000000Z")


def dropped(table: str) -> Callable[[Path], object]:
    return sql(f"DROP TABLE {table}")


def watched(folder: Path) -> None:
    """Have the database do something of its own when a secret is stored."""
    make = 'CREATE TRIGGER "spy" AFTER INSERT ON secrets'
    if stores.are_in_postgresql():
        function = "FUNCTION spy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
        each = f"{make} FOR EACH ROW EXECUTE FUNCTION spy()"
        stores.execute(folder, f"CREATE {function}", each)
    else:
        stores.execute(folder, f"{make} BEGIN SELECT 1; END")


def swapped(folder: Path) -> None:
    stores.execute(
        folder,
        "CREATE TEMP TABLE was AS SELECT id, encrypted_value FROM secrets WHERE id IN (1, 2)",
        "UPDATE secrets SET encrypted_value = (SELECT encrypted_value FROM was"
        " WHERE was.id = 3 - secrets.id) WHERE id IN (1, 2)",
    )


def stored(number: int, expression: str) -> Callable[[Path], object]:
    return sql(f"UPDATE secrets SET encrypted_value = {expression} WHERE id = {number}")  # noqa: S608


def aged(days: int) -> str:
    return f"{datetime.now(UTC) - timedelta(days=days):%Y-%m-%d %H:%M:%S.%f}"


SOON = f"{datetime.now(UTC) + timedelta(hours=5):%Y-%m-%d %H:%M:%S.%f}"
ROTATION = (
    f"INSERT INTO rotations VALUES (1, 'a', 'b', 'fernet', 9, 4, 0, '{aged(1)}', 'l', NULL, NULL)"  # noqa: S608
)
NEXT = "secret.key.next"

FILES = "a database has no files in the data folder"
PAGES = "what looks into the pages of PostgreSQL is amcheck"


@dataclass(frozen=True, kw_only=True)
class Case:
    """How a folder is spoilt, and what is found of it: level, check, words, words of the mend."""

    spoil: Callable[[Path], object] = lambda _: None
    env: Mapping[str, str] = field(default_factory=dict)
    full: bool = False
    sqlite: str = ""
    found: list[tuple[str, str, str, str]]


CASES = {
    # settings
    "settings that are wrong do not hide each other": Case(
        env={
            "STRONGROOM_TYPO": "1",
            "STRONGROOM_WORKERS": "0",
            "STRONGROOM_CIPHER": "rot13",
            "STRONGROOM_CONFIG": "/nowhere.toml",
            "STRONGROOM_HOST": "0.0.0.0",  # noqa: S104
        },
        found=[
            ("error", "settings", "/nowhere.toml cannot be read", "docs/settings.md"),
            ("error", "settings", "STRONGROOM_TYPO is no setting", "known are"),
            ("error", "settings", "'workers' has a value", "at least 1"),
            ("error", "settings", "loopback address", "auth = 'required'"),
            ("error", "settings", "what 'cipher' names", "aes-256-gcm"),
        ],
    ),
    "a store that nobody offers": Case(
        env={"STRONGROOM_DATABASE_URL": "mysql://u:do-not-show@h/d"},
        found=[("error", "settings", "what 'database_url' names", "sqlite")],
    ),
    "a root key that nobody offers": Case(
        env={"STRONGROOM_ROOT_KEY": "attic:shoebox"},
        found=[
            ("error", "settings", "what 'root_key' names", "file"),
            ("note", "values", "were not opened", "root key"),
        ],
    ),
    "credentials, without which nobody gets in": Case(
        env={"STRONGROOM_AUTH": "required", "STRONGROOM_HOST": "::"}, found=[]
    ),
    # folder and files
    "an open folder": Case(
        sqlite="it is known for ours by the file",
        spoil=lambda folder: folder.chmod(0o755),
        found=[("warning", "folder", "is open to others", "chmod 700")],
    ),
    "an open folder that need not be ours": Case(
        spoil=opened_without_store,
        found=[
            ("error", "folder", "is open to others", "chmod 700"),
            ("note", "schema", "no store yet", "strongroom serve"),
        ],
    ),
    "a missing folder": Case(
        spoil=stores.remove,
        found=[
            ("warning", "folder", "is not there", "--data-dir"),
            ("note", "schema", "no store yet", "strongroom serve"),
        ],
    ),
    "an open database": Case(
        sqlite=FILES,
        spoil=lambda folder: (folder / "secrets.db").chmod(0o644),
        found=[("warning", "files", "secrets.db is open to others", "chmod 600")],
    ),
    "a linked database": Case(
        sqlite=FILES,
        spoil=key(link, "secrets.db"),
        found=[("warning", "files", "secrets.db is a symbolic link", "mv ")],
    ),
    "a linked lock": Case(
        spoil=key(link, ".lock"),
        found=[("warning", "folder", ".lock is a symbolic link", "mv ")],
    ),
    "copies from before": Case(
        sqlite="an upgrade of PostgreSQL makes no copies",
        spoil=copied,
        found=[
            ("warning", "files", "still holds the tokens of the earlier backend", "rm "),
            ("note", "files", "left from before an upgrade", "rm "),
        ],
    ),
    # root key
    "a missing key": Case(
        spoil=key(Path.unlink),
        found=[
            ("error", "root_key", "secret.key is missing", "put it back from your backup"),
            ("note", "root_key", "has been under the root key at file:", "set root_key"),
            ("note", "values", "were not opened", "root key"),
        ],
    ),
    "a cut key": Case(
        spoil=key(partial(write, b"A" * 20)),
        found=[
            ("error", "root_key", "does not hold a key", "put it back from your backup"),
            ("note", "root_key", "has been under the root key at file:", "set root_key"),
            ("note", "values", "were not opened", "root key"),
        ],
    ),
    "a foreign key": Case(
        spoil=replaced,
        found=[
            ("error", "root_key", "under the one at passphrase:", "set root_key to passphrase:"),
            ("note", "values", "were not opened", "root key"),
        ],
    ),
    "an open key, which is tried all the same": Case(
        spoil=key(lambda path: path.chmod(0o640)),
        found=[("error", "root_key", "can be read by others", "chmod 600")],
    ),
    "a linked key": Case(
        spoil=key(link),
        found=[
            ("error", "root_key", "secret.key cannot be read", "docs/root-keys.md"),
            ("note", "root_key", "has been under the root key at file:", "set root_key"),
            ("note", "values", "were not opened", "root key"),
        ],
    ),
    "a key of another kind of place than is remembered": Case(
        spoil=sql("UPDATE root_keys SET source = 'awskms:alias/strongroom'"),
        found=[("note", "root_key", "remembers it at awskms:alias/strongroom", "rotate-root --to")],
    ),
    "a root rotation that stopped early": Case(
        spoil=key(partial(write, Fernet.generate_key()), NEXT),
        found=[("warning", "root_key", "before it was used", "strongroom keys rotate-root")],
    ),
    "a root rotation that stopped late": Case(
        spoil=adopted_late,
        found=[("warning", "root_key", "before it took the key's place", "strongroom db upgrade")],
    ),
    "a successor that cannot be used": Case(
        spoil=key(partial(write, b"cut"), NEXT),
        found=[("warning", "root_key", "secret.key.next of the root key cannot be used", "rm ")],
    ),
    "a data key that is damaged": Case(
        spoil=sql("UPDATE data_keys SET wrapped = 'rk1:AAAA' WHERE purpose = 'sign'"),
        found=[("error", "root_key", "opens this store, but not its data keys", "'data_keys'")],
    ),
    # schema
    "no store": Case(
        spoil=stores.remove_store,
        found=[("note", "schema", "no store yet", "strongroom serve")],
    ),
    "tables of an older form": Case(
        spoil=sql(
            "UPDATE alembic_version SET version_num = '0002'",
            "DELETE FROM data_keys WHERE purpose <> 'seal'",
        ),
        found=[("warning", "schema", "the tables are at 0002", "strongroom db upgrade")],
    ),
    "tables of a newer version": Case(
        spoil=sql("UPDATE alembic_version SET version_num = '9999'"),
        found=[("error", "schema", "newer version of Strongroom", "start that version")],
    ),
    "no database": Case(
        sqlite=FILES,
        spoil=key(partial(write, b"not a database" * 1000), "secrets.db"),
        found=[("error", "schema", "cannot be read", "restore a backup")],
    ),
    "a damaged database": Case(
        sqlite=PAGES,
        spoil=damaged,
        found=[("error", "schema", "is damaged", "restore a backup")],
    ),
    "an index that lost a row": Case(
        sqlite=PAGES,
        spoil=sql(
            "PRAGMA writable_schema = ON",
            "UPDATE sqlite_master SET sql = 'CREATE INDEX ix_secrets_deleted_at ON secrets"
            " (deleted_at) WHERE deleted_at IS NULL' WHERE name = 'ix_secrets_deleted_at'",
        ),
        full=True,
        found=[("error", "schema", "is damaged: row 1 missing from index", "restore a backup")],
    ),
    "a missing table": Case(
        spoil=dropped("secret_tags"),
        found=[("error", "schema", "'secret_tags' is missing", "restore a backup")],
    ),
    "a missing table that a check needs": Case(
        spoil=dropped("leases"),
        found=[
            ("error", "schema", "'leases' is missing", "restore a backup"),
            ("error", "keys", "cannot be used now", "look again"),
            ("error", "clock", "cannot be used now", "look again"),
        ],
    ),
    "missing indexes": Case(
        spoil=sql("DROP INDEX ix_secrets_deleted_at", "DROP INDEX uq_secrets_living_name"),
        found=[
            ("error", "schema", "'uq_secrets_living_name' is missing", "CREATE UNIQUE INDEX"),
            ("warning", "schema", "'ix_secrets_deleted_at' is missing", "CREATE INDEX"),
        ],
    ),
    "a trigger of somebody else": Case(
        spoil=watched,
        found=[("warning", "schema", 'the trigger "spy"', "find out who made it")],
    ),
    "a trigger and a view of somebody else": Case(
        sqlite="nothing runs when a view of PostgreSQL is there",
        spoil=sql(
            'CREATE TRIGGER "t""x" AFTER INSERT ON secrets BEGIN SELECT 1; END',
            "CREATE VIEW v AS SELECT 1",
        ),
        found=[
            ("warning", "schema", 'the trigger "t""x" is not ours', 'DROP TRIGGER "t""x"'),
            ("warning", "schema", 'the view "v" is not ours', 'DROP VIEW "v"'),
        ],
    ),
    "earlier values without their secret": Case(
        sqlite="PostgreSQL lets no row refer to one that is not there",
        spoil=sql("DELETE FROM secrets WHERE id = 1"),
        found=[("error", "schema", "rows of secret_versions belong", "restore a backup")],
    ),
    # keys
    "no data keys": Case(
        spoil=sql("DELETE FROM data_keys"),
        found=[
            ("error", "keys", "has no data keys", "restore the table 'data_keys'"),
            ("error", "values", "whose data key is not in the store", "'data_keys'"),
        ],
    ),
    "no active keys, and values under a retired one": Case(
        spoil=sql("UPDATE data_keys SET state = 'retired'"),
        found=[
            ("error", "keys", "active for sealing", "docs/audit.md"),
            ("error", "keys", "active for signing", "docs/audit.md"),
            ("error", "keys", "active for hashing tokens", "docs/audit.md"),
            ("error", "keys", "active for vouching for the audit log", "docs/audit.md"),
            ("warning", "keys", "while no rotation runs: 5", "strongroom keys rotate"),
        ],
    ),
    "keys that are overdue": Case(
        spoil=sql(
            f"UPDATE data_keys SET created_at = '{aged(40)}'",  # noqa: S608
            f"UPDATE root_keys SET since = '{aged(50)}'",  # noqa: S608
        ),
        env={"STRONGROOM_ROTATE_DATA_KEY_DAYS": "30", "STRONGROOM_ROTATE_ROOT_KEY_DAYS": "30"},
        found=[
            ("warning", "keys", "data key is 40 days old", "strongroom keys rotate"),
            ("warning", "keys", "root key is 50 days old", "strongroom keys rotate-root"),
        ],
    ),
    "keys that are old, with nothing said about it": Case(
        spoil=sql(
            f"UPDATE data_keys SET created_at = '{aged(400)}'",  # noqa: S608
            f"UPDATE root_keys SET since = '{aged(400)}'",  # noqa: S608
        ),
        found=[
            ("note", "keys", "data key is 400 days old", "rotate_data_key_days"),
            ("note", "keys", "root key is 400 days old", "rotate_root_key_days"),
        ],
    ),
    "a rotation that nobody works on": Case(
        spoil=sql(ROTATION),
        found=[("warning", "keys", "4 of 9 values are moved", "strongroom serve")],
    ),
    # values and names
    "exchanged values": Case(
        spoil=swapped,
        found=[("error", "values", "put in another's place: 2, at ids 1, 2", "backup")],
    ),
    "a damaged earlier value": Case(
        spoil=sql("UPDATE secret_versions SET encrypted_value = substr(encrypted_value, 1, 99)"),
        found=[("error", "values", ": 1, at ids 1 (version 1)", "backup")],
    ),
    "a damaged value in the bin": Case(
        spoil=stored(4, "substr(encrypted_value, 1, 99)"),
        found=[("error", "values", ": 1, at ids 4", "backup")],
    ),
    "a bare token": Case(
        spoil=stored(2, "'gAAAAABh'"),
        found=[("error", "values", "never taken over: 1, at ids 2", "PUT /api/secrets/ID")],
    ),
    "values that are nothing of ours": Case(
        spoil=lambda folder: [stored(2, "'nonsense'")(folder), stored(3, "''")(folder)],
        found=[("error", "values", "in no format that this version knows: 2, at ids 2, 3", "PUT")],
    ),
    "values that are no text": Case(
        sqlite="a column of texts takes nothing else from PostgreSQL",
        spoil=lambda folder: [stored(2, "'nonsense'")(folder), stored(3, "x'00ff'")(folder)],
        found=[("error", "values", "in no format that this version knows: 2, at ids 2, 3", "PUT")],
    ),
    "a cipher that nobody offers": Case(
        spoil=stored(2, "replace(encrypted_value, ':fernet:', ':rot13:')"),
        found=[("error", "values", "no installed package offers: 1, at ids 2", "plugins")],
    ),
    "a value under a key that is not there": Case(
        spoil=stored(2, f"'sr1:{'f' * 16}' || substr(encrypted_value, 21)"),
        found=[("error", "values", "whose data key is not in the store", "'data_keys'")],
    ),
    "names that are refused today": Case(
        spoil=sql("UPDATE secrets SET name = '/do-not-show' WHERE id IN (2, 4)"),
        found=[("note", "names", "as they were: 2, at ids 2, 4", "PUT /api/secrets/ID")],
    ),
    "a row that cannot be read": Case(
        spoil=sql("UPDATE secrets SET tags = 'no JSON, do-not-show' WHERE id = 2"),
        found=[("error", "values", "a row that cannot be read", "backup")],
    ),
    "a bin that is not emptied": Case(
        spoil=sql(f"UPDATE secrets SET deleted_at = '{aged(40)}' WHERE id = 4"),  # noqa: S608
        found=[("warning", "bin", "purged after 30 days: 1", "strongroom serve")],
    ),
    # clock
    "a clock that was set back": Case(
        spoil=sql(f"UPDATE audit_entries SET at = '{SOON}' WHERE id = 2"),  # noqa: S608
        found=[("warning", "clock", "the audit log lies in the future", "timedatectl")],
    ),
    "a clock that was far ahead": Case(
        spoil=sql("UPDATE secrets SET updated_at = '2999-01-01 00:00:00.000000' WHERE id = 3"),
        found=[("error", "clock", "the secrets lies absurdly far in the future", "timedatectl")],
    ),
}


PARAMETERS = [
    pytest.param(case, id=name, marks=[pytest.mark.sqlite(case.sqlite)] if case.sqlite else [])
    for name, case in CASES.items()
]


@pytest.mark.parametrize("case", PARAMETERS)
def test_what_is_wrong_is_found_and_left_as_it_is(
    folder: Path, examiner: Examiner, case: Case
) -> None:
    case.spoil(folder)
    before = contents(folder) if folder.exists() else {}
    done = examiner.run(folder, *(["--full"] if case.full else []), env=case.env)
    assert len(done.lines) == len(case.found), done.out + done.err
    for line, (level, check, words, mend) in zip(done.lines, ordered(case.found), strict=True):
        assert line[:2] == (level, check)
        assert words in line[2]
        assert mend in line[3]
    assert done.code == any(level == "error" for level, *_ in case.found)
    assert (contents(folder) if folder.exists() else {}) == before
    assert "do-not-show" not in done.out + done.err
    assert not re.search(r"name-\d|value-\d", done.out + done.err)


def ordered(found: list[tuple[str, str, str, str]]) -> list[tuple[str, str, str, str]]:
    """Return the worst findings first, as they are printed."""
    return sorted(found, key=lambda item: ("error", "warning", "note").index(item[0]))


@pytest.mark.parametrize("how", ["", "--full"])
def test_a_healthy_folder_has_no_findings(folder: Path, examiner: Examiner, how: str) -> None:
    before = contents(folder)
    done = examiner.run(folder, *filter(None, [how]))
    assert (done.code, done.out, done.err) == (0, "", "")
    assert contents(folder) == before


def test_a_folder_of_somebody_else_is_told(folder: Path, examiner: Examiner) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    os.chown(folder, 65534, 65534)
    done = examiner.run(folder)
    told = {(level, check) for level, check, *_ in done.lines}
    files = set() if stores.are_in_postgresql() else {("error", "files")}
    assert told == {("warning", "folder"), ("error", "folder"), ("error", "root_key")} | files
    assert all("chown" in mend or "sudo -u" in mend for *_, mend in done.lines)


@contextlib.contextmanager
def halted(server: RunningServer) -> Iterator[None]:
    """Let every process of a server stand still."""
    processes = (server.process.pid, *server.workers())
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in reversed(processes):
            os.kill(process, signal.SIGCONT)


def test_a_store_is_examined_while_a_server_has_it_open(folder: Path, examiner: Examiner) -> None:
    with running(folder) as server:
        number = create(server.client, "new", "value")
        with halted(server):  # so that what is written is written by the examination
            before = {name: seen for name, seen in contents(folder).items() if "-shm" not in name}
            assert examiner.run(folder, "--full").out == ""
            after = {name: seen for name, seen in contents(folder).items() if "-shm" not in name}
        assert after == before
        stores.execute(folder, f"UPDATE secrets SET encrypted_value = 'x' WHERE id = {number}")  # noqa: S608
        done = examiner.run(folder)
        assert f"at ids {number}" in done.out
        assert server.client.get("/health/ready").is_success


def test_a_killed_servers_last_writes_are_looked_at(folder: Path, examiner: Examiner) -> None:
    with running(folder) as server:
        create(server.client, "new", "value")
        (number,) = server.workers()
        os.kill(server.process.pid, signal.SIGSTOP)  # else it would put another in its place
        os.kill(number, signal.SIGKILL)
        server.process.kill()
    assert stores.are_in_postgresql() or (folder / "secrets.db-wal").stat().st_size
    before = contents(folder)
    assert examiner.run(folder).out == ""
    assert contents(folder) == before


@pytest.mark.sqlite("an earlier backend's store is taken over where it is, in its file")
def test_an_earlier_backends_folder_is_told_before_and_after(
    data_dir: Path, examiner: Examiner
) -> None:
    data_dir.mkdir(mode=0o700)
    key = Fernet.generate_key()
    (data_dir / "secret.key").write_bytes(key)
    stores.execute(data_dir, FIRST_TABLE)
    for name, value in (("/odd", b"v"), ("empty", b"")):
        token = Fernet(key).encrypt(value).decode()
        insert = "INSERT INTO secrets (name, encrypted_value) VALUES (:name, :token)"
        stores.execute(data_dir, insert, name=name, token=token)
    before = contents(data_dir)
    done = examiner.run(data_dir)
    assert (done.code, [line[:2] for line in done.lines]) == (
        0, [("warning", "root_key"), ("warning", "files"), ("note", "schema")],
    )  # fmt: skip
    assert contents(data_dir) == before
    write(Fernet.generate_key(), data_dir / "secret.key")
    assert "opens none of the stored values" in examiner.run(data_dir).out
    write(key, data_dir / "secret.key")
    with running(data_dir):
        pass
    after = examiner.run(data_dir)
    assert (after.code, {line[1:3] for line in after.lines if line[0] == "note"}) == (
        0,
        {
            ("names", "names that today's rule refuses, taken over as they were: 1, at ids 1"),
            ("values", "empty values, which an earlier backend took: 1, at ids 2"),
        },
    )
    assert [line[1] for line in after.lines if line[0] == "warning"] == ["files"]


@pytest.mark.sqlite("the store is on the disk that is nearly full")
def test_a_disk_that_is_nearly_full_is_told(made: Path, tmp_path: Path, examiner: Examiner) -> None:
    disk = tmp_path / "small"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m,mode=0700", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine does not allow a file system of two megabytes")
    try:
        shutil.copytree(made, disk / "data")
        assert "MiB left" in examiner.run(disk / "data").out
        (disk / "filler").write_bytes(b"x" * 1024 * 1024)
        done = examiner.run(disk / "data")
        assert (done.code, done.lines[0][1]) == (1, "disk_space")
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_findings_are_json_for_programs(folder: Path, examiner: Examiner) -> None:
    assert json.loads(examiner.run(folder, "--json").out) == []
    path = folder / ".lock"
    path.chmod(0o644)
    (found,) = json.loads(examiner.run(folder, "--json").out)
    assert found == {
        "check": "folder", "level": "warning", "finding": f"{path} is open to others",
        "mend": f"chmod 600 {path}",
    }  # fmt: skip


def on_terminal(folder: Path, env: Mapping[str, str]) -> bytes:
    """Examine a folder on a terminal, and return what it shows."""
    shown, ours, its = b"", *pty.openpty()
    line = command("doctor", "--data-dir", str(folder))
    with subprocess.Popen(line, stdin=its, stdout=its, stderr=its, env=environment(env, line)):
        os.close(its)
        with contextlib.suppress(OSError):  # the other side has closed
            while more := os.read(ours, 65536):
                shown += more
    os.close(ours)
    return shown


def test_a_terminal_gets_a_list_in_colour_unless_it_wants_none(folder: Path) -> None:
    (folder / ".lock").chmod(0o644)
    for colour in (True, False):
        env = {"TERM": "xterm"} | ({} if colour else {"NO_COLOR": "1"})
        shown = on_terminal(folder, env)
        assert b"warning" in shown
        assert "→ chmod 600".encode() in shown
        assert (b"\x1b[33m" in shown) is colour


def test_a_wrong_option_is_wrong_usage() -> None:
    done = subprocess.run(
        command("doctor", "--unknown"), capture_output=True, env=environment(), check=False
    )
    assert done.returncode == 2
