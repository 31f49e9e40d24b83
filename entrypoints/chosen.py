"""The adapters that the settings choose, whoever offers them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import structlog

from adapters.audit_sinks import AppendedFile, StandardOutput, Syslog
from application.audit.feed_sinks import Feed, checkpoint_notes, entry_lines
from domain.errors import StartRefused, UnknownFormat
from domain.ports.audit_sink import AuditSink
from domain.ports.backup_place import BackupPlace
from domain.ports.cipher import Cipher
from domain.ports.root_key_source import RootKeySource
from domain.ports.store import Store, StoreOptions
from domain.ports.store_meter import StoreMeter
from entrypoints import plugins
from entrypoints.settings import Settings

_CIPHER_NAME = re.compile(r"[a-z0-9-]{1,32}")

_log = structlog.get_logger("strongroom")


class InstalledCiphers(Mapping[str, Cipher]):
    """Every cipher that an installed package offers, each loaded when it is first asked for.

    New values take one cipher; the others are needed only where old values name them.
    """

    def __init__(self, preferred: Cipher) -> None:
        """Begin with the cipher of new values.

        Raises:
            StartRefused: two packages offer a cipher of the same name.
        """
        self._offers = plugins.by_name(plugins.CIPHERS)
        self._loaded = {preferred.name: preferred}

    def __getitem__(self, name: str) -> Cipher:
        """Return a cipher.

        Raises:
            KeyError: no package offers it.
            UnknownFormat: the package that offers it is broken; the log says how.
        """
        if name not in self._loaded:
            try:
                self._loaded[name] = load_cipher(self._offers[name])
            except StartRefused as error:
                _log.warning("a cipher of old values is broken", detail=str(error))
                raise UnknownFormat("the cipher of the stored value cannot be loaded") from error
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        """Go through the names."""
        return iter(self._offers)

    def __len__(self) -> int:
        """Return how many are offered."""
        return len(self._offers)


def load_cipher(offer: plugins.Offer) -> Cipher:
    """Load a cipher.

    Raises:
        StartRefused: it cannot be loaded, or values that it sealed could not be found again.
    """
    cipher: Cipher = plugins.make(offer, Cipher)
    if cipher.name != offer.name or not _CIPHER_NAME.fullmatch(cipher.name):
        raise StartRefused(
            f"{offer} must give a cipher that has the same name, of up to 32 lower-case letters,"
            " digits and '-'"
        )
    return cipher


def build_ciphers(settings: Settings) -> Mapping[str, Cipher]:
    """Return the ciphers by name, with that of new values loaded."""
    return InstalledCiphers(load_cipher(_chosen(plugins.CIPHERS, settings)))


def build_root_key_source(uri: str) -> RootKeySource:
    """Return the source of the root key at a URI.

    Raises:
        StartRefused: there is no such kind of source, or it does not take the address.
    """
    scheme, _, address = uri.partition(":")
    offer = plugins.named(plugins.ROOT_KEYS, scheme)
    source: RootKeySource = plugins.make(offer, RootKeySource, address)
    return source


def build_own_root_key_source(settings: Settings) -> RootKeySource:
    """Return the source of the root key that the settings name."""
    return build_root_key_source(settings.root_key_uri)


def build_store(settings: Settings, meter: StoreMeter | None = None) -> Store:
    """Return the store, as yet untouched."""
    options = StoreOptions(
        busy_timeout=settings.busy_timeout_seconds,
        pool_size=settings.database_pool_size,
        pool_recycle=settings.database_recycle_seconds,
        connect_timeout=settings.database_connect_timeout_seconds,
        statement_timeout=settings.database_statement_timeout_seconds,
        prepares=settings.database_prepared_statements,
        meter=meter,
    )
    offer = _chosen(plugins.STORAGE, settings)
    store: Store = plugins.make(offer, Store, settings.store_url, options)
    return store


def build_backup_place(uri: str) -> BackupPlace:
    """Return the place of backups at a URI.

    Raises:
        StartRefused: there is no such kind of place, or it does not take the URI.
    """
    offer = plugins.named(plugins.BACKUP_PLACES, uri.partition(":")[0])
    place: BackupPlace = plugins.make(offer, BackupPlace, uri)
    return place


def build_feeds(settings: Settings) -> Sequence[Feed]:
    """Return where the audit log goes besides the store.

    Raises:
        StartRefused: an address is not one that entries may go to.
    """
    sinks = list[AuditSink]()
    if settings.audit_file:
        sinks.append(
            AppendedFile(
                Path(settings.audit_file),
                begins=('{"tag":"',),
                max_bytes=settings.audit_file_max_bytes,
            )
        )
    if settings.audit_stdout:
        sinks.append(StandardOutput())
    if settings.audit_syslog:
        sinks.append(Syslog(settings.audit_syslog))
    feeds = [Feed(sink=sink, source=entry_lines) for sink in sinks]
    if settings.audit_checkpoint_file:
        begins = ("strongroom-", "— strongroom-")
        outside = AppendedFile(Path(settings.audit_checkpoint_file), end="\n\n", begins=begins)
        feeds.append(Feed(sink=outside, source=checkpoint_notes))
    if len({feed.sink.name for feed in feeds}) < len(feeds):
        raise StartRefused("'audit_file' and 'audit_checkpoint_file' must be two files")
    return feeds


def _chosen(group: plugins.Group, settings: Settings) -> plugins.Offer:
    """Return the offer that the settings name."""
    (name,) = group.chosen(settings)
    return plugins.named(group, name)
