"""The composition root: which adapter stands behind which port."""

from collections.abc import Mapping
from typing import Any

from dependency_injector import containers, providers

from adapters.access.local import LocalPolicy
from adapters.access.tokens import TokenPolicy
from adapters.http.backend import Backend
from adapters.key_ring import HkdfKeyRing
from adapters.signing.note import NoteSigner, SignedNotes
from adapters.system.clock import SystemClock
from adapters.system.pace import DutyCycle
from adapters.system.randomness import SystemRandomness
from adapters.tokens.hmac import HmacTokenHasher
from application.audit.erase_entries import EraseEntries, EraseEntriesUseCase, FollowRetention
from application.audit.feed_sinks import FeedSinks
from application.audit.list_entries import ListEntries, ListEntriesUseCase
from application.audit.make_checkpoint import MakeCheckpoint
from application.audit.prove import Prove, ProveUseCase
from application.audit.read_checkpoint import ReadCheckpoint, ReadCheckpointUseCase
from application.audit.verify_log import VerifyLog
from application.gate import Gate
from application.keys.destroy_key import DestroyKey, DestroyKeyUseCase
from application.keys.finish_rotation import FinishRotation, FinishRotationUseCase
from application.keys.follow_schedule import FollowSchedule
from application.keys.forget_destroyed_keys import ForgetDestroyedKeys
from application.keys.list_keys import ListKeys, ListKeysUseCase
from application.keys.plan_root_rotation import PlanRootRotation, PlanRootRotationUseCase
from application.keys.plan_rotation import PlanRotation, PlanRotationUseCase
from application.keys.prepare_keys import PrepareKeys
from application.keys.read_rotation import ReadRotation, ReadRotationUseCase
from application.keys.replace_root_key import ReplaceRootKey, ReplaceRootKeyUseCase
from application.keys.reseal_values import ResealValues
from application.keys.rotate_data_key import RotateDataKey
from application.keys.rotate_root_key import RotateRootKey
from application.keys.sealer import Sealer
from application.keys.start_rotation import StartRotation, StartRotationUseCase
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
from domain.ports.access_policy import AccessPolicy
from domain.ports.cipher import Cipher
from domain.ports.clock import Clock
from domain.ports.key_ring import KeyRing
from domain.ports.randomness import Randomness
from domain.ports.root_key_source import RootKeySource
from domain.ports.signer import Signer
from domain.ports.storage import Storage
from domain.ports.store import Store
from domain.ports.token_hasher import TokenHasher
from entrypoints.access import access_use_cases
from entrypoints.chosen import build_ciphers, build_feeds, build_own_root_key_source, build_store
from entrypoints.settings import Settings

UseCases = Mapping[type, UseCase[Any, Any]]


def open_storage(store: Store) -> Storage:
    """Open the store."""
    return store.open()


def build_sealer(
    settings: Settings, key_ring: HkdfKeyRing, ciphers: Mapping[str, Cipher]
) -> Sealer:
    """Return what seals new values with the cipher of the settings."""
    return Sealer(key_ring=key_ring, ciphers=ciphers, preferred=settings.cipher)


def build_use_cases(
    sealer: Sealer,
    clock: Clock,
    randomness: Randomness,
    key_ring: KeyRing,
    signer: Signer,
    hasher: TokenHasher,
) -> UseCases:
    """Return every use case by its command."""
    return {
        **access_use_cases(clock, randomness, key_ring, hasher),
        ListKeys: ListKeysUseCase(signer=signer),
        ListEntries: ListEntriesUseCase(),
        Prove: ProveUseCase(),
        ReadCheckpoint: ReadCheckpointUseCase(signer=signer),
        EraseEntries: EraseEntriesUseCase(),
        PlanRotation: PlanRotationUseCase(),
        StartRotation: StartRotationUseCase(sealer=sealer, clock=clock),
        ReadRotation: ReadRotationUseCase(),
        FinishRotation: FinishRotationUseCase(clock=clock, signer=signer),
        DestroyKey: DestroyKeyUseCase(clock=clock, key_ring=key_ring),
        PlanRootRotation: PlanRootRotationUseCase(),
        ReplaceRootKey: ReplaceRootKeyUseCase(),
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


def build_policy(
    settings: Settings, hasher: TokenHasher, key_ring: KeyRing, clock: Clock
) -> AccessPolicy:
    """Return the policy of the mode that the settings name."""
    if settings.is_guarded:
        return TokenPolicy(hasher=hasher, key_ring=key_ring, clock=clock)
    return LocalPolicy()


def build_gate(
    storage: Storage, clock: Clock, key_ring: KeyRing, use_cases: UseCases, policy: AccessPolicy
) -> Gate:
    """Return a gate with a policy."""
    return Gate(
        storage=storage,
        policy=policy,
        clock=clock,
        key_ring=key_ring,
        use_cases=use_cases,
    )


def build_prepare_keys(
    storage: Storage, key_ring: HkdfKeyRing, sealer: Sealer, clock: Clock, source: RootKeySource
) -> PrepareKeys:
    """Return what gets the keys ready at the start."""
    return PrepareKeys(storage=storage, wrapper=key_ring, sealer=sealer, clock=clock, source=source)


def build_rotate_data_key(gate: Gate, storage: Storage, key_ring: HkdfKeyRing) -> RotateDataKey:
    """Return what has a new data key take over."""
    return RotateDataKey(gate=gate, storage=storage, key_ring=key_ring, wrapper=key_ring)


def build_rotate_root_key(
    gate: Gate, key_ring: HkdfKeyRing, source: RootKeySource, clock: Clock
) -> RotateRootKey:
    """Return what replaces the root key."""
    return RotateRootKey(gate=gate, wrapper=key_ring, source=source, clock=clock)


def build_reseal_values(
    settings: Settings,
    gate: Gate,
    storage: Storage,
    key_ring: KeyRing,
    sealer: Sealer,
    clock: Clock,
    randomness: Randomness,
) -> ResealValues:
    """Return what moves values to the newest data key."""
    return ResealValues(
        gate=gate,
        storage=storage,
        key_ring=key_ring,
        sealer=sealer,
        clock=clock,
        holder=randomness.token(8).hex(),
        pace=DutyCycle(settings.rotation_share),
    )


def build_empty_bin(gate: Gate, storage: Storage, clock: Clock) -> EmptyBin:
    """Return what empties the recycle bin."""
    return EmptyBin(gate=gate, storage=storage, clock=clock)


def build_follow_schedule(
    settings: Settings,
    storage: Storage,
    rotate_data_key: RotateDataKey,
    rotate_root_key: RotateRootKey,
    clock: Clock,
    randomness: Randomness,
) -> FollowSchedule:
    """Return what rotates keys when they have reached their age."""
    return FollowSchedule(
        storage=storage,
        rotate_data_key=rotate_data_key,
        rotate_root_key=rotate_root_key,
        clock=clock,
        holder=randomness.token(8).hex(),
        data_key_days=settings.rotate_data_key_days,
        root_key_days=settings.rotate_root_key_days,
    )


def build_make_checkpoint(
    storage: Storage, key_ring: KeyRing, signer: Signer, clock: Clock, randomness: Randomness
) -> MakeCheckpoint:
    """Return what signs the state of the audit log."""
    return MakeCheckpoint(
        storage=storage,
        key_ring=key_ring,
        signer=signer,
        clock=clock,
        holder=randomness.token(8).hex(),
    )


def build_feed_sinks(
    settings: Settings, storage: Storage, clock: Clock, randomness: Randomness
) -> FeedSinks:
    """Return what hands the audit log over."""
    return FeedSinks(
        storage=storage,
        clock=clock,
        holder=randomness.token(8).hex(),
        feeds=build_feeds(settings),
    )


def build_follow_retention(
    settings: Settings,
    gate: Gate,
    storage: Storage,
    clock: Clock,
    randomness: Randomness,
    sinks: FeedSinks,
) -> FollowRetention:
    """Return what erases old entries of the audit log."""
    return FollowRetention(
        gate=gate,
        storage=storage,
        clock=clock,
        holder=randomness.token(8).hex(),
        days=settings.audit_retention_days,
        sinks=sinks,
    )


def build_verify_log(storage: Storage, signer: Signer) -> VerifyLog:
    """Return what verifies the audit log."""
    return VerifyLog(storage=storage, signer=signer, notes=SignedNotes())


def build_backend(
    settings: Settings,
    gate: Gate,
    storage: Storage,
    key_ring: HkdfKeyRing,
    source: RootKeySource,
    clock: Clock,
) -> Backend:
    """Return what the HTTP handlers stand on."""
    return Backend(
        gate=gate,
        rotate_data_key=build_rotate_data_key(gate, storage, key_ring),
        rotate_root_key=build_rotate_root_key(gate, key_ring, source, clock),
        guarded=settings.is_guarded,
        max_value_bytes=settings.max_value_bytes,
        body_seconds=settings.body_timeout_seconds,
    )


class Container(containers.DeclarativeContainer):
    """One of everything for a process. The functions above are what a type checker sees."""

    settings = providers.Dependency(instance_of=Settings)
    clock = providers.ThreadSafeSingleton(SystemClock)
    randomness = providers.ThreadSafeSingleton(SystemRandomness)
    root_key_source = providers.ThreadSafeSingleton(build_own_root_key_source, settings)
    ciphers = providers.ThreadSafeSingleton(build_ciphers, settings)
    key_ring = providers.ThreadSafeSingleton(
        HkdfKeyRing, source=root_key_source, clock=clock, randomness=randomness
    )
    store = providers.ThreadSafeSingleton(build_store, settings)
    storage = providers.ThreadSafeSingleton(open_storage, store)
    sealer = providers.ThreadSafeSingleton(build_sealer, settings, key_ring, ciphers)
    signer = providers.ThreadSafeSingleton(NoteSigner, key_ring=key_ring)
    hasher = providers.ThreadSafeSingleton(HmacTokenHasher, key_ring=key_ring)
    use_cases = providers.ThreadSafeSingleton(
        build_use_cases, sealer, clock, randomness, key_ring, signer, hasher
    )
    policy = providers.ThreadSafeSingleton(build_policy, settings, hasher, key_ring, clock)
    gate = providers.ThreadSafeSingleton(build_gate, storage, clock, key_ring, use_cases, policy)
    own_policy = providers.ThreadSafeSingleton(LocalPolicy)
    # What the server does by itself, and the commands at the store: never for a request.
    own_gate = providers.ThreadSafeSingleton(
        build_gate, storage, clock, key_ring, use_cases, own_policy
    )
    prepare_keys = providers.ThreadSafeSingleton(
        build_prepare_keys, storage, key_ring, sealer, clock, root_key_source
    )
    rotate_data_key = providers.ThreadSafeSingleton(
        build_rotate_data_key, own_gate, storage, key_ring
    )
    rotate_root_key = providers.ThreadSafeSingleton(
        build_rotate_root_key, own_gate, key_ring, root_key_source, clock
    )
    reseal_values = providers.ThreadSafeSingleton(
        build_reseal_values, settings, own_gate, storage, key_ring, sealer, clock, randomness
    )
    follow_schedule = providers.ThreadSafeSingleton(
        build_follow_schedule,
        settings,
        storage,
        rotate_data_key,
        rotate_root_key,
        clock,
        randomness,
    )
    forget_destroyed_keys = providers.ThreadSafeSingleton(
        ForgetDestroyedKeys, storage=storage, key_ring=key_ring
    )
    make_checkpoint = providers.ThreadSafeSingleton(
        build_make_checkpoint, storage, key_ring, signer, clock, randomness
    )
    feed_sinks = providers.ThreadSafeSingleton(
        build_feed_sinks, settings, storage, clock, randomness
    )
    follow_retention = providers.ThreadSafeSingleton(
        build_follow_retention, settings, own_gate, storage, clock, randomness, feed_sinks
    )
    verify_log = providers.ThreadSafeSingleton(build_verify_log, storage, signer)
    empty_bin = providers.ThreadSafeSingleton(build_empty_bin, own_gate, storage, clock)
    backend = providers.ThreadSafeSingleton(
        build_backend, settings, gate, storage, key_ring, root_key_source, clock
    )
