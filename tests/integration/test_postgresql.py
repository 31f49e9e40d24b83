"""What is particular about PostgreSQL: tables, texts, the lock of the writers, lost connections."""

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from adapters.sql import postgresql, postgresql_examination
from adapters.sql.postgresql_address import Address
from adapters.sql.postgresql_engine import open_engine
from adapters.sql.postgresql_store import PostgresqlStore
from adapters.sql.tables import metadata
from adapters.testing.examples import add, data_key, event, keep, page, recorded
from application.audit.adopt_tip import AdoptTip
from application.secrets.reveal_secret import RevealSecret
from domain.audit.encoding import entry_leaf
from domain.audit.merkle import TreeState
from domain.errors import AuditUnavailable, Broken, NameTaken, StartRefused, StorageUnavailable
from domain.keys.data_key import KeyState
from domain.ports.sealed_values import StoredValue
from domain.ports.storage import Session, Storage
from domain.ports.storage_figures import StorageFigures
from domain.ports.store import StoreOptions
from domain.secrets.listing import Listing
from domain.secrets.reference import ByName, SecretId
from domain.secrets.secret import Secret
from tests.e2e.certificates import Authority
from tests.house import House
from tests.postgresql import FAST, Server, is_built_with_tls

OPTIONS = StoreOptions(pool_size=2, busy_timeout=30)
IMPATIENT = replace(OPTIONS, busy_timeout=0.1)
DOCS = Path(__file__).parents[2] / "docs"
WAIT = 30.0
"""A bound that only a defect reaches, in seconds."""


@pytest.fixture
def storages(database: str) -> Iterator[tuple[Storage, Storage]]:
    """Two processes' views of one database."""
    one, other = (PostgresqlStore.at(database, OPTIONS).open() for _ in range(2))
    yield one, other
    one.close()
    other.close()


@pytest.fixture
def storage(storages: tuple[Storage, Storage]) -> Storage:
    return storages[0]


class Paused:
    """A change that stops in the middle of its transaction until it is let go on."""

    def __init__(self, storage: Storage, work: Callable[[Session], object]) -> None:
        self._work = work
        self.begun, self._go_on = threading.Event(), threading.Event()
        self._done = storage.write(self._run)
        assert self.begun.wait(WAIT)

    def _run(self, session: Session) -> object:
        result = self._work(session)
        self.begun.set()
        assert self._go_on.wait(WAIT)
        return result

    def end(self) -> object:
        self._go_on.set()
        return self._done.result(WAIT)


def test_the_pool_tells_how_busy_it_is(storage: Storage) -> None:
    assert isinstance(storage, StorageFigures)
    assert storage.figures().most_connections == 2
    assert storage.read(lambda _: storage.figures()).result().used_connections == 1
    figures = storage.figures()
    assert (figures.waiting_writes, figures.open_connections) == (0, 1)


def migrated(url: str) -> str:
    PostgresqlStore.at(url, OPTIONS).upgrade()
    return url


# SQLAlchemy does not read indexes over expressions back as they were written; the next test does.
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based")
def test_autogenerate_finds_no_difference(database: str) -> None:
    with open_engine(Address.parse(database), OPTIONS).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_tables_and_migrations_make_the_same_indexes_and_columns(
    postgresql: Server, empty_database: str, upgraded: str
) -> None:
    metadata.create_all(open_engine(Address.parse(empty_database), OPTIONS))

    def parts(name: str) -> set[object]:
        indexes = postgresql.execute(
            "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'"
            " AND tablename <> 'alembic_version'",
            database=name,
        )
        columns = postgresql.execute(
            "SELECT table_name, column_name, data_type, collation_name, is_nullable"
            " FROM information_schema.columns WHERE table_schema = 'public'"
            " AND table_name <> 'alembic_version'",
            database=name,
        )
        return {*indexes, *columns}

    assert parts(empty_database.rpartition("/")[2]) == parts(upgraded)


def test_every_text_is_compared_by_bytes(postgresql: Server, upgraded: str) -> None:
    others = postgresql.execute(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND data_type IN ('text', 'character varying')"
        " AND collation_name IS DISTINCT FROM 'C' AND table_name <> 'alembic_version'",
        database=upgraded,
    )
    assert others == []


def test_of_many_that_start_at_once_one_makes_the_tables(empty_database: str) -> None:
    stores = [PostgresqlStore.at(empty_database, OPTIONS) for _ in range(4)]
    with ThreadPoolExecutor(len(stores)) as pool:
        list(pool.map(PostgresqlStore.upgrade, stores))
    assert stores[0].inspect().is_current


def test_an_upgrade_that_fails_leaves_the_database_as_it_was(
    postgresql: Server, empty_database: str
) -> None:
    name = empty_database.rpartition("/")[2]
    postgresql.execute("CREATE TABLE leases (in_the_way integer)", database=name)
    with pytest.raises(StartRefused, match="as they were"):
        migrated(empty_database)
    assert PostgresqlStore.at(empty_database, OPTIONS).inspect().revision is None


def test_a_table_of_somebody_elses_is_refused(postgresql: Server, empty_database: str) -> None:
    name = empty_database.rpartition("/")[2]
    postgresql.execute("CREATE TABLE secrets (id integer)", database=name)
    with pytest.raises(StartRefused, match="not Strongroom's"):
        migrated(empty_database)


def test_a_database_of_a_newer_version_is_refused(postgresql: Server, empty_database: str) -> None:
    name = empty_database.rpartition("/")[2]
    postgresql.execute(
        "CREATE TABLE alembic_version (version_num text)",
        "INSERT INTO alembic_version VALUES ('9999')",
        database=name,
    )
    with pytest.raises(StartRefused, match="newer version"):
        migrated(empty_database)


def test_a_database_of_another_encoding_is_refused(postgresql: Server) -> None:
    postgresql.execute("CREATE DATABASE narrow ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    with pytest.raises(StartRefused, match="LATIN1"):
        migrated(postgresql.url("narrow"))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql://x@127.0.0.1:1/x", "nothing listens there"),
        ("postgresql://x:hidden@nowhere.invalid/x", "its host name is not known"),
        ("postgresql://x:hid@den@nowhere.invalid/x", "its host name is not known"),
    ],
    ids=["closed port", "unknown host", "password written wrongly"],
)
def test_a_database_that_is_not_reached_is_told_without_the_password(url: str, reason: str) -> None:
    with pytest.raises(StartRefused, match=reason) as caught:
        PostgresqlStore.at(url, OPTIONS).inspect()
    assert "den" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_url_that_is_none_is_refused_without_repeating_it() -> None:
    with pytest.raises(StartRefused, match="must have the form") as caught:
        PostgresqlStore.at("postgresql://x:hidden@host/x?unknown=1", OPTIONS)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    ("database", "reason"),
    [("postgres", "role or the database"), ("absent", "role or the database")],
    ids=["role", "database"],
)
def test_what_is_not_there_is_told(postgresql: Server, database: str, reason: str) -> None:
    user = "postgres" if database == "absent" else "stranger"
    with pytest.raises(StartRefused, match=reason):
        PostgresqlStore.at(postgresql.url(database, user), OPTIONS).inspect()


TEXTS = [
    "",
    "a",
    "A",
    "z",
    "Z",
    "é",
    "a\x00b",
    "\ufdd0",
    "\ufdd0\ufdd1",
    "\ufdd1\x00",
    "🗝",
    "\\x41",
]


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_every_text_comes_back_as_it_was(storage: Storage, text: str) -> None:
    kept = keep(storage, "name", description=text, tags={"key": text})
    assert storage.read(lambda s: s.secrets.find(SecretId(kept.id))).result() == kept
    entry = event(reason=text, subject=replace(event().subject, reference=text))
    recorded(storage, entry)
    found = storage.read(lambda s: s.audit.entries(after=0, limit=1)).result()
    assert [item.event for item in found] == [entry]


def test_a_name_with_nul_is_found_and_no_other(storage: Storage) -> None:
    kept = keep(storage, "a\x00b")
    assert storage.read(lambda s: s.secrets.find(ByName("a\x00b"))).result() == kept
    for other in ("a", "ab", "a\ufdd0\ufdd1b"):
        assert storage.read(partial(_named, other)).result() is None


STATEMENTS = re.compile(r"^```sql\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_roles_of_the_documentation_are_enough(postgresql: Server) -> None:
    """One makes the tables, and the other one works on them and cannot."""
    _, two = STATEMENTS.findall((DOCS / "postgresql.md").read_text("utf-8"))
    server_wide, _, inside = two.partition("\\c strongroom\n")
    postgresql.execute(*_statements(server_wide))
    postgresql.execute(*_statements(inside), database="strongroom")
    owner, server = (
        PostgresqlStore.at(postgresql.url("strongroom", f"strongroom_{role}"), OPTIONS)
        for role in ("owner", "server")
    )
    with pytest.raises(StartRefused, match="may make tables"):
        server.upgrade()
    owner.upgrade()
    server.upgrade()
    storage = server.open()
    kept = keep(storage, "kept")
    recorded(storage, event())
    storage.write(lambda s: s.probe.touch()).result()
    storage.write(lambda s: s.secrets.remove(kept)).result()
    assert page(storage) == []
    storage.close()
    found = [item.finding for item in server.examine(full=True)]
    assert not any("role" in finding for finding in found)
    with psycopg.connect(postgresql.url("strongroom", "strongroom_server")) as connection:
        for statement in ("CREATE TABLE t (i int)", "DROP TABLE secrets", "TRUNCATE leases"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
            connection.rollback()


def _statements(text: str) -> list[str]:
    """Part statements, and leave out passwords, which this server does not ask for."""
    return [part.strip() for part in text.replace(" PASSWORD '…'", "").split(";") if part.strip()]


def test_of_several_hosts_none_is_read_that_takes_no_changes(
    postgresql: Server, upgraded: str
) -> None:
    """A server that follows may not know yet that a token was revoked; this one plays it."""
    name = f"{upgraded}_follows"
    postgresql.execute(f"CREATE DATABASE {name} TEMPLATE {upgraded}")
    postgresql.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    url = postgresql.url(name)
    host = f"127.0.0.1:{postgresql.port}"
    assert host in url
    try:
        with pytest.raises(StartRefused, match="none of the hosts takes changes"):
            PostgresqlStore.at(url.replace(host, f"{host},{host}"), OPTIONS).inspect()
        any_host = f"{url.replace(host, f'{host},{host}')}?target_session_attrs=any"
        assert PostgresqlStore.at(any_host, OPTIONS).inspect().is_current
    finally:
        postgresql.drop(name)


@pytest.mark.parametrize(
    ("url", "findings"),
    [
        ("postgresql://localhost/x", 0),
        ("postgresql:///x?host=/run/postgresql", 0),
        ("postgresql://127.0.0.1,[::1]/x", 0),
        ("postgresql://db.example.com/x", 1),
        ("postgresql://localhost,db.example.com/x?sslmode=prefer", 1),
        ("postgresql://db.example.com/x?sslmode=require", 1),
        ("postgresql://db.example.com/x?sslmode=verify-full", 0),
    ],
)
def test_a_way_on_which_others_can_listen_is_told(url: str, findings: int) -> None:
    way = [*postgresql_examination.of_way(Address.parse(url))]
    assert len(way) == findings


def test_what_is_missing_or_strange_is_found(postgresql: Server, empty_database: str) -> None:
    name = empty_database.rpartition("/")[2]
    migrated(empty_database)
    postgresql.execute(
        "DROP INDEX uq_secrets_living_name",
        "DROP INDEX ix_secret_tags_key_value",
        "ALTER TABLE tokens DROP COLUMN hint",
        "DROP TABLE leases",
        'ALTER TABLE roles ALTER COLUMN name TYPE text COLLATE "POSIX"',
        "CREATE FUNCTION spy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "CREATE TRIGGER spies AFTER INSERT ON secrets FOR EACH ROW EXECUTE FUNCTION spy()",
        "CREATE RULE copies AS ON UPDATE TO secrets DO ALSO DELETE FROM roles WHERE false",
        "ALTER TABLE roles ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE bindings DROP CONSTRAINT fk_bindings_principal",
        "INSERT INTO bindings (principal, role) VALUES ('nobody', 'administrator')",
        "ALTER TABLE secret_tags DROP CONSTRAINT fk_secret_tags_secret_id",
        database=name,
    )
    found = PostgresqlStore.at(empty_database, OPTIONS).examine(full=False)
    told = {(item.level.value, item.finding.partition(";")[0]) for item in found}
    assert {
        ("error", "the index 'uq_secrets_living_name' is missing"),
        ("warning", "the index 'ix_secret_tags_key_value' is missing"),
        ("error", "the table 'tokens' lacks: hint"),
        ("error", "the table 'leases' is missing"),
        (
            "error",
            "roles.name is not compared by bytes, so names may be taken for one another",
        ),
        ("warning", 'the trigger "spies" of secrets is not ours'),
        ("warning", 'the rule "copies" of secrets is not ours'),
        ("warning", "roles has row-level security, which is not ours"),
        ("error", "the foreign key from bindings to principals is missing"),
        ("error", "rows of bindings belong to principals that are not there"),
        ("error", "the foreign key from secret_tags to secrets is missing"),
    } <= told
    mend = next(item.mend for item in found if "secret_tags to secrets" in item.finding)
    assert mend == (
        "run in the database: ALTER TABLE secret_tags ADD CONSTRAINT fk_secret_tags_secret_id"
        " FOREIGN KEY(secret_id) REFERENCES secrets (id) ON DELETE CASCADE"
    )


def test_tables_of_others_with_strange_names_are_passed_over(
    postgresql: Server, empty_database: str
) -> None:
    migrated(empty_database)
    before = PostgresqlStore.at(empty_database, OPTIONS).examine(full=False)
    names = ('"a b"', '"a.b.c.d"', '"it\'s"', '"a""b"', '""" "')
    postgresql.execute(
        "CREATE SCHEMA theirs",
        *(
            f"CREATE TABLE {schema}.{name} (id int PRIMARY KEY,"
            f" other int REFERENCES {schema}.{name} ON DELETE CASCADE)"
            for schema in ("public", "theirs")
            for name in names
        ),
        "ALTER TABLE secret_tags DROP CONSTRAINT fk_secret_tags_secret_id",
        database=empty_database.rpartition("/")[2],
    )
    found = PostgresqlStore.at(empty_database, OPTIONS).examine(full=False)
    (told,) = [item for item in found if item not in before]
    assert told.finding.startswith("the foreign key from secret_tags to secrets is missing")


def test_tls_is_asked_for_and_the_server_must_be_who_it_says(tmp_path: Path) -> None:
    if not is_built_with_tls():
        pytest.skip("this PostgreSQL is built without TLS; POSTGRESQL_BIN names another one")
    authority, stranger = Authority(tmp_path), Authority(tmp_path, "stranger")
    server = Server((*FAST, "ssl=on"))
    for source, target in zip(authority.issue("localhost"), ("crt", "key"), strict=True):
        server.place(source, f"server.{target}")
    server.start()
    url = f"postgresql://postgres@localhost:{server.port}/postgres?sslmode=verify-full&sslrootcert="
    try:
        PostgresqlStore.at(f"{url}{authority.file}", OPTIONS).upgrade()
        with pytest.raises(StartRefused, match="certificate is not trusted"):
            PostgresqlStore.at(f"{url}{stranger.file}", OPTIONS).inspect()
    finally:
        server.remove()


def test_names_are_ordered_by_code_points(storage: Storage) -> None:
    for name in ("b", "B", "a", "é", "🗝", "_", "\uffff"):
        keep(storage, name)
    names = [secret.name for secret in page(storage, prefix="_")]
    assert names == ["_"]
    assert [secret.name for secret in page(storage, prefix="B")] == ["B"]


def test_numbers_that_no_version_has_find_nothing(storage: Storage) -> None:
    kept = keep(storage)
    found = storage.read(lambda s: s.versions.find(kept.id, 2**63 - 1)).result()
    assert found is None


def test_a_second_writer_waits_for_the_first(storages: tuple[Storage, Storage]) -> None:
    one, other = storages
    kept = keep(one, "before")
    first = Paused(one, lambda s: s.secrets.replace(replace(kept, name="first")))

    def later(session: Session) -> str:
        found = session.secrets.find(SecretId(kept.id))
        assert found is not None
        session.secrets.replace(replace(found, name=f"{found.name}, then second"))
        return found.name

    second = other.write(later)
    first.end()
    assert second.result(WAIT) == "first"
    assert [secret.name for secret in page(one)] == ["first, then second"]


def test_a_rename_never_brings_an_old_seal_back(storages: tuple[Storage, Storage]) -> None:
    one, other = storages
    kept = keep(one, sealed="old")
    value = StoredValue(secret_id=kept.id, uid=kept.uid, version=1, sealed="old")
    resealing = Paused(one, lambda s: s.sealed_values.reseal([(value, "new")]))

    def rename(session: Session) -> None:
        found = session.secrets.find(SecretId(kept.id))
        assert found is not None
        session.secrets.replace(replace(found, name="renamed"))

    renaming = other.write(rename)
    resealing.end()
    renaming.result(WAIT)
    assert [(secret.name, secret.sealed) for secret in page(one)] == [("renamed", "new")]


def test_a_key_is_not_destroyed_while_a_value_is_sealed_under_it(
    storages: tuple[Storage, Storage],
) -> None:
    one, other = storages
    key = data_key("1" * 16, KeyState.ACTIVE)
    one.write(lambda s: s.data_keys.add(key)).result()
    creating = Paused(one, partial(add, name="kept", sealed=f"sr1:{key.id}:fernet:x"))
    needed = other.write(lambda s: s.sealed_values.count_under(key.id))
    creating.end()
    assert needed.result(WAIT) == 1


def test_a_task_that_nobody_had_is_taken_by_one(storages: tuple[Storage, Storage]) -> None:
    def take(holder: str, session: Session) -> bool:
        moment = event().at
        return session.leases.take("task", holder=holder, now=moment, until=moment.replace(hour=23))

    first = Paused(storages[0], partial(take, "one"))
    second = storages[1].write(partial(take, "other"))
    assert first.end() is True
    assert second.result(WAIT) is False


def test_a_name_that_two_want_is_given_to_one(storages: tuple[Storage, Storage]) -> None:
    first = Paused(storages[0], partial(add, name="wanted"))
    second = storages[1].write(partial(add, name="wanted"))
    first.end()
    assert isinstance(second.exception(WAIT), NameTaken)


def test_a_work_that_goes_on_after_a_refusal_is_undone(storage: Storage) -> None:
    keep(storage, "taken")

    def goes_on(session: Session) -> None:
        with pytest.raises(NameTaken):
            add(session, "taken")

    assert isinstance(storage.write(goes_on).exception(), RuntimeError)
    assert keep(storage, "next").name == "next"


def test_works_that_fail_among_others_are_undone_alone(storage: Storage) -> None:
    def fails(number: int, session: Session) -> None:
        session.audit.append(event())
        add(session, f"undone {number}")
        raise NameTaken

    futures: list[Future[object]] = []
    gate = Paused(storage, partial(add, name="first"))
    for number in range(10):
        futures.append(storage.write(partial(add, name=f"kept {number}")))
        futures.append(storage.write(partial(fails, number)))
        futures.append(storage.write(lambda s: s.audit.append(event())))
    gate.end()
    outcomes = [type(future.exception(WAIT)) for future in futures]
    assert outcomes == [type(None), NameTaken, type(None)] * 10
    assert [s.name for s in page(storage)] == ["first", *(f"kept {n}" for n in range(10))]
    entries, tree = storage.read(
        lambda s: (s.audit.entries(after=0, limit=99), s.audit_tree.state())
    ).result()
    assert len(entries) == 10
    assert tree == TreeState().grown(entry_leaf(entry) for entry in entries)[0]


def test_many_writers_of_many_processes_grow_one_tree(database: str) -> None:
    storages = [PostgresqlStore.at(database, OPTIONS).open() for _ in range(3)]

    def work(number: int, session: Session) -> None:
        session.audit.append(event())
        add(session, f"{number}")

    futures = [storages[n % 3].write(partial(work, n)) for n in range(150)]
    for future in futures:
        future.result(WAIT)
    entries, tree = (
        storages[0]
        .read(lambda s: (s.audit.entries(after=0, limit=999), s.audit_tree.state()))
        .result()
    )
    for storage in storages:
        storage.close()
    assert [entry.number for entry in entries] == list(range(1, 151))
    assert tree == TreeState().grown(entry_leaf(entry) for entry in entries)[0]


def test_a_store_that_another_keeps_busy_is_unavailable(database: str) -> None:
    one = PostgresqlStore.at(database, OPTIONS).open()
    other = PostgresqlStore.at(database, IMPATIENT).open()
    holding = Paused(one, partial(add, name="first"))
    failed = other.write(partial(add, name="second")).exception(WAIT)
    holding.end()
    assert isinstance(failed, StorageUnavailable)
    assert keep(other, "third").name == "third"
    one.close()
    other.close()


def test_an_entry_that_somebody_else_appended_stops_every_server(
    postgresql: Server, upgraded: str, database: str
) -> None:
    one = House(PostgresqlStore.at(database, OPTIONS).open()).opened()
    other = House(PostgresqlStore.at(database, OPTIONS).open()).opened()
    one.create("by one")
    other.create("by another")
    assert not one.verify_log().findings
    leaf = bytes(range(32))
    (size, peaks) = other.storage.read(
        lambda s: (s.audit_tree.state().size, s.audit_tree.state().peaks)
    ).result()
    grown, _ = TreeState(size=size, peaks=peaks).grown([leaf])
    columns = "at, request_id, principal, address, action, outcome, rule, reference"
    postgresql.execute(
        f"INSERT INTO audit_entries (id, leaf, {columns}) SELECT id + 1, '\\x{leaf.hex()}',"  # noqa: S608
        f" {columns} FROM audit_entries WHERE id = {size}",
        database=upgraded,
    )
    postgresql.execute(
        f"UPDATE audit_tree SET size = {grown.size},"  # noqa: S608  ours
        f" peaks = '\\x{b''.join(grown.peaks).hex()}'",
        database=upgraded,
    )
    for house in (one, other):
        with pytest.raises(StorageUnavailable, match="no server of this store wrote"):
            house.create("more")
        with pytest.raises(AuditUnavailable):
            house.run(RevealSecret(reference=SecretId(1)))
        with pytest.raises(Broken, match="no server of this store wrote"):
            house.make_checkpoint()
        # A change without an entry, which takes the lock at what was forged.
        house.storage.write(lambda s: s.feed_positions.move("test", 1)).result()
    postgresql.execute(
        f"DELETE FROM audit_entries WHERE id > {size}",  # noqa: S608  ours
        f"UPDATE audit_tree SET size = {size}, peaks = '\\x{b''.join(peaks).hex()}'",  # noqa: S608
        database=upgraded,
    )
    for house in (one, other):
        house.create(f"undone, {house.storage is one.storage}")
        house.storage.close()


def test_a_change_without_the_row_of_the_tree_is_refused(
    storage: Storage, postgresql: Server, upgraded: str
) -> None:
    postgresql.execute("DELETE FROM audit_tree", database=upgraded)
    failed = storage.write(partial(add, name="unlocked")).exception(WAIT)
    assert isinstance(failed, StorageUnavailable)
    assert page(storage) == []


@pytest.mark.parametrize("statement", ["DELETE FROM audit_tree", "UPDATE audit_tree SET size = 7"])
def test_a_tip_that_is_none_is_adopted(
    postgresql: Server, upgraded: str, database: str, statement: str
) -> None:
    house = House(PostgresqlStore.at(database, OPTIONS).open()).opened()
    house.create("kept")
    size = len(house.events())
    postgresql.execute(statement, database=upgraded)
    with pytest.raises(StorageUnavailable, match="audit verify"):
        house.create("refused")
    assert house.run(AdoptTip(size=size)) == size
    house.create("more")
    assert not house.verify_log().findings
    house.storage.close()


def test_a_database_that_was_put_back_under_a_running_server_stops_it(
    postgresql: Server, upgraded: str, database: str
) -> None:
    house = House(PostgresqlStore.at(database, OPTIONS).open()).opened()
    house.create("first")
    postgresql.execute("CREATE TABLE tip AS SELECT * FROM audit_tree", database=upgraded)
    house.create("second")
    postgresql.execute(
        "DELETE FROM audit_entries WHERE id > (SELECT size FROM tip); DELETE FROM audit_tree;"
        " INSERT INTO audit_tree SELECT * FROM tip; DROP TABLE tip",
        database=upgraded,
    )
    with pytest.raises(StorageUnavailable, match="put back to an earlier state"):
        house.create("third")
    with pytest.raises(AuditUnavailable):
        house.run(RevealSecret(reference=SecretId(1)))
    anew = House(PostgresqlStore.at(database, OPTIONS).open(), source=house.source).opened()
    anew.create("third")
    for each in (house, anew):
        each.storage.close()


CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = '{}' AND pid <> pg_backend_pid()"
)
WAITING = "SELECT 1 FROM pg_stat_activity WHERE datname = '{}' AND wait_event_type = 'Lock'"


def test_connections_that_were_cut_are_made_anew_unnoticed(
    storage: Storage, postgresql: Server, upgraded: str
) -> None:
    for number in range(3):
        keep(storage, f"{number}")
        postgresql.execute(CUT.format(upgraded), database=upgraded)
        assert len(page(storage)) == number + 1


def test_a_change_that_is_cut_off_is_made_once(
    storage: Storage, postgresql: Server, upgraded: str
) -> None:
    cut: list[bool] = []

    def work(session: Session) -> str:
        session.audit.append(event())
        kept = add(session, "cut off")
        if not cut:
            cut.append(True)
            postgresql.execute(CUT.format(upgraded), database=upgraded)
        session.secrets.replace(kept)
        return kept.name

    assert storage.write(work).result(WAIT) == "cut off"
    assert [secret.revision for secret in page(storage)] == [2]
    assert len(storage.read(lambda s: s.audit.entries(after=0, limit=9)).result()) == 1


def test_a_process_that_stops_in_the_middle_keeps_the_others_waiting_no_longer_than_it_may(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "IDLE_SECONDS", 0.5)
    one, other = (PostgresqlStore.at(database, OPTIONS).open() for _ in range(2))
    times: list[int] = []

    def stops(session: Session) -> None:
        times.append(1)
        add(session, "of the one that stopped")

    stopped = Paused(one, stops)
    assert other.write(partial(add, name="of the other")).result(WAIT).name == "of the other"
    stopped.end()
    assert len(times) == 2, "what the server has undone was done once more"
    assert len(page(other)) == 2
    one.close()
    other.close()


def test_a_reading_that_fails_leaves_those_beside_it_alone(storage: Storage) -> None:
    keep(storage, "kept")
    held, go_on = threading.Event(), threading.Event()

    def holds(_: Session) -> None:
        held.set()
        assert go_on.wait(WAIT)

    def writes(session: Session) -> None:
        add(session, "not in a reading")

    def raises(_: Session) -> None:
        raise NameTaken

    futures: list[Future[object]] = [storage.read(holds) for _ in range(4)]
    assert held.wait(WAIT)
    for _ in range(3):
        futures += [storage.read(writes), storage.read(raises), storage.read(_names)]
    go_on.set()
    kinds = [type(future.exception(WAIT)) for future in futures[4:]]
    assert kinds == [StorageUnavailable, NameTaken, type(None)] * 3
    assert [future.result() for future in futures[6::3]] == [["kept"]] * 3


def test_what_was_found_is_found_again_by_those_who_waited_together_and_no_others(
    database: str,
) -> None:
    storage = PostgresqlStore.at(database, replace(OPTIONS, pool_size=1)).open()
    waiting, going = threading.Event(), threading.Event()

    def hold(_session: Session) -> None:
        waiting.set()
        assert going.wait(WAIT)

    held = storage.read(hold)
    assert waiting.wait(WAIT)
    storage.read(lambda session: session.moment.keep("a key", "found"))
    beside = storage.read(lambda session: session.moment.find("a key"))
    going.set()
    held.result()
    assert beside.result() == "found"
    assert storage.read(lambda session: session.moment.find("a key")).result() is None
    storage.close()


def _names(session: Session) -> list[str]:
    return [secret.name for secret in session.catalogue.page(Listing())]


def test_readings_are_remembered_once_and_never_backwards(storage: Storage) -> None:
    kept = keep(storage)
    moments = [event().at + timedelta(seconds=n) for n in (1, 3, 2)]
    gate = Paused(storage, lambda _: None)
    for moment in moments:
        storage.write(partial(_note, kept.id, moment))
    failed = storage.write(partial(_note_and_fail, kept.id, moments[1] + timedelta(days=1)))
    gate.end()
    assert isinstance(failed.exception(WAIT), NameTaken)
    assert [secret.last_read_at for secret in page(storage)] == [moments[1]]


def _note(number: int, moment: datetime, session: Session) -> None:
    session.catalogue.note_read(number, moment)


def _note_and_fail(number: int, moment: datetime, session: Session) -> None:
    session.catalogue.note_read(number, moment)
    raise NameTaken


def test_a_deadlock_with_somebody_else_is_tried_again(
    storage: Storage, postgresql: Server, upgraded: str
) -> None:
    kept = keep(storage)
    times: list[int] = []
    stranger = psycopg.connect(postgresql.url(upgraded))
    stranger.execute("SET deadlock_timeout = '1h'")
    stranger.execute("SELECT * FROM secrets FOR UPDATE")

    def crosses() -> None:
        stranger.execute("SELECT * FROM leases FOR UPDATE")
        stranger.rollback()

    # The lease is there before, so that the stranger can wait for it.
    moment = event().at
    storage.write(
        lambda s: s.leases.take("task", holder="one", now=moment, until=moment.replace(hour=23))
    ).result()
    thread = threading.Thread(target=crosses)

    def locks(session: Session) -> None:
        times.append(1)
        session.leases.take("task", holder="one", now=moment, until=moment.replace(hour=23))
        if len(times) == 1:
            thread.start()
            _until(partial(_waits, postgresql, upgraded))
        session.secrets.replace(kept)

    storage.write(locks).result(WAIT)
    thread.join(WAIT)
    stranger.close()
    assert len(times) == 2


def _named(text: str, session: Session) -> Secret | None:
    return session.secrets.find(ByName(text))


def _waits(server: Server, name: str) -> bool:
    return bool(server.execute(WAITING.format(name)))


def _until(condition: Callable[[], bool]) -> None:
    ended = threading.Event()
    for _ in range(int(WAIT / 0.02)):
        if condition():
            return
        ended.wait(0.02)
    raise AssertionError("what was waited for does not come")
