"""The audit log, put together."""

from collections.abc import Mapping
from typing import Any

from adapters.signing.note import SignedNotes
from adapters.system.pace import DutyCycle
from application.audit.adopt_tip import AdoptTip, AdoptTipUseCase
from application.audit.count_activity import BATCH, COUNTING, CountActivity, ForgetActivity
from application.audit.erase_entries import EraseEntries, EraseEntriesUseCase, FollowRetention
from application.audit.feed_sinks import FeedSinks
from application.audit.follow_log import FOLLOWING, FollowLog
from application.audit.list_entries import ListEntries, ListEntriesUseCase
from application.audit.list_most_read import ListMostRead, ListMostReadUseCase
from application.audit.list_unread import ListUnread, ListUnreadUseCase
from application.audit.make_checkpoint import MakeCheckpoint
from application.audit.prove import Prove, ProveUseCase
from application.audit.read_activity import ReadActivity, ReadActivityUseCase
from application.audit.read_checkpoint import ReadCheckpoint, ReadCheckpointUseCase
from application.audit.verify_log import VerifyLog
from application.gate import Gate
from application.turn import Turns
from application.use_case import UseCase
from application.webhooks.announce import Announce
from domain.ports.clock import Clock
from domain.ports.key_ring import KeyRing
from domain.ports.signer import Signer
from domain.ports.storage import Storage
from domain.ports.tip_mac import TipMac
from entrypoints.chosen import build_feeds
from entrypoints.settings import Settings

COUNTING_SHARE = 0.5
"""The part of its time that counting a long log takes."""


def audit_use_cases(signer: Signer, macs: TipMac, clock: Clock) -> Mapping[type, UseCase[Any, Any]]:
    """Return the use cases by command."""
    return {
        ListEntries: ListEntriesUseCase(),
        Prove: ProveUseCase(),
        ReadCheckpoint: ReadCheckpointUseCase(signer=signer),
        EraseEntries: EraseEntriesUseCase(macs=macs),
        AdoptTip: AdoptTipUseCase(macs=macs),
        ReadActivity: ReadActivityUseCase(clock=clock),
        ListMostRead: ListMostReadUseCase(clock=clock),
        ListUnread: ListUnreadUseCase(clock=clock),
    }


def build_make_checkpoint(
    storage: Storage,
    key_ring: KeyRing,
    signer: Signer,
    macs: TipMac,
    clock: Clock,
    turns: Turns,
    announce: Announce,
) -> MakeCheckpoint:
    """Return what signs the state of the audit log."""
    return MakeCheckpoint(
        storage=storage,
        key_ring=key_ring,
        signer=signer,
        macs=macs,
        clock=clock,
        turns=turns,
        announce=announce,
    )


def build_feed_sinks(settings: Settings, storage: Storage, turns: Turns, macs: TipMac) -> FeedSinks:
    """Return what hands the audit log over."""
    return FeedSinks(storage=storage, turns=turns, macs=macs, feeds=build_feeds(settings))


def build_follow_retention(
    settings: Settings,
    gate: Gate,
    storage: Storage,
    clock: Clock,
    turns: Turns,
    sinks: FeedSinks,
) -> FollowRetention:
    """Return what erases old entries of the audit log."""
    return FollowRetention(
        gate=gate,
        storage=storage,
        clock=clock,
        turns=turns,
        days=settings.audit_retention_days,
        sinks=sinks,
        followers=(FOLLOWING, COUNTING),
    )


def build_count_activity(storage: Storage, turns: Turns, macs: TipMac) -> FollowLog[None]:
    """Return what counts how secrets are used."""
    return FollowLog(
        name=COUNTING,
        storage=storage,
        turns=turns,
        macs=macs,
        pace=DutyCycle(COUNTING_SHARE),
        fold=CountActivity(storage=storage),
        batch=BATCH,
    )


def build_forget_activity(settings: Settings, storage: Storage, clock: Clock) -> ForgetActivity:
    """Return what erases old counts."""
    return ForgetActivity(storage=storage, clock=clock, days=settings.activity_days)


def build_verify_log(storage: Storage, signer: Signer, macs: TipMac) -> VerifyLog:
    """Return what verifies the audit log."""
    return VerifyLog(storage=storage, signer=signer, notes=SignedNotes(), macs=macs)
