"""What is sent to PostgreSQL together: the end of a group of changes."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from adapters.sql import postgresql
from adapters.sql.postgresql_pipeline import answers_to
from adapters.sql.postgresql_store import PostgresqlStore
from adapters.sql.postgresql_wire import Text, Wire
from adapters.testing.examples import add, event, keep
from domain.errors import StorageUnavailable
from domain.ports.storage import Session, Storage
from domain.ports.store import StoreOptions
from domain.secrets.listing import Listing
from domain.secrets.secret import Secret
from tests.postgresql import Server

OPTIONS = StoreOptions(pool_size=1, busy_timeout=30)
WAIT = 60.0
"""A bound that only a defect reaches, in seconds."""

ON_ENTRIES = "audit_entries"
ON_TIP = "audit_tree"
ON_NOTES = "secrets"

ONCE = "IF nextval('times') = 1 THEN {} END IF;"
END_OF_SESSION = "PERFORM pg_terminate_backend(pg_backend_pid());"
CONFLICT = "RAISE EXCEPTION 'another was quicker' USING ERRCODE = '40001';"


@pytest.fixture
def storage(database: str) -> Iterator[Storage]:
    opened = PostgresqlStore.at(database, OPTIONS).open()
    yield opened
    opened.close()


Sabotage = Callable[[str, str], None]


@pytest.fixture
def sabotage(postgresql: Server, upgraded: str) -> Iterator[Sabotage]:
    """Have the server do something when a statement of the end of a group touches a table."""
    tables: list[str] = []

    def on(table: str, what: str) -> None:
        how = "UPDATE" if table != ON_ENTRIES else "INSERT"
        tables.append(table)
        postgresql.execute(
            "CREATE SEQUENCE IF NOT EXISTS times",
            f"CREATE OR REPLACE FUNCTION sabotage() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN {what} RETURN NEW; END $$",
            f"CREATE TRIGGER sabotage BEFORE {how} ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION sabotage()",
            database=upgraded,
        )

    yield on
    for table in tables:
        postgresql.execute(f"DROP TRIGGER IF EXISTS sabotage ON {table}", database=upgraded)
    postgresql.execute(
        "DROP FUNCTION IF EXISTS sabotage()", "DROP SEQUENCE IF EXISTS times", database=upgraded
    )


class Recorded:
    """A change whose audit entry and note are written at the end of its group."""

    def __init__(self, noted: Secret) -> None:
        self._noted = noted
        self.times = 0

    def __call__(self, session: Session) -> Secret:
        self.times += 1
        session.audit.append(event())
        session.catalogue.note_read(self._noted.id, event().at)
        return add(session, "with the group")


def stands(storage: Storage) -> tuple[list[str], int, int]:
    """Return the names of the secrets, how many entries there are, and the size of the tree."""
    return storage.read(
        lambda session: (
            [one.name for one in session.catalogue.page(Listing())],
            len(session.audit.entries(after=0, limit=9)),
            session.audit_tree.state().size,
        )
    ).result(WAIT)


TOUCHED = [ON_ENTRIES, ON_TIP, ON_NOTES]


@pytest.mark.parametrize("what", [END_OF_SESSION, CONFLICT])
@pytest.mark.parametrize("table", TOUCHED)
def test_a_group_that_is_cut_off_at_its_end_is_made_once(
    storage: Storage, sabotage: Sabotage, table: str, what: str
) -> None:
    work = Recorded(keep(storage, "noted"))
    sabotage(table, ONCE.format(what))
    assert storage.write(work).result(WAIT).name == "with the group"
    assert work.times == 2
    assert stands(storage) == (["noted", "with the group"], 1, 1)


BROKEN = "RAISE EXCEPTION 'no' USING ERRCODE = '23514';"
FAILURES = {
    "an entry breaks a constraint": (ON_ENTRIES, BROKEN),
    "something is wrong with an entry": (ON_ENTRIES, "RAISE EXCEPTION 'no';"),
    "the tip breaks a constraint": (ON_TIP, BROKEN),
    "the tip is not written": (ON_TIP, "RETURN NULL;"),
    "something is wrong with a note": (ON_NOTES, "RAISE EXCEPTION 'no';"),
}


@pytest.mark.parametrize(("table", "what"), FAILURES.values(), ids=FAILURES.keys())
def test_a_group_of_which_one_statement_fails_leaves_nothing(
    storage: Storage, sabotage: Sabotage, postgresql: Server, upgraded: str, table: str, what: str
) -> None:
    work = Recorded(keep(storage, "noted"))
    sabotage(table, what)
    error = storage.write(work).exception(WAIT)
    assert isinstance(error, StorageUnavailable)
    assert "may be done" not in str(error)
    assert work.times == 1
    assert stands(storage) == (["noted"], 0, 0)
    postgresql.execute(f"DROP TRIGGER sabotage ON {table}", database=upgraded)
    storage.write(work).result(WAIT)
    assert stands(storage) == (["noted", "with the group"], 1, 1)


@pytest.mark.parametrize("what", [BROKEN, "RETURN NULL;"])
def test_what_does_not_fit_the_audit_log_is_told_as_that(
    storage: Storage, sabotage: Sabotage, what: str
) -> None:
    sabotage(ON_TIP, what)
    failed = storage.write(lambda session: session.audit.append(event()))
    assert "does not fit" in str(failed.exception(WAIT))


def test_a_statement_that_takes_too_long_leaves_nothing(database: str, sabotage: Sabotage) -> None:
    hasty = PostgresqlStore.at(database, replace(OPTIONS, statement_timeout=0.3)).open()
    work = Recorded(keep(hasty, "noted"))
    sabotage(ON_NOTES, "PERFORM pg_sleep(60);")
    with closing(hasty):
        assert "57014" in str(hasty.write(work).exception(WAIT))
        assert stands(hasty) == (["noted"], 0, 0)


def test_a_row_that_somebody_else_keeps_locked_leaves_nothing(
    database: str, postgresql: Server, upgraded: str
) -> None:
    impatient = PostgresqlStore.at(database, replace(OPTIONS, busy_timeout=0.2)).open()
    work = Recorded(keep(impatient, "noted"))
    with closing(impatient), psycopg.connect(postgresql.url(upgraded)) as stranger:
        stranger.execute("SELECT * FROM secrets FOR UPDATE")
        assert "55P03" in str(impatient.write(work).exception(WAIT))
        stranger.rollback()
        assert stands(impatient) == (["noted"], 0, 0)


def test_a_commit_that_fails_is_told_and_leaves_nothing(
    storage: Storage, postgresql: Server, upgraded: str
) -> None:
    postgresql.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'no'; END $$",
        "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON audit_entries DEFERRABLE"
        " INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()",
        database=upgraded,
    )
    work = Recorded(keep(storage, "noted"))
    error = storage.write(work).exception(WAIT)
    postgresql.execute("DROP FUNCTION refuse() CASCADE", database=upgraded)
    assert isinstance(error, StorageUnavailable)
    assert work.times == 1
    assert stands(storage) == (["noted"], 0, 0)


def test_a_connection_that_is_lost_without_a_word_leaves_it_open_and_nothing_is_done_twice(
    storage: Storage, sabotage: Sabotage, postgresql: Server, upgraded: str
) -> None:
    work = Recorded(keep(storage, "noted"))
    sabotage(ON_ENTRIES, "PERFORM pg_advisory_lock(7);")
    with psycopg.connect(postgresql.url(upgraded), autocommit=True) as holder:
        holder.execute("SELECT pg_advisory_lock(7)")
        waiting = storage.write(work)
        while not postgresql.execute(
            "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        ):
            time.sleep(0.01)
        _hang_up(storage)
        error = waiting.exception(WAIT)
        holder.execute("SELECT pg_advisory_unlock(7)")
    assert isinstance(error, StorageUnavailable)
    assert "may be done" in str(error)
    keep(storage, "later")  # waits until the server is through with it
    assert work.times == 1
    # The server had everything, and went on to the commit.
    assert stands(storage) == (["later", "noted", "with the group"], 1, 1) or stands(storage) == (
        ["noted", "with the group", "later"],
        1,
        1,
    )


def _hang_up(storage: Storage) -> None:
    """Cut the writer's connection under it."""
    writer: Any = storage
    number = writer._writer.transaction()._raw.fileno()
    with socket.socket(fileno=socket.dup(number)) as same:
        same.shutdown(socket.SHUT_RDWR)


def test_a_server_that_is_done_and_gone_has_done_it(database: str) -> None:
    """What came of the commit counts, and not what became of the connection behind it."""
    with psycopg.connect(database, autocommit=True) as connection:
        ends = b"SELECT pg_terminate_backend(pg_backend_pid())"
        statements = [(text, (), False) for text in (b"BEGIN", b"SELECT 1", b"COMMIT", ends)]
        begun, selected, committed, *ended = answers_to(connection.pgconn, statements)
        assert begun.command_status == b"BEGIN"
        assert selected.get_value(0, 0) == b"\x00\x00\x00\x01"
        assert committed.command_status == b"COMMIT"
        assert ended[0].error_field(psycopg.pq.DiagnosticField.SQLSTATE) == b"57P01"


def test_more_than_fits_into_the_way_there_and_back_is_answered(database: str) -> None:
    much = b"x" * 5_000_000
    with psycopg.connect(database, autocommit=True) as connection:
        statements = [(b"SELECT $1::text", (much,), False)] * 4
        answers = answers_to(connection.pgconn, statements)
        assert [answer.get_value(0, 0) == much for answer in answers] == [True] * 4
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_statement_that_cannot_be_sent_closes_the_connection(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        statements: Any = [(b"SELECT 1", (), False), (b"SELECT $1", ("no bytes",), False)]
        with pytest.raises(TypeError):
            answers_to(connection.pgconn, statements)
        assert connection.closed


class Failing:
    """A connection that fails where it is told to, when all is answered."""

    def __init__(self, inside: Any, name: str, then: Callable[[], Any]) -> None:
        self._inside = inside
        self._name = name
        self._then = then

    def __getattr__(self, name: str) -> Any:
        return self._then if name == self._name else getattr(self._inside, name)


def _fail() -> None:
    raise psycopg.OperationalError("failed")


def test_what_was_answered_before_something_failed_is_told(database: str) -> None:
    """The commit may be done by then, and must not be taken for one that was not sent."""
    with psycopg.connect(database, autocommit=True) as connection:
        statements = [(text, (), False) for text in (b"BEGIN", b"SELECT 1", b"COMMIT")]
        failing: Any = Failing(connection.pgconn, "exit_pipeline_mode", _fail)
        *_, committed = answers_to(failing, statements)
        assert committed.command_status == b"COMMIT"
        assert connection.closed


def test_answers_that_do_not_come_are_not_waited_for(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        failing: Any = Failing(connection.pgconn, "get_result", lambda: None)
        assert answers_to(failing, [(b"SELECT 1", (), False)]) == []
        assert connection.closed


def test_an_answer_that_lacks_is_not_taken_from_another(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        wire = Wire(connection)
        answers = answers_to(connection.pgconn, [(b"SELECT 1", (), False)] * 2)
        monkeypatch.setattr(wire, "together", lambda runs: answers[: len(runs) - 1])
        wire.ahead([(Text("BEGIN"), ())])
        with pytest.raises(psycopg.OperationalError, match="did not answer every"):
            wire.run(Text("SELECT 2"), ())


def test_a_transaction_that_began_with_others_is_let_go_of_when_it_is_idle(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "IDLE_SECONDS", 0.3)
    begin = postgresql._beginning(postgresql._BEGIN, OPTIONS)
    with psycopg.connect(database, autocommit=True) as connection:
        Wire(connection).together(begin)
        _until_told(connection)
        with pytest.raises(psycopg.errors.IdleInTransactionSessionTimeout):
            connection.execute("SELECT 1")


def _until_told(connection: psycopg.Connection[Any]) -> None:
    """Wait for word of the server without a statement."""
    with socket.socket(fileno=socket.dup(connection.fileno())) as same:
        same.settimeout(WAIT)
        same.recv(1, socket.MSG_PEEK)
