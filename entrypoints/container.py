"""The composition root: which adapter stands behind which port."""

from collections.abc import Mapping
from typing import Any

from dependency_injector import containers, providers

from adapters.access.local import LocalPolicy
from adapters.ciphers import AesGcmCipher, ChaCha20Cipher, FernetCipher
from adapters.http.backend import Backend
from adapters.key_ring import HkdfKeyRing
from adapters.root_keys import file as key_file
from adapters.root_keys.local import LocalRootKey
from adapters.sql.sqlite import SqliteStorage
from adapters.system.clock import SystemClock
from adapters.system.randomness import SystemRandomness
from application.gate import Gate
from application.keys.prepare_keys import PrepareKeys
from application.keys.sealer import Sealer
from application.secrets.create_secret import CreateSecret, CreateSecretUseCase
from application.secrets.delete_secret import DeleteSecret, DeleteSecretUseCase
from application.secrets.destroy_version import DestroyVersion, DestroyVersionUseCase
from application.secrets.empty_bin import EmptyBin
from application.secrets.list_secrets import ListSecrets, ListSecretsUseCase
from application.secrets.list_versions import ListVersions, ListVersionsUseCase
from application.secrets.purge_secret import PurgeSecret, PurgeSecretUseCase
from application.secrets.read_secret import ReadSecret, ReadSecretUseCase
from application.secrets.restore_secret import RestoreSecret, RestoreSecretUseCase
from application.secrets.restore_version import RestoreVersion, RestoreVersionUseCase
from application.secrets.reveal_secret import RevealSecret, RevealSecretUseCase
from application.secrets.update_secret import UpdateSecret, UpdateSecretUseCase
from application.use_case import UseCase
from domain.ports.cipher import Cipher
from domain.ports.clock import Clock
from domain.ports.randomness import Randomness
from entrypoints.settings import Settings

UseCases = Mapping[type, UseCase[Any, Any]]


def build_root_key(settings: Settings) -> LocalRootKey:
    """Return the root key of the settings.

    Raises:
        WrongRootKey: it is missing, damaged, or open to others.
    """
    return key_file.load(settings.key_path)


def build_ciphers() -> Mapping[str, Cipher]:
    """Return every cipher by its name."""
    return {cipher.name: cipher for cipher in (FernetCipher(), AesGcmCipher(), ChaCha20Cipher())}


def build_storage(settings: Settings) -> SqliteStorage:
    """Open the store."""
    return SqliteStorage(settings.database_path, busy_timeout=settings.busy_timeout_seconds)


def build_sealer(
    settings: Settings, key_ring: HkdfKeyRing, ciphers: Mapping[str, Cipher]
) -> Sealer:
    """Return what seals new values with the cipher of the settings."""
    return Sealer(key_ring=key_ring, ciphers=ciphers, preferred=settings.cipher)


def build_use_cases(sealer: Sealer, clock: Clock, randomness: Randomness) -> UseCases:
    """Return every use case by its command."""
    return {
        CreateSecret: CreateSecretUseCase(sealer=sealer, clock=clock, randomness=randomness),
        ReadSecret: ReadSecretUseCase(),
        RevealSecret: RevealSecretUseCase(sealer=sealer, clock=clock),
        ListSecrets: ListSecretsUseCase(),
        UpdateSecret: UpdateSecretUseCase(sealer=sealer, clock=clock, randomness=randomness),
        DeleteSecret: DeleteSecretUseCase(clock=clock),
        PurgeSecret: PurgeSecretUseCase(),
        RestoreSecret: RestoreSecretUseCase(clock=clock),
        ListVersions: ListVersionsUseCase(),
        RestoreVersion: RestoreVersionUseCase(sealer=sealer, clock=clock),
        DestroyVersion: DestroyVersionUseCase(clock=clock),
    }


def build_gate(storage: SqliteStorage, clock: Clock, use_cases: UseCases) -> Gate:
    """Return the gate of local mode."""
    return Gate(storage=storage, policy=LocalPolicy(), clock=clock, use_cases=use_cases)


def build_prepare_keys(
    storage: SqliteStorage,
    key_ring: HkdfKeyRing,
    sealer: Sealer,
    clock: Clock,
    root_key: LocalRootKey,
) -> PrepareKeys:
    """Return what gets the keys ready at the start."""
    return PrepareKeys(
        storage=storage, key_ring=key_ring, sealer=sealer, clock=clock, opener=root_key
    )


def build_empty_bin(gate: Gate, storage: SqliteStorage, clock: Clock) -> EmptyBin:
    """Return what empties the recycle bin."""
    return EmptyBin(gate=gate, storage=storage, clock=clock)


def build_backend(settings: Settings, gate: Gate) -> Backend:
    """Return what the HTTP handlers stand on."""
    return Backend(gate=gate, max_value_bytes=settings.max_value_bytes)


class Container(containers.DeclarativeContainer):
    """One of everything for a process. The functions above are what a type checker sees."""

    settings = providers.Dependency(instance_of=Settings)
    clock = providers.ThreadSafeSingleton(SystemClock)
    randomness = providers.ThreadSafeSingleton(SystemRandomness)
    root_key = providers.ThreadSafeSingleton(build_root_key, settings)
    ciphers = providers.ThreadSafeSingleton(build_ciphers)
    key_ring = providers.ThreadSafeSingleton(
        HkdfKeyRing, root_key=root_key, clock=clock, randomness=randomness
    )
    storage = providers.ThreadSafeSingleton(build_storage, settings)
    sealer = providers.ThreadSafeSingleton(build_sealer, settings, key_ring, ciphers)
    use_cases = providers.ThreadSafeSingleton(build_use_cases, sealer, clock, randomness)
    gate = providers.ThreadSafeSingleton(build_gate, storage, clock, use_cases)
    prepare_keys = providers.ThreadSafeSingleton(
        build_prepare_keys, storage, key_ring, sealer, clock, root_key
    )
    empty_bin = providers.ThreadSafeSingleton(build_empty_bin, gate, storage, clock)
    backend = providers.ThreadSafeSingleton(build_backend, settings, gate)
