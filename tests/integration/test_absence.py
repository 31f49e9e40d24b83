"""What is hidden from a caller and what is not there are told apart by nothing.

`tests/unit/test_secrecy.py` compares what the use cases tell. Here it is the whole answer over
HTTP, the statements and decisions behind it, and the time that it takes.
"""

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from adapters.memory import MemoryStorage
from adapters.sql.sqlite import SqliteStorage
from adapters.tokens.hmac import HmacTokenHasher
from application.access.create_role import CreateRole
from application.access.revoke_token import RevokeToken
from application.access.who_am_i import WhoAmI
from application.secrets.delete_secret import DeleteSecret
from application.secrets.destroy_version import DestroyVersion
from application.secrets.list_versions import ListVersions
from application.secrets.purge_secret import PurgeSecret
from application.secrets.read_secret import ReadSecret
from application.secrets.restore_secret import RestoreSecret
from application.secrets.restore_version import RestoreVersion
from application.secrets.reveal_secret import RevealSecret
from application.secrets.update_secret import UpdateSecret
from domain.access.built_in import BUILT_IN
from domain.access.credential import Credential
from domain.access.grant import Effect, Grant
from domain.access.pattern import NamePattern
from domain.access.policy import decide
from domain.access.role import Role
from domain.errors import NotFound, Unauthenticated
from domain.secrets.name import SecretName
from domain.secrets.reference import ByName, SecretId
from domain.secrets.value import SecretValue
from tests.fakes import START
from tests.house import House
from tests.in_process import application, bearer, call
from tests.tables import with_tables

OPEN = Role(
    name="open",
    grants=(
        Grant(
            effect=Effect.ALLOW,
            actions=BUILT_IN["administrator"].grants[0].actions,
            names=(NamePattern("open/**"),),
        ),
    ),
)


VALUE = re.compile(r"x?'(?:[^']|'')*'|\bNULL\b|\b\d+\b", re.IGNORECASE)
"""What SQLite shows of a statement's values."""


@dataclass
class Work:
    """What was done since it was last looked at."""

    statements: list[str] = field(default_factory=list)
    hashes: int = 0
    decisions: int = 0

    def taken(self) -> tuple[list[str], int, int]:
        """Return it, and begin anew."""
        found = (list(self.statements), self.hashes, self.decisions)
        self.statements.clear()
        self.hashes = self.decisions = 0
        return found


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Iterator[Work]:
    """Count every statement, every hash of a token and every decision."""
    seen = Work()
    digest = HmacTokenHasher.digest

    def listen(connection: Any, _record: object) -> None:
        # At the driver, because not every statement comes from SQLAlchemy.
        connection.set_trace_callback(lambda text: seen.statements.append(VALUE.sub("?", text)))

    def hashed(*arguments: Any, **named: Any) -> bytes:
        seen.hashes += 1
        return digest(*arguments, **named)

    def decided(*arguments: Any) -> Any:
        seen.decisions += 1
        return decide(*arguments)

    event.listen(Engine, "connect", listen)
    monkeypatch.setattr(HmacTokenHasher, "digest", hashed)
    monkeypatch.setattr("domain.access.rights.decide", decided)
    yield seen
    event.remove(Engine, "connect", listen)


@pytest.fixture
def house(work: Work, tmp_path: Path) -> Iterator[House]:
    """A house with something in the open and something hidden: ids 1 and 2, and 3 in the bin."""
    house = House(SqliteStorage(with_tables(tmp_path / "secrets.db")), guarded=True).opened()
    house.run_within(CreateRole(role=OPEN))
    for name in ("open/a", "hidden/a", "hidden/gone"):
        house.create(name)
    house.run_within(DeleteSecret(reference=SecretId(3)))
    yield house
    house.storage.close()


COMMANDS: dict[str, Callable[[Any], object]] = {
    "read": lambda of: ReadSecret(reference=of),
    "reveal": lambda of: RevealSecret(reference=of),
    "reveal a version": lambda of: RevealSecret(reference=of, version=1),
    "update": lambda of: UpdateSecret(reference=of, value=SecretValue("x")),
    "move": lambda of: UpdateSecret(reference=of, name=SecretName("open/moved")),
    "delete": lambda of: DeleteSecret(reference=of),
    "purge": lambda of: PurgeSecret(reference=of),
    "list versions": lambda of: ListVersions(reference=of),
    "restore a version": lambda of: RestoreVersion(reference=of, version=1),
    "destroy a version": lambda of: DestroyVersion(reference=of, version=1),
}
ABSENT = SecretId(99)


@pytest.mark.parametrize(
    ("command", "hidden", "absent"),
    [
        *((command, SecretId(2), ABSENT) for command in COMMANDS.values()),
        (COMMANDS["read"], ByName("hidden/a"), ByName("hidden/b")),
        (COMMANDS["reveal"], ByName("hidden/a"), ByName("hidden/b")),
        (lambda of: RestoreSecret(reference=of), SecretId(3), ABSENT),
    ],
    ids=[*COMMANDS, "read by name", "reveal by name", "restore"],
)
def test_the_work_for_what_is_hidden_is_that_for_what_is_not_there(
    house: House, work: Work, command: Callable[[Any], object], hidden: object, absent: object
) -> None:
    token = house.token("caller", "open")
    house.run_as(token, WhoAmI())  # the first use of a token is noted, at most once a minute
    done = []
    for reference in (hidden, absent, absent, hidden):
        work.taken()
        with pytest.raises(NotFound):
            house.run_as(token, command(reference))
        done.append(work.taken())
    assert done[0] == done[1] == done[2] == done[3]
    statements, hashes, decisions = done[0]
    assert any("secrets" in each for each in statements)
    assert any(each.startswith("INSERT INTO audit_entries") for each in statements)
    assert hashes == 1
    assert decisions >= 1


def refused_tokens(house: House) -> dict[str, Credential]:
    """Return tokens that do not count, each for a reason of its own."""
    tokens = {
        "unknown": Credential.minted(bytes(32)),
        "expired": house.token("late", "open", expires_at=START + timedelta(seconds=1)),
        "from elsewhere": house.token("afar", "open", networks=("192.0.2.0/24",)),
        "revoked": house.token("gone", "open"),
    }
    house.run_within(RevokeToken(number=3))
    house.clock.advance(timedelta(seconds=1))
    return tokens


def test_the_work_for_a_known_token_is_that_for_an_unknown_one(house: House, work: Work) -> None:
    done = {}
    for why, token in refused_tokens(house).items():
        work.taken()
        with pytest.raises(Unauthenticated):
            house.run_as(token, WhoAmI())
        done[why] = work.taken()
    assert all(each == done["unknown"] for each in done.values()), done
    assert done["unknown"][1] == 1


@pytest.mark.parametrize(
    "path", ["/api/secrets/1", "/api/secrets/9", "/api/secrets/name/n/decrypt"]
)
def test_not_there_is_not_said_before_its_time(path: str) -> None:
    house = House(MemoryStorage(), guarded=True).opened()
    house.create("hidden")
    token = house.token("caller", "viewer") if path.endswith("9") else house.token("caller")
    app = application(house, not_found_seconds=0.2)
    began = time.perf_counter()
    assert call(house, "GET", path, headers=bearer(token), app=app).status_code == 404
    assert time.perf_counter() - began >= 0.2


def test_one_that_is_not_there_among_many_holds_all_back() -> None:
    house = House(MemoryStorage(), guarded=True).opened()
    house.create("n")
    token = bearer(house.token("caller", "reader"))
    app = application(house, not_found_seconds=0.2)
    began = time.perf_counter()
    answer = call(house, "POST", "/api/secrets/decrypt", {"secrets": ["n", "m"]}, token, app=app)
    assert [item["status"] for item in answer.json()["results"]] == [200, 404]
    assert time.perf_counter() - began >= 0.2


POOL = ("open/a", "open/b", "hidden/alpha", "hidden/beta/x", "zz/needle")
NAMES = st.sampled_from([*POOL, "hidden/other", "open/new", "zz", "a//b", "open/a/decrypt"])
TEXTS = st.sampled_from(["open", "hidden", "hidden/alpha", "needle", "beta", "zz/", "o", "secret-"])
NUMBERS = st.integers(0, 7)


def asked(path: str, **query: object) -> tuple[str, str, object]:
    """Return a reading."""
    pairs = "&".join(f"{name}={value}" for name, value in query.items() if value is not None)
    return ("GET", f"{path}?{pairs}" if pairs else path, None)


LISTS = st.builds(
    lambda **query: asked("/api/secrets", **query),
    q=st.none() | TEXTS, prefix=st.none() | TEXTS, skip=st.none() | st.integers(0, 3),
    limit=st.none() | st.integers(0, 3), after=st.none() | NUMBERS,
    deleted=st.none() | st.just("true"), tag=st.none() | st.sampled_from(["env", "env:prod", "="]),
)  # fmt: skip
READS = st.one_of(
    st.builds(lambda name: asked(f"/api/secrets/name/{name}"), NAMES),
    st.builds(lambda name: asked(f"/api/secrets/name/{name}/decrypt"), NAMES),
    st.builds(lambda n, more: asked(f"/api/secrets/{n}{more}"), NUMBERS,
              st.sampled_from(["", "/decrypt", "/versions", "/decrypt?version=2"])),
    st.builds(lambda name: asked("/api/explain", action="secrets.reveal", name=name), NAMES),
    st.builds(lambda many: ("POST", "/api/secrets/decrypt", {"secrets": many}),
              st.lists(NUMBERS | NAMES, min_size=1, max_size=4)),
)  # fmt: skip
CHANGES = st.one_of(
    st.builds(lambda n, name: ("PUT", f"/api/secrets/{n}", {"name": name}), NUMBERS, NAMES),
    st.builds(lambda n, query: ("DELETE", f"/api/secrets/{n}{query}", None), NUMBERS,
              st.sampled_from(["", "?purge=true"])),
    st.builds(lambda n, more: ("POST", f"/api/secrets/{n}{more}/restore", None), NUMBERS,
              st.sampled_from(["", "/versions/1"])),
    st.builds(lambda n: ("DELETE", f"/api/secrets/{n}/versions/1", None), NUMBERS),
)  # fmt: skip


def stocked(*, other: bool) -> tuple[House, dict[str, str]]:
    """Return one of two houses that differ in everything that is hidden, and whose token it is."""
    house = House(MemoryStorage(), guarded=True).opened()
    house.run_within(CreateRole(role=OPEN))
    for number, name in enumerate(POOL):
        hidden = not name.startswith("open/")
        text = f"secret-{number}-{other}" if hidden else "described"
        tags = {"env": "prod" if other else "test"} if hidden else {"env": "prod"}
        stored = f"quite/else-{number}" if other and hidden else name
        house.create(stored, f"{text} {hidden}", description=text, tags=tags)
    house.run_within(DeleteSecret(reference=SecretId(5)))
    return house, bearer(house.token("caller", "open"))


def told(house: House, token: dict[str, str], request: tuple[str, str, object]) -> object:
    """Return everything that the caller is told, but for ids that are drawn anew."""
    method, address, body = request
    answer = call(house, method, address, body, token)
    headers = {k: v for k, v in answer.headers.items() if k not in {"x-request-id", "date"}}
    try:
        document = answer.json()
    except json.JSONDecodeError:
        document = answer.text
    if isinstance(document, dict):
        document.pop("request_id", None)
    return answer.status_code, headers, document


@given(st.lists(LISTS | READS | CHANGES, min_size=1, max_size=12))
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_no_list_search_count_or_error_gives_a_name_away(
    requests: list[tuple[str, str, object]],
) -> None:
    (one, first), (other, second) = stocked(other=False), stocked(other=True)
    for request in requests:
        assert told(one, first, request) == told(other, second, request), request
