"""The keys, put together."""

from collections.abc import Mapping
from typing import Any

from adapters.key_ring import HkdfKeyRing
from adapters.system.pace import DutyCycle
from application.gate import Gate
from application.keys.destroy_key import DestroyKey, DestroyKeyUseCase
from application.keys.finish_rotation import FinishRotation, FinishRotationUseCase
from application.keys.follow_schedule import FollowSchedule
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
from application.turn import Turns
from application.use_case import UseCase
from domain.ports.clock import Clock
from domain.ports.key_ring import KeyRing
from domain.ports.root_key_source import RootKeySource
from domain.ports.signer import Signer
from domain.ports.storage import Storage
from domain.ports.tip_mac import TipMac
from entrypoints.settings import Settings


def keys_use_cases(
    sealer: Sealer, clock: Clock, key_ring: KeyRing, signer: Signer
) -> Mapping[type, UseCase[Any, Any]]:
    """Return the use cases by command."""
    return {
        ListKeys: ListKeysUseCase(signer=signer),
        PlanRotation: PlanRotationUseCase(),
        StartRotation: StartRotationUseCase(sealer=sealer, clock=clock),
        ReadRotation: ReadRotationUseCase(),
        FinishRotation: FinishRotationUseCase(clock=clock, signer=signer),
        DestroyKey: DestroyKeyUseCase(clock=clock, key_ring=key_ring),
        PlanRootRotation: PlanRootRotationUseCase(),
        ReplaceRootKey: ReplaceRootKeyUseCase(),
    }


def build_prepare_keys(
    storage: Storage,
    key_ring: HkdfKeyRing,
    sealer: Sealer,
    clock: Clock,
    source: RootKeySource,
    macs: TipMac,
) -> PrepareKeys:
    """Return what gets the keys ready at the start."""
    return PrepareKeys(
        storage=storage, wrapper=key_ring, sealer=sealer, clock=clock, source=source, macs=macs
    )


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
    turns: Turns,
) -> ResealValues:
    """Return what moves values to the newest data key."""
    return ResealValues(
        gate=gate,
        storage=storage,
        key_ring=key_ring,
        sealer=sealer,
        turns=turns,
        pace=DutyCycle(settings.rotation_share),
    )


def build_follow_schedule(
    settings: Settings,
    storage: Storage,
    rotate_data_key: RotateDataKey,
    rotate_root_key: RotateRootKey,
    clock: Clock,
    turns: Turns,
) -> FollowSchedule:
    """Return what rotates keys when they have reached their age."""
    return FollowSchedule(
        storage=storage,
        rotate_data_key=rotate_data_key,
        rotate_root_key=rotate_root_key,
        clock=clock,
        turns=turns,
        data_key_days=settings.rotate_data_key_days,
        root_key_days=settings.rotate_root_key_days,
    )
