"""Seeing whether the root key that the settings name is the one of the store."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from domain.errors import RootKeyUnavailable, StrongroomError, WrongRootKey
from domain.health.finding import Finding, error, note, refusal, warning
from domain.keys.data_key import DataKey, KeyState
from domain.keys.root_key_record import RootKeyRecord
from domain.ports.key_ring import KeyRing
from domain.ports.root_key import RootKey
from domain.ports.root_key_source import RootKeySource, RootKeySuccession

CHECK = "root_key"
WAY_BACK = "see docs/root-keys.md for what the place has to hold"
GO_ON = "strongroom keys rotate-root"


class LoadedRootKey(RootKeySource):
    """A root key that is at hand. It has no successor, so a ring around it adopts none."""

    def __init__(self, root_key: RootKey) -> None:
        """Take the key."""
        self._root_key = root_key

    @property
    def uri(self) -> str:
        """Return where the key lies."""
        return self._root_key.source

    def load(self) -> RootKey:
        """Return the key."""
        return self._root_key


@dataclass(frozen=True, slots=True, kw_only=True)
class RootKeyExamined:
    """What was found, and the key that opens the store: the one in place, or its successor."""

    findings: Sequence[Finding]
    fitting: RootKey | None


class ExamineRootKey:
    """Loads the root key and tries every data key with it. Adopts and makes nothing."""

    def __init__(
        self,
        *,
        source: RootKeySource,
        ring_of: Callable[[RootKeySource], KeyRing],
        exposed: Callable[[], RootKey] | None = None,
    ) -> None:
        """Take where the key is.

        Args:
            source: the place that the settings name.
            ring_of: makes a ring of its own for one root key.
            exposed: loads a key that others can read too, so that the look can go on.
        """
        self._source = source
        self._ring_of = ring_of
        self._exposed = exposed

    def __call__(self, keys: Sequence[DataKey], record: RootKeyRecord | None) -> RootKeyExamined:
        """Look at the key, and at a successor that may lie beside it."""
        findings: list[Finding] = []
        try:
            fitting = self._look(keys, record, findings)
        except RootKeyUnavailable as cause:
            findings.append(refusal(CHECK, cause, mend="see to the service that keeps the key"))
            fitting = None
        return RootKeyExamined(findings=findings, fitting=fitting)

    def _look(
        self, keys: Sequence[DataKey], record: RootKeyRecord | None, findings: list[Finding]
    ) -> RootKey | None:
        """Look, add what is found, and return the key that opens the store.

        Raises:
            RootKeyUnavailable: the keeper of the key does not answer.
        """
        root_key = self._load(findings)
        successor = self._successor()
        shut = None if root_key is None else self._shut(root_key, keys)
        if shut == []:
            findings += _of_a_fitting_key(self._source.uri, record)
            if successor is not None:
                findings.append(_early(self._source.uri))
            return root_key
        if successor is not None and keys and self._shut(successor, keys) == []:
            findings.append(_late(self._source.uri))
            return successor
        if shut is None:
            findings += _remembered(self._source.uri, record)
            return None
        findings.append(_unfit(shut, keys, self._source.uri, record))
        return root_key if len(shut) < len(_living(keys)) else None

    def _load(self, findings: list[Finding]) -> RootKey | None:
        """Return the key, also one that a start would refuse because others can read it."""
        try:
            return self._source.load()
        except RootKeyUnavailable:
            raise
        except StrongroomError as cause:
            findings.append(refusal(CHECK, cause, mend=WAY_BACK))
        try:
            return None if self._exposed is None else self._exposed()
        except StrongroomError:
            return None

    def _successor(self) -> RootKey | None:
        """Return the successor that lies beside the key."""
        if not isinstance(self._source, RootKeySuccession):
            return None
        return self._source.proposed()

    def _shut(self, root_key: RootKey, keys: Sequence[DataKey]) -> list[str]:
        """Return the ids of the data keys that the root key does not open."""
        ring = self._ring_of(LoadedRootKey(root_key))
        return [key.id for key in _living(keys) if not _opens(ring, key)]


def _living(keys: Sequence[DataKey]) -> Sequence[DataKey]:
    """Return the keys that are still wrapped."""
    return [key for key in keys if key.state is not KeyState.DESTROYED]


def _opens(ring: KeyRing, key: DataKey) -> bool:
    """Try one data key."""
    try:
        ring.fetch(key).result()
    except WrongRootKey:
        return False
    return True


def _of_a_fitting_key(uri: str, record: RootKeyRecord | None) -> Iterator[Finding]:
    """Say that the key that fits is kept by another kind of place than the store remembers."""
    if record is not None and _scheme(record.source) != _scheme(uri):
        yield note(
            CHECK,
            f"the root key at {uri} fits, but the store remembers it at {record.source}",
            f"see that the copy at {record.source} is still wanted; 'strongroom keys rotate-root"
            f" --to {uri}' makes a new key and writes down where it is",
        )


def _early(uri: str) -> Finding:
    """Tell of a rotation that stopped before the data keys were wrapped anew."""
    return warning(
        CHECK,
        f"a successor of the root key lies beside {uri}: a rotation stopped before it was used",
        f"{GO_ON} goes on with it; or erase the successor, which nothing needs yet",
    )


def _late(uri: str) -> Finding:
    """Tell of a rotation that stopped after the data keys were wrapped anew."""
    return warning(
        CHECK,
        f"the store is under the successor that lies beside {uri}: a rotation stopped before it"
        " took the key's place",
        "strongroom serve or 'strongroom db upgrade' puts it there; until then erase neither",
    )


def _unfit(
    shut: Sequence[str], keys: Sequence[DataKey], uri: str, record: RootKeyRecord | None
) -> Finding:
    """Tell of a key that is another one, or of data keys that are damaged."""
    if len(shut) < len(_living(keys)):
        return error(
            CHECK,
            f"the root key at {uri} opens this store, but not its data keys {', '.join(shut)}",
            "restore these rows of the table 'data_keys' from a backup",
        )
    if record is None or record.source == uri:
        return error(
            CHECK,
            f"the root key at {uri} does not open this store",
            "put the key back that belongs to it",
        )
    return error(
        CHECK,
        f"the root key at {uri} does not open this store, which has been under the one at"
        f" {record.source} since {_day(record)}",
        f"set root_key to {record.source}, or put that key where the settings say",
    )


def _remembered(uri: str, record: RootKeyRecord | None) -> Iterator[Finding]:
    """Say where the key of the store is known to be, if that is not where the settings say."""
    if record is not None and record.source != uri:
        yield note(
            CHECK,
            f"the store has been under the root key at {record.source} since {_day(record)}",
            f"set root_key to {record.source}, if the key is still there",
        )


def _day(record: RootKeyRecord) -> str:
    """Write since when a root key is in use."""
    return f"{record.since:%Y-%m-%d %H:%M} UTC"


def _scheme(uri: str) -> str:
    """Return the kind of place."""
    return uri.partition(":")[0]
