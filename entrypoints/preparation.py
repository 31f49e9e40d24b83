"""Getting a data folder ready: everything that must hold before the first request."""

from dataclasses import dataclass

from adapters.access.local import LOCAL_PRINCIPAL
from adapters.root_keys.file import FileRootKeySource
from adapters.system.files import close_to_others
from application.keys.bare_tokens import opens_none
from application.keys.prepare_keys import Prepared
from domain.access.caller import INSIDE, Caller
from domain.errors import WrongRootKey
from domain.ports.root_key_source import FirstRootKey, RootKeySource
from domain.ports.store import Store, StoreState
from entrypoints import folder
from entrypoints.chosen import build_backup_place, build_feeds, build_root_key_source
from entrypoints.container import Container
from entrypoints.settings import DATABASE_FILE, Settings

STARTING = Caller(principal=LOCAL_PRINCIPAL, address=INSIDE, request_id="start")


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """What was done to get ready, for the log."""

    key_created: bool
    root_key: str
    revision: str
    copy: str | None
    keys: Prepared


def prepare(container: Container) -> Readiness:
    """Make the folder, the key and the store, or check those that are there.

    What the settings name is loaded before anything is touched.
    Nothing is changed before the key has been seen to fit the store.

    Raises:
        StartRefused: something does not fit; the message says what, and the way back.
    """
    settings: Settings = container.settings()
    store: Store = container.store()
    source: RootKeySource = container.root_key_source()
    container.ciphers()
    build_feeds(settings)
    container.receivers()
    container.notifiers()
    if settings.backup_place:
        build_backup_place(settings.backup_place)
    folder.ensure(settings.data_dir, known=settings.data_dir / DATABASE_FILE)
    with folder.locked(settings.data_dir):
        before = store.inspect()
        created = _ensure_key(source, before)
        if before.of_earlier_backend:
            _check_earlier(source, before)
        else:
            container.key_ring().renew(before.root_key, before.keys)
        copy = store.upgrade()
        return Readiness(
            key_created=created,
            root_key=source.uri,
            revision=before.newest,
            copy=copy,
            keys=_prepare_keys(container),
        )


def _ensure_key(source: RootKeySource, before: StoreState) -> bool:
    """Make the key for a new store; never a second one beside values that need the first."""
    if before.has_secrets or before.keys:
        return False
    if not isinstance(source, FirstRootKey) or source.exists():
        return False
    source.create()
    return True


def _check_earlier(source: RootKeySource, before: StoreState) -> None:
    """See that the key opens what an earlier backend stored, then close its file to others."""
    root_key = (
        source.load_of_earlier_backend() if isinstance(source, FileRootKeySource) else source.load()
    )
    if opens_none(root_key, before.sample):
        raise WrongRootKey(
            f"the root key ({root_key.source}) opens none of the stored values; put the key file"
            " back that belongs to this database, nothing was changed"
        )
    if isinstance(source, FileRootKeySource):
        close_to_others(source.path)


def _prepare_keys(container: Container) -> Prepared:
    """Mint the first keys, or check all of them."""
    try:
        prepared: Prepared = container.prepare_keys()(STARTING, adopts=True)
    finally:
        container.storage().close()
    return prepared


def target_source(uri: str) -> RootKeySource:
    """Return the source of a root key to be, with a key in it.

    Raises:
        StartRefused: there is no such kind of source, or no key can be had from it.
    """
    source = build_root_key_source(uri)
    if isinstance(source, FirstRootKey) and not source.exists():
        source.create()
    return source
