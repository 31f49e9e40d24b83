"""The composition root: which adapter stands behind which port."""

from collections.abc import Collection, Mapping
from typing import Any

from adapters.access.local import LocalPolicy
from adapters.certificates.issuer import ISSUER as CERTIFICATES
from adapters.http.backend import Backend
from adapters.key_ring import HkdfKeyRing
from adapters.metrics.unmetered import Unmetered
from adapters.signing.note import NoteSigner
from adapters.system.clock import SystemClock
from adapters.system.randomness import SystemRandomness
from adapters.tips.hmac import TipHmac
from adapters.tokens.hmac import HmacTokenHasher
from application.gate import Gate
from application.keys.forget_destroyed_keys import ForgetDestroyedKeys
from application.keys.sealer import Sealer
from application.turn import Turns
from application.use_case import UseCase
from application.webhooks.announce import Announce
from application.webhooks.forget_deliveries import ForgetDeliveries
from domain.ports.access_policy import AccessPolicy
from domain.ports.cipher import Cipher
from domain.ports.clock import Clock
from domain.ports.key_ring import KeyRing
from domain.ports.meter import Meter
from domain.ports.notifier import Notifier
from domain.ports.randomness import Randomness
from domain.ports.root_key_source import RootKeySource
from domain.ports.signer import Signer
from domain.ports.storage import Storage
from domain.ports.store import Store
from domain.ports.store_meter import StoreMeter
from domain.ports.tip_mac import TipMac
from domain.ports.token_hasher import TokenHasher
from entrypoints.areas.access import access_use_cases, build_policy
from entrypoints.areas.alerts import (
    alerts_use_cases,
    build_examine_state,
    build_follow_log,
    build_forget_habits,
    build_watch_store,
)
from entrypoints.areas.audit import (
    audit_use_cases,
    build_count_activity,
    build_feed_sinks,
    build_follow_retention,
    build_forget_activity,
    build_make_checkpoint,
    build_verify_log,
)
from entrypoints.areas.backups import (
    backups_use_cases,
    build_backups_due,
    build_create_backup,
    build_follow_backups,
    build_prune_backups,
)
from entrypoints.areas.keys import (
    build_follow_schedule,
    build_prepare_keys,
    build_reseal_values,
    build_rotate_data_key,
    build_rotate_root_key,
    keys_use_cases,
)
from entrypoints.areas.secrets import build_empty_bin, secrets_use_cases
from entrypoints.areas.webhooks import build_announce, build_send_deliveries
from entrypoints.backup_schedule import build_schedule
from entrypoints.chosen import build_ciphers, build_own_root_key_source, build_store
from entrypoints.injection import containers, providers
from entrypoints.notifiers import build_notifiers, build_receivers
from entrypoints.settings import Settings
from entrypoints.tracing import Untraced

UseCases = Mapping[type, UseCase[Any, Any]]


def build_store_meter(meter: StoreMeter, tracing: Untraced) -> StoreMeter:
    """Return what the store counts its commits with."""
    return tracing.meter(meter)


def open_storage(store: Store, macs: TipMac, tracing: Untraced) -> Storage:
    """Open the store, with the tip of its audit log vouched for."""
    storage = store.open()
    storage.vouch_with(macs)
    return tracing.storage(storage)


def build_traced_notifiers(settings: Settings, tracing: Untraced) -> Mapping[str, Notifier]:
    """Return who hands notices over, by receiver."""
    return tracing.notifiers(build_notifiers(settings))


def build_sealer(
    settings: Settings, key_ring: HkdfKeyRing, ciphers: Mapping[str, Cipher], tracing: Untraced
) -> Sealer:
    """Return what seals new values with the cipher of the settings."""
    return Sealer(key_ring=key_ring, ciphers=tracing.ciphers(ciphers), preferred=settings.cipher)


def build_use_cases(
    sealer: Sealer,
    clock: Clock,
    randomness: Randomness,
    key_ring: KeyRing,
    signer: Signer,
    hasher: TokenHasher,
    announce: Announce,
    issuers: Collection[str] = (),
) -> UseCases:
    """Return every use case by its command."""
    return {
        **secrets_use_cases(sealer, clock, randomness),
        **keys_use_cases(sealer, clock, key_ring, signer),
        **access_use_cases(clock, randomness, key_ring, hasher, issuers),
        **audit_use_cases(signer, TipHmac(key_ring=key_ring), clock),
        **backups_use_cases(),
        **alerts_use_cases(clock, announce),
    }


def issuer_names(settings: Settings) -> Collection[str]:
    """Return how the settings call whoever vouches for callers."""
    names = frozenset(settings.issuers)
    return names | {CERTIFICATES} if settings.client_cert_header else names


def build_turns(storage: Storage, clock: Clock, randomness: Randomness) -> Turns:
    """Return what takes the leases of this process."""
    return Turns(storage=storage, clock=clock, holder=randomness.token(8).hex())


def build_gate(
    storage: Storage, clock: Clock, use_cases: UseCases, policy: AccessPolicy, meter: Meter
) -> Gate:
    """Return a gate with a policy."""
    return Gate(storage=storage, policy=policy, clock=clock, meter=meter, use_cases=use_cases)


def build_requests_gate(
    storage: Storage,
    clock: Clock,
    use_cases: UseCases,
    policy: AccessPolicy,
    meter: Meter,
    tracing: Untraced,
) -> Gate:
    """Return the gate that requests go through."""
    return tracing.gate(
        storage=storage, policy=policy, clock=clock, meter=meter, use_cases=use_cases
    )


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
        not_found_seconds=settings.not_found_seconds,
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
    macs = providers.ThreadSafeSingleton(TipHmac, key_ring=key_ring)
    # A worker is given what counts on the board of its server.
    meter = providers.ThreadSafeSingleton(Unmetered)
    # And with what tells of its steps, where the settings ask for that.
    tracing = providers.ThreadSafeSingleton(Untraced)
    store_meter = providers.ThreadSafeSingleton(build_store_meter, meter, tracing)
    store = providers.ThreadSafeSingleton(build_store, settings, store_meter)
    storage = providers.ThreadSafeSingleton(open_storage, store, macs, tracing)
    sealer = providers.ThreadSafeSingleton(build_sealer, settings, key_ring, ciphers, tracing)
    signer = providers.ThreadSafeSingleton(NoteSigner, key_ring=key_ring)
    hasher = providers.ThreadSafeSingleton(HmacTokenHasher, key_ring=key_ring)
    issuers = providers.ThreadSafeSingleton(issuer_names, settings)
    receivers = providers.ThreadSafeSingleton(build_receivers, settings)
    announce = providers.ThreadSafeSingleton(build_announce, receivers, clock, randomness)
    use_cases = providers.ThreadSafeSingleton(
        build_use_cases, sealer, clock, randomness, key_ring, signer, hasher, announce, issuers
    )
    policy = providers.ThreadSafeSingleton(build_policy, settings, hasher, key_ring, clock)
    gate = providers.ThreadSafeSingleton(
        build_requests_gate, storage, clock, use_cases, policy, meter, tracing
    )
    own_policy = providers.ThreadSafeSingleton(LocalPolicy)
    # What the server does by itself, and the commands at the store: never for a request.
    own_gate = providers.ThreadSafeSingleton(
        build_gate, storage, clock, use_cases, own_policy, meter
    )
    turns = providers.ThreadSafeSingleton(build_turns, storage, clock, randomness)
    notifiers = providers.ThreadSafeSingleton(build_traced_notifiers, settings, tracing)
    send_deliveries = providers.ThreadSafeSingleton(
        build_send_deliveries, settings, storage, clock, randomness, turns, notifiers
    )
    follow_log = providers.ThreadSafeSingleton(
        build_follow_log, settings, storage, clock, turns, announce, macs
    )
    forget_habits = providers.ThreadSafeSingleton(build_forget_habits, settings, storage, clock)
    forget_deliveries = providers.ThreadSafeSingleton(
        ForgetDeliveries, storage=storage, clock=clock
    )
    prepare_keys = providers.ThreadSafeSingleton(
        build_prepare_keys, storage, key_ring, sealer, clock, root_key_source, macs
    )
    rotate_data_key = providers.ThreadSafeSingleton(
        build_rotate_data_key, own_gate, storage, key_ring
    )
    rotate_root_key = providers.ThreadSafeSingleton(
        build_rotate_root_key, own_gate, key_ring, root_key_source, clock
    )
    reseal_values = providers.ThreadSafeSingleton(
        build_reseal_values, settings, own_gate, storage, key_ring, sealer, turns
    )
    follow_schedule = providers.ThreadSafeSingleton(
        build_follow_schedule,
        settings,
        storage,
        rotate_data_key,
        rotate_root_key,
        clock,
        turns,
    )
    forget_destroyed_keys = providers.ThreadSafeSingleton(
        ForgetDestroyedKeys, storage=storage, key_ring=key_ring
    )
    make_checkpoint = providers.ThreadSafeSingleton(
        build_make_checkpoint, storage, key_ring, signer, macs, clock, turns, announce
    )
    feed_sinks = providers.ThreadSafeSingleton(build_feed_sinks, settings, storage, turns, macs)
    follow_retention = providers.ThreadSafeSingleton(
        build_follow_retention, settings, own_gate, storage, clock, turns, feed_sinks
    )
    create_backup = providers.ThreadSafeSingleton(
        build_create_backup,
        settings,
        store,
        storage,
        own_gate,
        root_key_source,
        ciphers,
        signer,
        turns,
    )
    prune_backups = providers.ThreadSafeSingleton(
        build_prune_backups, settings, own_gate, storage, clock
    )
    backups_due = providers.ThreadSafeSingleton(build_backups_due, settings, storage, clock)
    follow_backups = providers.ThreadSafeSingleton(
        build_follow_backups,
        own_gate,
        storage,
        clock,
        backups_due,
        providers.ThreadSafeSingleton(build_schedule, settings, root_key_source),
    )
    count_activity = providers.ThreadSafeSingleton(build_count_activity, storage, turns, macs)
    forget_activity = providers.ThreadSafeSingleton(build_forget_activity, settings, storage, clock)
    verify_log = providers.ThreadSafeSingleton(build_verify_log, storage, signer, macs)
    watch_store = providers.ThreadSafeSingleton(
        build_watch_store, settings, storage, macs, clock, randomness, notifiers
    )
    examine_state = providers.ThreadSafeSingleton(
        build_examine_state, settings, storage, clock, turns, announce, verify_log
    )
    empty_bin = providers.ThreadSafeSingleton(build_empty_bin, own_gate, storage, clock)
    backend = providers.ThreadSafeSingleton(
        build_backend, settings, gate, storage, key_ring, root_key_source, clock
    )
