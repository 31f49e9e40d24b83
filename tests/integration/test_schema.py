"""Tables and migrations say the same, and a half-done upgrade is none."""

import contextlib
import sqlite3
import traceback
from functools import partial
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import migrations
from adapters.sql import schema
from adapters.sql.sqlite import SqliteStorage, open_engine
from adapters.sql.store_rows import kind_of
from adapters.sql.tables import metadata
from adapters.testing.examples import event
from application.secrets.read_secret import ReadSecret
from application.secrets.restore_secret import RestoreSecret
from application.secrets.reveal_secret import RevealSecret
from domain.access.action import Action
from domain.audit.encoding import entry_leaf
from domain.audit.merkle import STEP, TreeState
from domain.backups.rows import Kind
from domain.errors import StartRefused
from domain.secrets.reference import SecretId
from tests.house import House

STORES = Path(__file__).parent / "stores"

FIRST_TABLE = """
CREATE TABLE secrets (
    id INTEGER PRIMARY KEY,
    name VARCHAR(255) UNIQUE NOT NULL,
    description TEXT,
    encrypted_value TEXT NOT NULL,
    created_at DATETIME DEFAULT CURRENT_TIMESTAMP,
    updated_at DATETIME DEFAULT CURRENT_TIMESTAMP
)
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "secrets.db"


# SQLAlchemy does not read indexes over expressions back; the next test compares them.
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based")
def test_autogenerate_finds_no_difference(database: Path) -> None:
    schema.upgrade(database)
    with open_engine(database).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_tables_and_migrations_make_the_same_indexes(database: Path, tmp_path: Path) -> None:
    schema.upgrade(database)
    engine = open_engine(tmp_path / "tables.db")
    metadata.create_all(engine)

    def indexes(path: Path) -> set[str]:
        with contextlib.closing(sqlite3.connect(path)) as db:
            rows = db.execute("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql NOTNULL")
            return {" ".join(sql.split()) for (sql,) in rows}

    assert indexes(database) == indexes(tmp_path / "tables.db")


def test_the_revisions_that_are_named_are_those_that_there_are() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    newest_first = ScriptDirectory.from_config(config).walk_revisions()
    assert [script.revision for script in newest_first] == list(reversed(schema.REVISIONS))


def test_the_documents_own_table_is_recognised_and_carried_over(database: Path) -> None:
    with contextlib.closing(sqlite3.connect(database)) as db, db:
        db.execute(FIRST_TABLE)
        db.execute("INSERT INTO secrets (id, name, encrypted_value) VALUES (7, 'n', 'gAAAAA')")
    assert schema.inspect(database).revision == schema.FIRST
    copy = schema.upgrade(database)
    assert copy is not None
    assert schema.inspect(copy).revision == schema.FIRST
    with contextlib.closing(sqlite3.connect(database)) as db:
        row = db.execute("SELECT id, name, encrypted_value, length(uid) FROM secrets").fetchone()
    assert row == (7, "n", "gAAAAA", 16)


def test_a_token_that_was_stored_as_bytes_is_carried_over_as_text(database: Path) -> None:
    with contextlib.closing(sqlite3.connect(database)) as db, db:
        db.execute(FIRST_TABLE)
        db.execute("INSERT INTO secrets (name, encrypted_value) VALUES ('n', ?)", (b"gAAAAA",))
    schema.upgrade(database)
    with contextlib.closing(sqlite3.connect(database)) as db:
        assert db.execute("SELECT encrypted_value FROM secrets").fetchone() == ("gAAAAA",)


def test_looking_at_a_current_store_reads_no_values(database: Path) -> None:
    schema.upgrade(database)
    with contextlib.closing(sqlite3.connect(database)) as db, db:
        db.execute(
            "INSERT INTO secrets (name, encrypted_value, uid, tags, search_text, version, revision,"
            " value_set_at) VALUES ('n', 'sr1:', x'00', '{}', 'n', 1, 1, '2030-01-01 00:00:00')"
        )
    state = schema.inspect(database)
    assert state.has_secrets
    assert state.sample == []


def test_an_upgrade_that_fails_leaves_the_file_as_it_was(database: Path) -> None:
    with contextlib.closing(sqlite3.connect(database)) as db, db:
        db.execute(FIRST_TABLE)
        db.execute("CREATE TABLE audit_entries (in_the_way INTEGER)")
    with pytest.raises(StartRefused, match="audit_entries"):
        schema.upgrade(database)
    assert schema.inspect(database).revision == schema.FIRST
    assert not list(database.parent.glob("*.before-*"))


def test_an_upgrade_that_fails_does_not_show_the_rows(database: Path) -> None:
    with contextlib.closing(sqlite3.connect(database)) as db, db:
        db.execute(FIRST_TABLE.replace("UNIQUE NOT NULL", ""))
        db.execute("INSERT INTO secrets (description, encrypted_value) VALUES ('telling', 'token')")
    with pytest.raises(StartRefused, match=r"secrets\.name") as caught:
        schema.upgrade(database)
    shown = "".join(traceback.format_exception(caught.value))
    assert "telling" not in shown
    assert "token" not in shown


def test_a_file_that_another_process_writes_is_not_upgraded(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "open_engine", partial(open_engine, busy_timeout=0.01))
    with contextlib.closing(sqlite3.connect(database)) as db, db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute(FIRST_TABLE)
        db.execute("BEGIN IMMEDIATE")
        with pytest.raises(StartRefused, match="locked"):
            schema.upgrade(database)


def test_upgrading_twice_does_nothing(database: Path) -> None:
    schema.upgrade(database)
    assert schema.upgrade(database) is None


def test_a_store_of_an_early_version_is_taken_over(database: Path) -> None:
    with contextlib.closing(sqlite3.connect(database)) as db:
        db.executescript((STORES / "0002.sql").read_text("utf-8"))
    assert schema.inspect(database).revision == "0002"
    assert schema.upgrade(database) is not None
    house = House(SqliteStorage(database)).opened()
    try:
        house.run(RestoreSecret(reference=SecretId(2)))
        house.rotated()
        assert {
            (number, version): house.run(
                RevealSecret(reference=SecretId(number), version=version)
            ).value.reveal()
            for number, version in ((1, None), (1, 1), (2, None), (3, None))
        } == {(1, None): "second", (1, 1): "first", (2, None): "in the bin", (3, None): "välue 🗝"}
        assert house.run(ReadSecret(reference=SecretId(1))).tags == {"env": "prod"}
        assert house.events()[0].action is Action.CREATE
    finally:
        house.storage.close()


def test_entries_of_before_the_tree_become_its_first_leaves(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(schema, "HEAD", "0003")
        schema.upgrade(database)
    with contextlib.closing(sqlite3.connect(database)) as db, db:
        for number in range(1100):
            db.execute(
                "INSERT INTO audit_entries (at, request_id, principal, address, action, outcome,"
                " rule, reason, reference, secret_uid, secret_name, version, digest) VALUES"
                " ('2026-11-23 12:30:15.123456', 'r', 'local', '-', 'secrets.update', 'done',"
                " 'é', NULL, ?, x'ff', 'n', 2, 'ab')",
                (f"id {number}",),
            )
    schema.upgrade(database)
    storage = SqliteStorage(database)
    try:
        storage.write(lambda session: session.audit.append(event())).result()
        entries, tree, subtrees = storage.read(
            lambda session: (
                session.audit.entries(after=0, limit=2000),
                session.audit_tree.state(),
                session.audit_tree.hashes(STEP, start=0, count=9),
            )
        ).result()
    finally:
        storage.close()
    assert [entry.number for entry in entries] == list(range(1, 1102))
    assert entries[7].event.subject.revision is None
    grown, nodes = TreeState().grown(entry_leaf(entry) for entry in entries)
    assert (tree, list(subtrees)) == (grown, [node.hash for node in nodes])


def test_every_column_has_a_form_in_backups() -> None:
    kinds = {kind_of(column) for table in metadata.sorted_tables for column in table.columns}
    assert kinds <= set(Kind)
