"""What an open store holds, looked at with the settings and the root key at hand."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from adapters.system.clock import SystemClock
from adapters.tips.hmac import TipHmac
from application.health.examine_backups import ExamineBackups
from application.health.examine_bin import ExamineBin
from application.health.examine_clock import ExamineClock
from application.health.examine_keys import ExamineKeys
from application.health.examine_root_key import LoadedRootKey
from application.health.examine_secrets import ExamineSecrets, Progress
from application.health.examine_tip import ExamineTip
from application.health.open_value import Opener, OpenValue
from application.keys.sealer import Sealer
from domain.errors import StartRefused, WrongRootKey
from domain.health.finding import Finding, note
from domain.ports.cipher import Cipher
from domain.ports.root_key import RootKey
from domain.ports.storage import Storage
from entrypoints.chosen import build_ciphers
from entrypoints.doctor.root_key_check import ring_of
from entrypoints.settings import Settings

OUR_OWN = "fernet"
"""A cipher that is always there."""


class Inside:
    """The checks that need the store to be of the newest form."""

    def __init__(self, settings: Settings, storage: Storage, fitting: RootKey | None) -> None:
        """Take the store, open for reading, and the root key that opens it, if there is one."""
        self._settings = settings
        self._storage = storage
        self._fitting = fitting
        self._clock = SystemClock()
        self._newest: datetime | None = None

    def keys(self) -> Sequence[Finding]:
        """Look at the data keys and the rotation."""
        return ExamineKeys(
            storage=self._storage,
            clock=self._clock,
            data_key_days=self._settings.rotate_data_key_days,
            root_key_days=self._settings.rotate_root_key_days,
        )()

    def tip(self) -> Sequence[Finding]:
        """Look whether the audit log ends with what a server wrote, if there are its keys."""
        if self._fitting is None:
            return ()
        ring = ring_of(LoadedRootKey(self._fitting))
        found = self._storage.read(lambda s: (s.root_keys.current(), s.data_keys.all()))
        record, keys = found.result()
        try:
            ring.renew(record, keys)
        except WrongRootKey:
            return ()  # which is told where the root key is looked at
        if not keys:
            return ()  # and this where the keys are
        return ExamineTip(storage=self._storage, macs=TipHmac(key_ring=ring))()

    def secrets(self, *, full: bool, progress: Progress) -> Sequence[Finding]:
        """Look at names, and open values."""
        examine = ExamineSecrets(
            storage=self._storage, open_value=self._open_value(), progress=progress
        )
        seen = examine(full=full)
        self._newest = seen.newest
        without = [_UNOPENED] if self._fitting is None and seen.values else []
        return [*without, *seen.tally.findings(), *seen.unread]

    def bin(self) -> Sequence[Finding]:
        """Look whether the recycle bin is emptied."""
        return ExamineBin(storage=self._storage, clock=self._clock)()

    def backups(self) -> Sequence[Finding]:
        """Look whether backups are made."""
        every = timedelta(hours=self._settings.backup_every_hours)
        return ExamineBackups(storage=self._storage, clock=self._clock, every=every)()

    def clock(self) -> Sequence[Finding]:
        """Look for moments that have not come yet; secrets are looked at before."""
        return ExamineClock(storage=self._storage, clock=self._clock)(self._newest)

    def _open_value(self) -> OpenValue:
        """Return what opens values."""
        cipher, ciphers = self._ciphers()
        opener = None
        if self._fitting is not None:
            ring = ring_of(LoadedRootKey(self._fitting))
            sealer = Sealer(key_ring=ring, ciphers=ciphers, preferred=cipher)
            opener = Opener(sealer=sealer, key_ring=ring)
        return OpenValue(storage=self._storage, ciphers=ciphers, opener=opener)

    def _ciphers(self) -> tuple[str, Mapping[str, Cipher]]:
        """Return the ciphers of old values, whether or not that of new ones can be loaded."""
        try:
            return self._settings.cipher, build_ciphers(self._settings)
        except StartRefused:
            return OUR_OWN, build_ciphers(replace(self._settings, cipher=OUR_OWN))


_UNOPENED = note(
    "values",
    "values were not opened, because no root key that fits is at hand",
    "see to the root key first, then look again",
)
