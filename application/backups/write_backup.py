"""Writing a backup to where it is to lie."""

from dataclasses import dataclass, field

from application.backups.contents import Contents, header_of
from application.backups.filling import Progress, watched
from application.backups.packing import packed
from domain.backups.name import name_of
from domain.ports.backup_place import BackupPlace
from domain.ports.backup_seal import BackupSealer
from domain.ports.clock import Clock
from domain.ports.signer import Signer
from domain.ports.store_copy import StoreCopy


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Where a backup goes, and for whom it is sealed. `root_key_text` goes in only if asked for."""

    place: BackupPlace
    sealer: BackupSealer
    root_key_text: str | None = field(default=None, repr=False)


class WriteBackup:
    """Streams a snapshot through packing and sealing; a little of it is in memory at a time."""

    def __init__(self, *, source: StoreCopy, signer: Signer, clock: Clock) -> None:
        """Take the store, and what signs for it."""
        self._source = source
        self._signer = signer
        self._clock = clock

    def __call__(self, order: Order, name: str, progress: Progress) -> int:
        """Write it under a name and return its size in bytes, when it is whole and durable.

        Raises:
            StorageUnavailable: the store cannot be read now.
            PlaceUnavailable: the place cannot be written now; nothing is there.
            Broken: a row cannot be read, or the store has no signing key.
        """
        with self._source.snapshot() as rows:
            header = header_of(rows, self._clock.now(), root_key_text=order.root_key_text)
            lines = Contents(rows, header, self._sign)

            pieces = packed(watched(iter(lines), progress))
            return order.place.put(name, lambda target: order.sealer.seal(pieces, target))

    def name(self, store: str, order: Order, chance: bytes) -> str:
        """Return a name that says of which store it is and when it was made."""
        return name_of(store, self._clock.now(), chance=chance, suffix=order.sealer.suffix)

    def _sign(self, text: str, key_id: str) -> str:
        """Sign the end."""
        return self._signer.sign(text, key_id=key_id)
