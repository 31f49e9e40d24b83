"""Backing up, verifying, restoring and moving many secrets, with the memory that each step takes.

    python -m benchmarks.backups [SECRETS] [--postgresql URL]

Every step is a command of its own, as an operator gives it; the URL is of an empty database.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from adapters.backups import age
from adapters.sql import audit_rows, audit_tables, tables
from adapters.sql.schema import HEAD
from adapters.sql.secret_rows import to_row
from adapters.sql.sqlite_store import SqliteStore
from adapters.tips.hmac import TipHmac
from application.keys.sealer import Sealer
from domain.access.action import Action
from domain.audit.encoding import entry_leaf
from domain.audit.event import AuditEntry, AuditEvent, Outcome, Subject
from domain.audit.merkle import Node, TreeState
from domain.backups.rows import Row
from domain.keys.data_key import KeyPurpose
from domain.ports.secret_repository import NewSecret
from domain.ports.tip_mac import TipMac, vouched
from entrypoints.container import Container
from entrypoints.preparation import STARTING, prepare
from entrypoints.settings import Settings

SECRETS = 1_000_000
SAMPLE_SECONDS = 0.5
SHOWN = 12

NOW = datetime(2026, 1, 1, tzinfo=UTC)
_EVENT = AuditEvent(
    at=NOW, request_id="0123456789abcdef", principal="local", address="127.0.0.1",
    action=Action.REVEAL, outcome=Outcome.DONE, rule="local mode", reason=None, subject=Subject(),
)  # fmt: skip


def seed(data_dir: Path, secrets: int) -> None:
    """Make a store of many secrets with an entry of the audit log each, past the gate."""
    settings = Settings(data_dir=data_dir, cipher="aes-256-gcm")
    prepare(Container(settings=settings))
    container = Container(settings=settings)
    container.prepare_keys()(STARTING)
    made = Made(container.sealer(), TipHmac(key_ring=container.key_ring()), secrets)
    database = data_dir / "secrets.db"
    with SqliteStore(database).snapshot() as rows:
        there = [(table, list(rows.rows(table))) for table in rows.tables()]
        keys = {key.purpose: key.id for key in rows.session.data_keys.all()}
        made.key_id, made.tip_key_id = keys[KeyPurpose.SEAL], keys[KeyPurpose.AUDIT]
    container.storage().close()
    with SqliteStore(database).filling(HEAD, replace=True) as filling:
        for table, few in there:
            filling.take(table, made.rows(table.name) or few)
    for old in data_dir.glob("secrets.db.replaced-*"):
        old.unlink()
    again = Container(settings=settings)
    again.prepare_keys()(STARTING)
    again.make_checkpoint()()
    again.storage().close()


class Made:
    """Rows of secrets and of the entries about them. Nothing is kept but the tree."""

    def __init__(self, sealer: Sealer, macs: TipMac, secrets: int) -> None:
        """Take what seals, what vouches for the log, and how many there are to be."""
        self._sealer = sealer
        self._macs = macs
        self._secrets = secrets
        self.key_id = self.tip_key_id = ""
        self._tree = TreeState()
        self._nodes = list[Node]()

    def rows(self, table: str) -> Iterator[Row] | None:
        """Return the rows of a table, or `None` where they are as they were."""
        made = {
            "secrets": self._of_secrets, "secret_tags": self._of_tags,
            "audit_entries": self._of_entries, "audit_subtrees": self._of_subtrees,
            "audit_tree": self._of_tree,
        }.get(table)  # fmt: skip
        return None if made is None else made()

    def _of_secrets(self) -> Iterator[Row]:
        for number in range(1, self._secrets + 1):
            uid = uid_of(number)
            sealed = self._sealer.seal_under(
                self.key_id, b"v" * 64, cipher="aes-256-gcm", uid=uid, version=1
            )
            secret = NewSecret(
                uid=uid, name=name_of(number), description="made for measuring",
                tags={"env": "prod"}, created_at=NOW, expires_at=None, sealed=sealed,
            ).with_id(number)  # fmt: skip
            row: dict[str, Any] = to_row(secret) | {
                "id": number, "uid": uid, "created_at": NOW, "revision": 1, "last_read_at": None,
            }  # fmt: skip
            yield tuple(row[column.name] for column in tables.secrets.columns)

    def _of_tags(self) -> Iterator[Row]:
        return ((number, "env", "prod") for number in range(1, self._secrets + 1))

    def _of_entries(self) -> Iterator[Row]:
        for number in range(1, self._secrets + 1):
            subject = Subject(
                reference=f"id {number}", uid=uid_of(number), name=name_of(number), version=1
            )
            entry = AuditEntry(number=number, event=replace(_EVENT, subject=subject))
            leaf = entry_leaf(entry)
            self._tree, nodes = self._tree.grown([leaf])
            self._nodes += nodes
            row = audit_rows.to_row(entry, leaf)
            yield tuple(row[column.name] for column in audit_tables.audit_entries.columns)

    def _of_subtrees(self) -> Iterator[Row]:
        return ((node.height, node.index, node.hash) for node in self._nodes)

    def _of_tree(self) -> Iterator[Row]:
        tag = vouched(self._macs, self._tree, key_id=self.tip_key_id)
        yield (1, self._tree.size, b"".join(self._tree.peaks), tag.key_id, tag.mac)


def uid_of(number: int) -> bytes:
    """Return the permanent id of a secret."""
    return hashlib.sha256(str(number).encode()).digest()[:16]


def name_of(number: int) -> str:
    """Return the name of a secret."""
    return f"team-{number % 997}/service-{number}"


def measured(what: str, secrets: int, arguments: Sequence[str], env: dict[str, str]) -> None:
    """Run a command and print how long it took and how much memory it had, over its time."""
    begun, samples = time.monotonic(), list[int]()
    with subprocess.Popen(
        [sys.executable, "-m", "entrypoints.cli.main", *arguments],
        env=os.environ | env, stdout=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        while process.poll() is None:
            samples.append(_resident(process.pid))
            time.sleep(SAMPLE_SECONDS)
    if process.returncode:
        sys.exit(f"{what} failed")
    seconds = time.monotonic() - begun
    step = max(1, len(samples) // SHOWN)
    curve = " ".join(f"{sample // 1024}" for sample in samples[::step])
    print(
        f"{what}: {seconds:.0f} s, {secrets / seconds:.0f} secrets/s,"
        f" peak {max(samples) // 1024} MiB; over time: {curve}"
    )


def _resident(pid: int) -> int:
    """Return the memory that a process has now, in KiB."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0


def main() -> None:
    """Measure every step."""
    parser = argparse.ArgumentParser()
    parser.add_argument("secrets", type=int, nargs="?", default=SECRETS)
    parser.add_argument("--postgresql", help="URL of an empty database.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="strongroom-bench-") as name:
        folder = Path(name)
        begun = time.monotonic()
        seed(folder / "data", given.secrets)
        size = (folder / "data" / "secrets.db").stat().st_size
        print(
            f"seeded {given.secrets} secrets in {time.monotonic() - begun:.0f} s:"
            f" {size / 2**20:.0f} MiB"
        )
        identity, recipient = age.new_identity()
        (folder / "identity").write_text(identity)
        env = {
            "STRONGROOM_BACKUP_PLACE": f"file:{folder}/backups",
            "STRONGROOM_BACKUP_RECIPIENTS": recipient,
            "STRONGROOM_ROOT_KEY": f"file:{folder}/data/secret.key",
        }
        opened = ("latest", "--identity", str(folder / "identity"))
        own, new = ("--data-dir", f"{folder}/data"), ("--data-dir", f"{folder}/new")
        steps = [
            ("create, with its proof", ("backup", "create", *own)),
            ("look (restore --dry-run)", ("backup", "restore", *opened, "--dry-run", *new)),
            ("verify", ("backup", "verify", *opened, *own)),
            ("restore", ("backup", "restore", *opened, *new)),
        ]
        if given.postgresql:
            source = f"sqlite:///{folder}/data/secrets.db"
            move = ("migrate-store", "--from", source, "--to", given.postgresql, *own)
            url = ("--database-url", given.postgresql)
            steps += [
                ("move to PostgreSQL", move),
                ("create from PostgreSQL", ("backup", "create", *url, *own)),
            ]
        for what, arguments in steps:
            measured(what, given.secrets, arguments, env)
        for lying in sorted((folder / "backups").iterdir()):
            print(f"backup: {lying.stat().st_size / 2**20:.0f} MiB")


if __name__ == "__main__":
    main()
