"""What the commands of `strongroom backup` do, each with a store of its own."""

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec.structs import replace as replaced

from adapters.access.local import LOCAL_PRINCIPAL
from adapters.backups.folder import FolderPlace
from adapters.root_keys.file import FileRootKeySource
from application.backups.reading import BackupReader
from application.backups.record_restore import RecordRestore
from application.backups.record_verification import RecordVerification
from application.backups.restore_backup import Plan, Proof
from application.backups.write_backup import Order
from application.keys.prepare_keys import PrepareKeys
from domain.access.caller import INSIDE, Caller
from domain.backups.name import parse_name
from domain.backups.run import BackupRun
from domain.errors import StartRefused, StrongroomError
from domain.ports.backup_place import BackupPlace
from entrypoints import configuration, folder, hardening, logs
from entrypoints.areas.backups import build_prove, build_restore
from entrypoints.backup_process import sealer_of
from entrypoints.chosen import build_backup_place
from entrypoints.cli.backup_identities import opener_of
from entrypoints.container import Container
from entrypoints.settings import DATABASE_FILE, Settings
from entrypoints.standing import standing

LATEST = "latest"
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Work:
    """The settings of one command, and who gave it."""

    settings: Settings
    caller: Caller

    @classmethod
    def of(
        cls, data_dir: str | None, database_url: str | None, root_key: str | None = None
    ) -> "Work":
        """Begin with the settings."""
        hardening.harden()
        flags = {"data_dir": data_dir, "database_url": database_url, "root_key": root_key}
        settings = configuration.load(os.environ, flags)
        logs.configure(settings)
        request = secrets.token_hex(8)
        return cls(settings, Caller(principal=LOCAL_PRINCIPAL, address=INSIDE, request_id=request))

    def create(
        self,
        place: str | None,
        recipients: Sequence[str],
        *,
        unencrypted: bool,
        with_root_key: bool,
    ) -> BackupRun:
        """Make a backup and prove it."""
        settings = self.settings
        if recipients:
            settings = replaced(settings, backup_recipients=tuple(recipients))
        if unencrypted or recipients:
            settings = replaced(settings, backup_unencrypted=unencrypted)
        order = Order(
            place=self._place(place),
            sealer=sealer_of(settings),
            root_key_text=self._root_key_text(settings) if with_root_key else None,
        )
        container = self._opened()
        try:
            run: BackupRun = container.create_backup()(self.caller, order)
        finally:
            container.storage().close()
        return run

    def list(self, place: str | None) -> Sequence[dict[str, Any]]:
        """Return the backups of a place, oldest first."""
        found = [(lying, parse_name(lying.name)) for lying in self._there(place).list()]
        rows = [
            {"name": lying.name, "at": named.at, "store": named.store, "bytes": lying.bytes}
            for lying, named in found
            if named is not None
        ]
        return sorted(rows, key=lambda row: (row["at"], row["name"]))

    def runs(self) -> Sequence[BackupRun]:
        """Return the newest runs that the store remembers."""
        container = self._opened()
        try:
            found: Sequence[BackupRun] = (
                container.storage().read(lambda s: s.backup_runs.newest(limit=SHOWN)).result()
            )
        finally:
            container.storage().close()
        return found

    def prune(self, place: str | None, *, dry_run: bool) -> Sequence[str]:
        """Erase what no rule keeps, and return the names."""
        where = self._there(place)
        container = self._opened()
        try:
            pruning = container.prune_backups()
            gone = pruning.surplus(where) if dry_run else pruning(self.caller, where)
        finally:
            container.storage().close()
        return [named.name for named in gone]

    def verify(
        self, name: str, place: str | None, *, identities: Sequence[Path],
        passphrase_file: Path | None,
    ) -> Proof:  # fmt: skip
        """Prove a backup, and say so in the store that is here, if there is one."""
        where, name = self._found(name, place)
        opener = opener_of(name, identities, passphrase_file)
        container = Container(settings=self.settings)
        prove = build_prove(self.settings, container.root_key_source(), container.ciphers())
        try:
            proof = prove(where, name, opener, _nothing)
        except StrongroomError as error:
            self._note(RecordVerification(reference=name, fault=str(error)))
            raise
        fault = "; ".join(proof.findings) or None
        self._note(RecordVerification(reference=name, fault=fault))
        return proof

    def look(
        self, name: str, place: str | None, *, identities: Sequence[Path],
        passphrase_file: Path | None,
    ) -> tuple[Proof, str]:  # fmt: skip
        """Do all of a restoring but the writing; say what is in the target's place."""
        where, name = self._found(name, place)
        container = Container(settings=self.settings)
        plan = Plan(
            place=where,
            name=name,
            opener=opener_of(name, identities, passphrase_file),
            target=container.store(),
        )
        restore = build_restore(self.settings, container.root_key_source(), container.ciphers())
        proof = restore.look(plan, _nothing)
        state = container.store().inspect()
        if state.revision is None:
            return proof, "empty"
        return proof, f"a store of revision {state.revision}, which --replace would put aside"

    def restore(
        self, name: str, place: str | None, *, replace: bool, take_root_key: bool,
        identities: Sequence[Path], passphrase_file: Path | None,
    ) -> Proof:  # fmt: skip
        """Restore, and leave an entry in the store that came out of it."""
        where, name = self._found(name, place)
        container = Container(settings=self.settings)
        plan = Plan(
            place=where,
            name=name,
            opener=opener_of(name, identities, passphrase_file),
            target=container.store(),
            replace=replace,
        )
        known = self.settings.data_dir / DATABASE_FILE
        folder.ensure(self.settings.data_dir, known=known)
        with folder.locked(self.settings.data_dir):
            if take_root_key:
                _take_root_key(plan, container.root_key_source())
            restore = build_restore(self.settings, container.root_key_source(), container.ciphers())
            proof = restore(plan, _nothing)
        fault = "; ".join(proof.findings) or None
        self._note(RecordRestore(reference=name, fault=fault), needed=True)
        return proof

    def _place(self, uri: str | None) -> BackupPlace:
        """Return the place that was named, or that of the settings."""
        named = uri or self.settings.backup_place
        if not named:
            raise StartRefused("no place of backups is named; set 'backup_place'")
        if ":" not in named:
            return FolderPlace(Path(named))
        return build_backup_place(named)

    def _there(self, uri: str | None) -> BackupPlace:
        """Return the place to look in.

        Raises:
            StartRefused: it is a folder that is not there, which must not pass for an empty one.
        """
        place = self._place(uri)
        if isinstance(place, FolderPlace) and not place.is_there():
            raise StartRefused(f"there is no folder at {place.uri}")
        return place

    def _found(self, name: str, uri: str | None) -> tuple[BackupPlace, str]:
        """Return where a backup lies, and its name."""
        if "/" in name:
            path = Path(name)
            if not path.exists():  # before anybody is asked who opens it
                raise StartRefused(f"there is no file {path}")
            return FolderPlace(path.parent), path.name
        place = self._there(uri)
        if name != LATEST:
            with place.open(name):
                return place, name
        named = [parse_name(lying.name) for lying in place.list()]
        newest = max((one for one in named if one), key=lambda one: one.at, default=None)
        if newest is None:
            raise StartRefused(f"there is no backup in {place.uri}")
        return place, newest.name

    def _opened(self, *, adopts: bool = False) -> Container:
        """Return a container around the store, with its keys at hand."""
        container = Container(settings=self.settings)
        standing(container.store())
        prepare: PrepareKeys = container.prepare_keys()
        prepare(self.caller, adopts=adopts)
        return container

    def _note(self, command: RecordRestore | RecordVerification, *, needed: bool = False) -> None:
        """Leave an entry in the store. One that says of a failure fails itself.

        Where the store is away, or is the very one that is lost, there is none, unless it must.
        A store that just came out of a signed backup may be of before: then its log is adopted.
        """
        try:
            container = self._opened(adopts=needed)
            try:
                container.own_gate().run(self.caller, command)
            finally:
                container.storage().close()
        except StrongroomError:
            if needed and command.fault is None:
                raise

    def _root_key_text(self, settings: Settings) -> str:
        """Return the root key, to be put into a backup."""
        source = Container(settings=settings).root_key_source()
        if settings.backup_unencrypted:
            raise StartRefused("a backup with the root key in it must be sealed; name a recipient")
        if not isinstance(source, FileRootKeySource):
            raise StartRefused("only a root key that lies in a file can be put into a backup")
        return source.export()


def shown(run: BackupRun) -> dict[str, Any]:
    """Return a run as it is printed."""
    return {
        "id": run.id, "started_at": run.started_at, "finished_at": run.finished_at,
        "outcome": run.outcome.value, "scheduled": run.scheduled, "place": run.place,
        "name": run.name, "bytes": run.bytes, "values": run.values, "entries": run.entries,
        "reason": run.reason,
    }  # fmt: skip


def _take_root_key(plan: Plan, source: object) -> None:
    """Take the root key out of a backup, and put it where there is none."""
    if not isinstance(source, FileRootKeySource):
        raise StartRefused("a root key from a backup goes into a file; set root_key to file:path")
    with plan.place.open(plan.name) as lying, plan.opener.opened(lying) as pieces:
        text = BackupReader(pieces).header.root_key_text
    if text is None:
        raise StartRefused("there is no root key in the backup")
    source.put(text)


def _nothing() -> None:
    """Show no progress."""
