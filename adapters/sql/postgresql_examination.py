"""What is wrong with a PostgreSQL database: on the way there, with its settings, in its tables."""

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import Connection, text
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import CreateIndex

from adapters.sql import postgresql_foreign_keys, schema
from adapters.sql.postgresql_address import Address
from adapters.sql.postgresql_foreign_keys import BACKUP, CHECK
from adapters.sql.postgresql_schema import connected, revision
from adapters.sql.tables import metadata
from domain.errors import StartRefused
from domain.health.finding import Finding, error, note, refusal, warning
from domain.ports.store import StoreOptions

_OURS = "WITH ours AS (SELECT unnest(CAST(:tables AS text[])) AS name)"
_SETTINGS = text(
    "SELECT name, setting FROM pg_settings"
    " WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')"
)
_ROLE = text(
    "SELECT rolsuper, rolcreatedb OR rolcreaterole AS may_create"
    " FROM pg_roles WHERE rolname = current_user"
)
_COLUMNS = text(
    f"{_OURS} SELECT ours.name, a.attname FROM ours"  # noqa: S608  it stands above
    " LEFT JOIN pg_attribute a ON a.attrelid = to_regclass(ours.name)"
    " AND a.attnum > 0 AND NOT a.attisdropped"
)
_INDEXES = text(
    f"{_OURS} SELECT c.relname FROM ours"  # noqa: S608  it stands above
    " JOIN pg_index i ON i.indrelid = to_regclass(ours.name) AND i.indisvalid"
    " JOIN pg_class c ON c.oid = i.indexrelid"
)
_WATCHERS = text(
    f"{_OURS} SELECT ours.name, 'trigger', t.tgname FROM ours"  # noqa: S608  it stands above
    " JOIN pg_trigger t ON t.tgrelid = to_regclass(ours.name) AND NOT t.tgisinternal"
    " UNION ALL SELECT ours.name, 'rule', r.rulename FROM ours"
    " JOIN pg_rewrite r ON r.ev_class = to_regclass(ours.name)"
    " ORDER BY 1, 2, 3"
)
"""What runs when a row is written, and may write it elsewhere as well."""
_ROW_SECURITY = text(
    f"{_OURS} SELECT ours.name FROM ours"  # noqa: S608  it stands above
    " JOIN pg_class c ON c.oid = to_regclass(ours.name) AND c.relrowsecurity ORDER BY ours.name"
)
"""Tables whose rows are hidden or refused by policies; in ours nothing is but by the server."""
_COLLATIONS = text(
    f"{_OURS} SELECT ours.name, a.attname FROM ours"  # noqa: S608  it stands above
    " JOIN pg_attribute a ON a.attrelid = to_regclass(ours.name)"
    " AND a.attnum > 0 AND NOT a.attisdropped AND a.attcollation <> 0"
    " JOIN pg_collation l ON l.oid = a.attcollation AND l.collname <> 'C'"
    " ORDER BY ours.name, a.attname"
)


def examine(address: Address, options: StoreOptions) -> Sequence[Finding]:
    """Return what is wrong, whether or not there are tables."""
    findings = [*of_way(address)]
    try:
        with connected(address, options) as connection:
            connection.execute(text("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            findings += [*_of_settings(connection), *_of_role(connection)]
            if revision(connection) == schema.HEAD:
                findings += _of_tables(connection)
    except StartRefused as cause:
        findings.append(refusal(CHECK, cause, mend="see that the database can be used"))
    return findings


def of_way(address: Address) -> Iterator[Finding]:
    """Tell of a connection that others can listen to."""
    if address.is_local or address.is_verified:
        return
    mend = "add sslmode=verify-full to 'database_url', and sslrootcert if its issuer is your own"
    if address.is_encrypted:
        yield warning(CHECK, "the database need not show that it is the host of the URL", mend)
    else:
        yield warning(CHECK, "the connection to the database may be in the clear", mend)


def _of_settings(connection: Connection) -> Iterator[Finding]:
    """Tell of settings with which an acknowledged change can be lost."""
    settings = {row.name: row.setting for row in connection.execute(_SETTINGS)}
    for name in ("fsync", "full_page_writes"):
        if settings.get(name) == "off":
            yield warning(
                CHECK,
                f"the database server runs with {name} = off: after a loss of power"
                " acknowledged changes may be gone and tables damaged",
                f"set {name} = on in postgresql.conf",
            )
    if settings.get("synchronous_commit") == "off":
        yield note(
            CHECK,
            "the database server runs with synchronous_commit = off; Strongroom turns it on for its"
            " own changes",
            "nothing has to be done",
        )


def _of_role(connection: Connection) -> Iterator[Finding]:
    """Tell of a role that may do more than it needs."""
    is_superuser, may_create = connection.execute(_ROLE).one()
    if is_superuser or may_create:
        yield warning(
            CHECK,
            "the role of 'database_url' is a superuser, or may make roles or databases",
            "give Strongroom a role of its own; docs/postgresql.md has the statements",
        )


def _of_tables(connection: Connection) -> Iterator[Finding]:
    """Compare the tables with what the migrations make."""
    tables = {"tables": list(metadata.tables)}
    there: dict[str, set[str]] = {}
    for table, column in connection.execute(_COLUMNS, tables):
        there.setdefault(table, set()).update({column} - {None})
    yield from _of_missing_columns(there)
    indexes = set(connection.execute(_INDEXES, tables).scalars())
    yield from _of_missing_indexes(indexes, there, connection.dialect)
    for table, kind, name in connection.execute(_WATCHERS, tables):
        yield warning(
            CHECK,
            f'the {kind} "{name}" of {table} is not ours; it may copy or change what is stored',
            "find out who made it, and drop it",
        )
    yield from postgresql_foreign_keys.examine(connection, _whole(there))
    for (table,) in connection.execute(_ROW_SECURITY, tables):
        yield warning(
            CHECK,
            f"{table} has row-level security, which is not ours; it may hide rows from the server",
            f"find out who turned it on, and: ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
        )
    for table, column in connection.execute(_COLLATIONS, tables):
        yield error(
            CHECK,
            f"{table}.{column} is not compared by bytes, so names may be taken for one another",
            f'ALTER TABLE {table} ALTER COLUMN {column} TYPE text COLLATE "C"',
        )


def _whole(there: dict[str, set[str]]) -> Collection[str]:
    """Return the tables that have all their columns."""
    tables = metadata.tables.values()
    return [table.name for table in tables if {*table.columns.keys()} <= there[table.name]]


def _of_missing_columns(there: dict[str, set[str]]) -> Iterator[Finding]:
    """Tell of tables and columns that are not there."""
    for table in metadata.tables.values():
        missing = [column.name for column in table.columns if column.name not in there[table.name]]
        if not there[table.name]:
            yield error(CHECK, f"the table '{table.name}' is missing", BACKUP)
        elif missing:
            yield error(CHECK, f"the table '{table.name}' lacks: {', '.join(missing)}", BACKUP)


def _of_missing_indexes(
    indexes: set[str], there: dict[str, set[str]], dialect: Dialect
) -> Iterator[Finding]:
    """Tell of indexes that are not there; a unique one keeps a rule, any other only saves time."""
    for table in (table for table in metadata.tables.values() if there[table.name]):
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            if index.name not in indexes:
                make = error if index.unique else warning
                statement = CreateIndex(index).compile(dialect=dialect)
                yield make(
                    CHECK,
                    f"the index '{index.name}' is missing",
                    f"run in the database: {' '.join(str(statement).split())}",
                )
