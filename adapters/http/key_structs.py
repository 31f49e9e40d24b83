"""The JSON of the area of keys. No key material has a field here."""

from datetime import datetime

import msgspec

from application.keys.list_keys import KeyOverview
from domain.keys.data_key import DataKey
from domain.keys.root_key_record import RootKeyRecord
from domain.keys.rotation import Rotation as StoredRotation


class Key(msgspec.Struct, kw_only=True):
    """A data key, and how many values are sealed under it."""

    id: str
    purpose: str
    state: str
    created_at: datetime
    retired_at: datetime | None
    destroyed_at: datetime | None
    values: int


class RootKey(msgspec.Struct, kw_only=True):
    """What is known of the root key: where it comes from, and since when it is the one."""

    generation: int
    source: str
    since: datetime


class Rotation(msgspec.Struct, kw_only=True):
    """A data-key rotation; once it has finished, `receipt` is a signed note."""

    id: int
    state: str
    new_key: str
    old_keys: list[str]
    cipher: str
    total: int
    resealed: int
    unreadable: int
    started_at: datetime
    started_by: str
    finished_at: datetime | None
    receipt: str | None


class Keys(msgspec.Struct, kw_only=True):
    """Every data key, the root key, the newest rotation, and the key that checks receipts."""

    keys: list[Key]
    root_key: RootKey | None
    rotation: Rotation | None
    verifier: str | None


def overview(of: KeyOverview) -> Keys:
    """Write out the overview."""
    return Keys(
        keys=[_key(use.key, use.values) for use in of.keys],
        root_key=None if of.root_key is None else root_key(of.root_key),
        rotation=None if of.rotation is None else rotation(of.rotation),
        verifier=of.verifier,
    )


def root_key(of: RootKeyRecord) -> RootKey:
    """Write out what is known of the root key."""
    return RootKey(generation=of.generation, source=of.source, since=of.since)


def rotation(of: StoredRotation) -> Rotation:
    """Write out a rotation."""
    return Rotation(
        id=of.id,
        state="running" if of.is_running else "finished",
        new_key=of.new_key,
        old_keys=list(of.old_keys),
        cipher=of.cipher,
        total=of.total,
        resealed=of.resealed,
        unreadable=of.unreadable,
        started_at=of.started_at,
        started_by=of.started_by,
        finished_at=of.finished_at,
        receipt=of.receipt,
    )


def _key(of: DataKey, values: int) -> Key:
    """Write out a data key."""
    return Key(
        id=of.id,
        purpose=of.purpose.value,
        state=of.state.value,
        created_at=of.created_at,
        retired_at=of.retired_at,
        destroyed_at=of.destroyed_at,
        values=values,
    )
