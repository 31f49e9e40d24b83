"""Whoever writes the database file cannot put a right where the verification does not look."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.sql.sqlite import SqliteStorage
from application.access.create_binding import CreateBinding
from application.access.create_principal import CreatePrincipal
from application.access.create_token import CreateToken
from application.access.first_administrator import MakeFirstAdministrator
from application.access.remove_principal import RemovePrincipal
from application.secrets.create_secret import CreateSecret
from domain.access.claim_binding import ClaimBinding
from domain.access.identity import Identity
from domain.access.principal import PrincipalKind
from domain.secrets.name import SecretName
from domain.secrets.value import SecretValue
from tests.fakes import CALLER, START
from tests.house import House
from tests.tables import with_tables

WORKLOAD = Identity(
    issuer="github",
    subject="repo:acme/shop",
    expires_at=START + timedelta(hours=1),
    texts={("ref",): "main", ("repository_id",): "7"},
)


class Rooms:
    """A guarded house around a file, and a way into the file past the house."""

    def __init__(self, path: Path) -> None:
        self.house = House(SqliteStorage(with_tables(path)), guarded=True).opened()
        self.db = sqlite3.connect(path, isolation_level=None)
        self.house.own_gate.run(CALLER, MakeFirstAdministrator())

    def bind(self, role: str, **claims: str) -> None:
        command = CreateBinding(issuer="github", claims=claims, roles=[role])
        self.house.own_gate.run(CALLER, command)

    def fitting(self) -> list[ClaimBinding]:
        storage = self.house.storage
        return list(storage.read(lambda s: s.fitting_bindings.fitting(WORKLOAD)).result())

    def findings(self) -> list[str]:
        return [finding.text for finding in self.house.verify_log().findings]


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    made = Rooms(tmp_path / "secrets.db")
    yield made
    made.db.close()
    made.house.storage.close()


def copied(rooms: Rooms, table: str, number: int, to: int, **changed: object) -> None:
    """Put a row in once more, under another id and with some columns changed."""
    question = rooms.db.execute(f"SELECT * FROM {table} WHERE id = ?", (number,))  # noqa: S608  our names
    names = [column[0] for column in question.description]
    row = dict(zip(names, question.fetchone(), strict=True)) | {"id": to} | changed
    marks = ", ".join("?" * len(row))
    rooms.db.execute(f"INSERT INTO {table} VALUES ({marks})", tuple(row.values()))  # noqa: S608  our names


@pytest.mark.parametrize("number", [0, -1, -(2**63)])
def test_a_binding_that_no_page_has_fits_nobody(rooms: Rooms, number: int) -> None:
    rooms.bind("viewer", ref="main")
    copied(rooms, "claim_bindings", 1, number, roles='["administrator"]')
    assert [binding.id for binding in rooms.fitting()] == [1]


@pytest.mark.parametrize("number", [0, -1, -(2**63)])
def test_a_token_that_no_page_has_is_nobodys(rooms: Rooms, number: int) -> None:
    """The hash of a token that is gone is free, and who had it still knows its text."""
    rooms.house.own_gate.run(CALLER, CreatePrincipal(name="eve", kind=PrincipalKind.PERSON))
    token = rooms.house.own_gate.run(CALLER, CreateToken(principal="eve")).token
    kept = rooms.db.execute("SELECT * FROM tokens WHERE id = ?", (token.id,)).fetchone()
    rooms.house.own_gate.run(CALLER, RemovePrincipal(name="eve"))
    marks = ", ".join("?" * len(kept))
    rooms.db.execute(f"INSERT INTO tokens VALUES ({marks})", (number, "admin", *kept[2:]))  # noqa: S608  our names
    digest = token.digest
    assert rooms.house.storage.read(lambda s: s.known_tokens.recognise(digest)).result() is None


@pytest.mark.parametrize("number", [0, -1])
def test_a_copy_of_a_secret_is_found_whatever_its_id(rooms: Rooms, number: int) -> None:
    """Under a name that somebody may read. Earlier backends gave out such ids, so it counts."""
    command = CreateSecret(name=SecretName("prod/db"), value=SecretValue("value"))
    rooms.house.own_gate.run(CALLER, command)
    uid = bytes(16)  # a unique index stands in the way of the true one, and can be dropped
    copied(rooms, "secrets", 1, number, name="mine/db", uid=uid)
    assert rooms.findings() == ["the row is there, but no entry wrote it"]


def test_a_binding_that_those_who_fit_it_do_not_find_is_reported(rooms: Rooms) -> None:
    """It may deny something: to have it not found is to give that."""
    rooms.bind("viewer", ref="main")
    rooms.bind("auditor", repository_id="7")
    assert rooms.findings() == []
    rooms.db.execute("UPDATE claim_bindings SET anchor = ? WHERE id = 2", (bytes(32),))
    assert any("hash that none of its claims has" in text for text in rooms.findings())
