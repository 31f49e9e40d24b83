"""Getting a data folder ready: everything that must hold before the first request."""

from dataclasses import dataclass
from pathlib import Path

from adapters.access.local import LOCAL_PRINCIPAL
from adapters.key_ring import HkdfKeyRing
from adapters.root_keys import file as key_file
from adapters.root_keys.local import LocalRootKey
from adapters.sql import schema
from application.keys.prepare_keys import Prepared
from domain.access.caller import Caller
from domain.errors import SealBroken, StartRefused, WrongRootKey
from domain.keys.data_key import DataKey, KeyState
from entrypoints import folder
from entrypoints.container import Container
from entrypoints.settings import Settings

STARTING = Caller(principal=LOCAL_PRINCIPAL, address="-", request_id="start")


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """What was done to get ready, for the log."""

    key_created: bool
    copy: Path | None
    keys: Prepared


def prepare(settings: Settings) -> Readiness:
    """Make the folder, the key and the tables, or check those that are there.

    Nothing is changed before the key has been seen to fit the database.

    Raises:
        StartRefused: something does not fit; the message says what, and the way back.
    """
    database, key = settings.database_path, settings.key_path
    folder.ensure(settings.data_dir, known=database)
    with folder.locked(settings.data_dir):
        before = schema.inspect(database)
        created = _ensure_key(key, database, before)
        earlier = before.revision == schema.FIRST
        _check_key(key_file.load(key, must_be_closed=not earlier), before)
        if earlier:
            # An earlier backend did not close its files to others.
            folder.close_files(database, key)
        copy = schema.upgrade(database)
        return Readiness(key_created=created, copy=copy, keys=_prepare_keys(settings))


def _ensure_key(key: Path, database: Path, before: schema.SchemaState) -> bool:
    """Make the key for a new store; never a second one beside values that need the first."""
    if key.exists() or key.is_symlink():
        return False
    if before.has_secrets or before.wrapped_keys:
        raise WrongRootKey(
            f"the key file {key} is missing, but the database {database} has values that need it;"
            " put the key file back from your backup, nothing was changed"
        )
    try:
        key_file.create(key)
    except OSError as error:
        raise StartRefused(f"the key file {key} cannot be made: {error.strerror}") from None
    return True


def _check_key(root_key: LocalRootKey, before: schema.SchemaState) -> None:
    """See that the key opens what stands in the database."""
    for key_id, wrapped in before.wrapped_keys:
        _unwrap(root_key, key_id, wrapped)
    if before.revision != schema.FIRST or not before.sample:
        return
    if not any(_opens(root_key, token) for token in before.sample):
        raise WrongRootKey(
            f"the root key ({root_key.source}) opens none of the stored values; put the key file"
            " back that belongs to this database, nothing was changed"
        )


def _unwrap(root_key: LocalRootKey, key_id: str, wrapped: str) -> None:
    """Try one data key on a ring that is thrown away."""
    container = Container()
    ring = HkdfKeyRing(
        root_key=root_key, clock=container.clock(), randomness=container.randomness()
    )
    ring.admit(
        DataKey(
            id=key_id, state=KeyState.ACTIVE, created_at=container.clock().now(), wrapped=wrapped
        )
    )


def _opens(root_key: LocalRootKey, token: str) -> bool:
    """Tell whether the key opens a bare token."""
    try:
        root_key.open_bare(token)
    except SealBroken:
        return False
    return True


def _prepare_keys(settings: Settings) -> Prepared:
    """Mint the first data key, or check all of them."""
    container = Container(settings=settings)
    try:
        prepared: Prepared = container.prepare_keys()(STARTING)
    finally:
        container.storage().close()
    return prepared
