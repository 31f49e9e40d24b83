"""Somebody writes the database and has no root key: they append an entry, and a row that fits it.

Everything that is hashed and not keyed can be made up, so all of it fits. What a server does then,
and what is found, is seen at real processes.
"""

import json
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.sql.audit_rows import to_row
from domain.access.action import Action
from domain.audit.encoding import entry_leaf
from domain.audit.event import AuditEntry, AuditEvent, Outcome, Subject
from domain.audit.facts import facts_of_principal
from domain.audit.merkle import HASH_BYTES, TreeState
from tests.e2e import stores
from tests.e2e.running import RunningServer, command, environment, refused, running
from tests.e2e.test_audit import has_checkpoint, soon
from tests.e2e.test_secrets_api import create

SIGNING = {"STRONGROOM_AUDIT_CHECKPOINT_SECONDS": "1"}
FORGED = "no server of this store wrote"
ROLE = "administrator"


@dataclass
class Attacker:
    """Has the database and everything that is public, and no key."""

    folder: Path

    def execute(self, statement: str, **values: object) -> list[tuple[Any, ...]]:
        return stores.execute(self.folder, statement, **values)

    def tip(self) -> tuple[int, bytes]:
        ((size, peaks),) = self.execute("SELECT size, peaks FROM audit_tree")
        assert isinstance(size, int)
        assert isinstance(peaks, bytes)
        return size, peaks

    def put_tip(self, size: int, peaks: bytes) -> None:
        statement = "UPDATE audit_tree SET size = :size, peaks = :peaks"
        self.execute(statement, size=size, peaks=peaks)

    def become_administrator(self) -> tuple[int, bytes]:
        """Take oneself in as an administrator, with an entry that says so; return the old tip."""
        size, peaks = self.tip()
        starts = range(0, len(peaks), HASH_BYTES)
        tree = TreeState(size=size, peaks=tuple(peaks[at : at + HASH_BYTES] for at in starts))
        entry = self.entry(size + 1)
        leaf = entry_leaf(entry)
        row = to_row(entry, leaf) | {"at": "2026-11-24 12:00:00.000000"}
        marks = ", ".join(f":{column}" for column in row)
        self.execute(
            f"INSERT INTO audit_entries ({', '.join(row)}) VALUES ({marks})",  # noqa: S608  ours
            **row,
        )
        grown, _ = tree.grown([leaf])
        self.put_tip(grown.size, b"".join(grown.peaks))
        now = "2026-11-24 12:00:00.000000"
        self.execute("INSERT INTO principals VALUES ('mallory', 'person', :now)", now=now)
        self.execute("INSERT INTO bindings (principal, role) VALUES ('mallory', :role)", role=ROLE)
        return size, peaks

    def entry(self, number: int) -> AuditEntry:
        """Return the entry of a server that has done this."""
        facts = facts_of_principal("mallory", [ROLE])
        event = AuditEvent(
            at=datetime(2026, 11, 24, 12, tzinfo=UTC), request_id="0123456789abcdef",
            principal="admin", address="127.0.0.1", action=Action.CREATE_PRINCIPAL,
            outcome=Outcome.DONE, rule="local mode", reason=None,
            subject=Subject(reference=f"principal mallory: {ROLE}", facts=facts),
        )  # fmt: skip
        return AuditEntry(number=number, event=event)


def strongroom(*arguments: str, data_dir: Path, code: int = 0) -> str:
    """Run a command at the store and return what it says."""
    line = command(*arguments, "--data-dir", str(data_dir))
    env = environment(line=line)
    done = subprocess.run(line, capture_output=True, text=True, env=env, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a secret and a checkpoint."""
    folder = tmp_path_factory.mktemp("forged") / "data"
    with running(folder, env=SIGNING) as server:
        create(server.client, "n", "the value")
        soon(lambda: has_checkpoint(server))
    return folder


@pytest.fixture
def kept(made: Path, data_dir: Path) -> Path:
    """A copy of it."""
    stores.copy(made, data_dir)
    return data_dir


def covered(attacker: Attacker) -> int:
    """Return the size that the newest checkpoint was signed of."""
    ((size,),) = attacker.execute("SELECT max(size) FROM audit_checkpoints")
    assert isinstance(size, int)
    return size


def is_ready(server: RunningServer) -> bool:
    return server.client.get("/health/ready").status_code == 200


def test_a_running_server_answers_nothing_and_signs_nothing_until_it_is_undone(
    kept: Path,
) -> None:
    attacker = Attacker(kept)
    with running(kept, env=SIGNING) as server:
        assert server.client.get("/api/secrets/1/decrypt").json()["value"] == "the value"
        soon(lambda: covered(attacker) == attacker.tip()[0])
        signed = covered(attacker)
        before = attacker.become_administrator()
        answer = server.client.get("/api/secrets/1/decrypt")
        assert answer.status_code == 503
        assert "the value" not in answer.text
        assert (
            server.client.post("/api/secrets", json={"name": "m", "value": "w"}).status_code == 503
        )
        soon(lambda: not is_ready(server))
        # Whoever signs has looked twice. The alert comes after a minute, so it is tried elsewhere.
        soon(lambda: server.log_text.count(FORGED) > 1, seconds=60)
        assert covered(attacker) == signed
        assert FORGED in strongroom("audit", "verify", data_dir=kept, code=1)
        attacker.execute("DELETE FROM audit_entries WHERE principal = 'admin'")
        attacker.put_tip(*before)
        assert server.client.get("/api/secrets/1/decrypt").json()["value"] == "the value"
        # And what was put in beside the log is found as ever.
        told = strongroom("audit", "verify", data_dir=kept, code=1)
        assert "principal mallory is there, but no entry wrote it" in told


def test_a_row_behind_the_tip_stops_the_start_and_ends_readiness(kept: Path) -> None:
    attacker = Attacker(kept)
    size, peaks = attacker.become_administrator()
    attacker.put_tip(size, peaks)
    behind = f"behind its tip, up to entry {size + 1} of {size}"
    assert behind in refused(kept)
    assert behind in strongroom("doctor", data_dir=kept, code=1)
    attacker.execute(f"CREATE TABLE kept AS SELECT * FROM audit_entries WHERE id > {size}")  # noqa: S608
    attacker.execute("DELETE FROM audit_entries WHERE id > :size", size=size)
    attacker.execute("UPDATE kept SET id = 1000")
    with running(kept) as server:
        soon(lambda: is_ready(server))
        attacker.execute("INSERT INTO audit_entries SELECT * FROM kept")
        soon(lambda: not is_ready(server))


def test_a_stopped_store_is_not_started_until_somebody_with_the_root_key_adopts_it(
    kept: Path,
) -> None:
    attacker = Attacker(kept)
    size, _ = attacker.become_administrator()
    assert FORGED in refused(kept)
    assert FORGED in strongroom("audit", "verify", data_dir=kept, code=1)
    found = json.loads(strongroom("doctor", "--json", data_dir=kept, code=1))
    assert FORGED in json.dumps(found)
    told = strongroom("audit", "adopt", "--size", str(size), data_dir=kept, code=1)
    assert f"the audit log has {size + 1} entries, not {size}" in told
    strongroom("audit", "adopt", "--size", str(size + 1), data_dir=kept)
    with running(kept) as server:
        entries = server.client.get("/api/audit").json()
        assert [e["action"] for e in entries if e["number"] > size][:2] == [
            "principals.create",
            "audit.adopt",
        ]
    told = strongroom("audit", "verify", data_dir=kept)
    assert "verified" in told
    assert f"vouched for as it was found: entry {size + 2}" in told
    verified = json.loads(strongroom("audit", "verify", "--json", data_dir=kept))
    assert verified["adopted"] == [size + 2]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_tree SET key_id = NULL, mac = NULL",
        "UPDATE audit_tree SET mac = :zeros",
        "UPDATE audit_tree SET key_id = (SELECT id FROM data_keys WHERE purpose = 'seal')",
        "UPDATE data_keys SET state = 'retired' WHERE purpose = 'audit'",
        "DELETE FROM data_keys WHERE purpose = 'audit'",
        "UPDATE data_keys SET wrapped = substr(wrapped, 3)",
        "DELETE FROM audit_tree",
    ],
)
def test_what_vouches_cannot_be_taken_away_to_have_it_made_anew(kept: Path, statement: str) -> None:
    attacker = Attacker(kept)
    attacker.become_administrator()
    if "data_keys" in statement:
        attacker.execute("UPDATE audit_tree SET key_id = NULL, mac = NULL")
    attacker.execute(statement, **({"zeros": bytes(32)} if ":zeros" in statement else {}))
    assert refused(kept)


def test_a_thief_of_the_signing_key_changes_no_signer(kept: Path) -> None:
    attacker = Attacker(kept)
    attacker.execute("DELETE FROM data_keys WHERE purpose = 'sign'")
    attacker.execute("DELETE FROM audit_checkpoints")
    gone = "the key for 'sign' is gone"
    assert gone in refused(kept)
    assert "the key for 'sign' is gone" in strongroom("audit", "verify", data_dir=kept, code=1)
    assert "no key is active for signing" in strongroom("doctor", data_dir=kept, code=1)
    told = strongroom("keys", "replace-lost", "token", "--yes", data_dir=kept, code=1)
    assert gone in told
    strongroom("keys", "replace-lost", "sign", "--yes", data_dir=kept)
    with running(kept) as server:
        entries = server.client.get("/api/audit").json()
        assert "keys.replace" in [entry["action"] for entry in entries]
    assert "verified" in strongroom("audit", "verify", data_dir=kept)


def test_keys_that_look_destroyed_have_no_log_adopted(kept: Path) -> None:
    attacker = Attacker(kept)
    attacker.become_administrator()
    attacker.execute("UPDATE audit_tree SET key_id = NULL, mac = NULL")
    attacker.execute("DELETE FROM data_keys WHERE purpose = 'audit'")
    attacker.execute(
        "UPDATE data_keys SET state = 'destroyed', wrapped = '', destroyed_at = created_at"
    )
    assert "the key that vouches for the audit log is gone" in refused(kept)
    assert FORGED in strongroom("audit", "verify", data_dir=kept, code=1)
    assert not attacker.execute("SELECT 1 FROM data_keys WHERE purpose = 'audit'")


def test_a_tip_of_the_server_itself_that_was_put_back_is_found_by_what_was_signed(
    kept: Path,
) -> None:
    attacker = Attacker(kept)
    ((_, peaks, key_id, mac),) = attacker.execute("SELECT size, peaks, key_id, mac FROM audit_tree")
    size, _ = attacker.tip()
    with running(kept, env=SIGNING) as server:
        create(server.client, "later", "v")
        soon(lambda: covered(attacker) > size)
    attacker.execute("DELETE FROM audit_entries WHERE id > :size", size=size)
    attacker.execute(
        "UPDATE audit_tree SET size = :size, peaks = :peaks, key_id = :key_id, mac = :mac",
        size=size, peaks=peaks, key_id=key_id, mac=mac,
    )  # fmt: skip
    told = strongroom("audit", "verify", data_dir=kept, code=1)
    assert "are gone: a checkpoint of" in told
