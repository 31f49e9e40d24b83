"""The root key that the settings name, and what lies beside it."""

import os
from collections.abc import Iterator

from adapters.key_ring import HkdfKeyRing
from adapters.root_keys.file import FileRootKeySource
from adapters.system.clock import SystemClock
from adapters.system.exposure import of_file, of_owner, owner_of, quoted
from adapters.system.randomness import SystemRandomness
from application.health.examine_root_key import CHECK, ExamineRootKey, LoadedRootKey
from application.keys.bare_tokens import opens_none
from domain.errors import StartRefused, WrongRootKey
from domain.health.finding import Finding, error, refusal, warning
from domain.ports.root_key import RootKey
from domain.ports.root_key_source import FirstRootKey, RootKeySource
from domain.ports.store import StoreState
from entrypoints.chosen import build_own_root_key_source
from entrypoints.settings import Settings


def source_of(settings: Settings, findings: list[Finding]) -> RootKeySource | None:
    """Return the place that the settings name, or say why there is none."""
    try:
        return build_own_root_key_source(settings)
    except StartRefused as cause:
        mend = "set root_key to a place such as file:/path; see docs/root-keys.md"
        findings.append(refusal("settings", cause, mend=mend))
        return None


def examine(
    source: RootKeySource, state: StoreState | None, findings: list[Finding]
) -> RootKey | None:
    """Add what is wrong with the root key, and return the key that opens the store."""
    needed = state is None or state.has_secrets or bool(state.keys)
    if not needed and isinstance(source, FirstRootKey) and not source.exists():
        return None  # the first start makes it
    file = source if isinstance(source, FileRootKeySource) else None
    exposed = None if file is None else file.load_of_earlier_backend
    if file is not None and state is not None and state.of_earlier_backend:
        source = _closed_by_a_start(file, findings)
    look = ExamineRootKey(source=source, ring_of=ring_of, exposed=exposed)
    examined = look(state.keys, state.root_key) if state is not None else look((), None)
    findings += examined.findings
    if file is not None:
        findings += of_owner(file.path, check=CHECK, owner=owner_of(file.path.parent))
        findings += _of_successor(file)
    if state is not None and state.of_earlier_backend and examined.fitting is not None:
        findings += _of_earlier_backend(examined.fitting, state)
    return None if state is None else examined.fitting


def _closed_by_a_start(file: FileRootKeySource, findings: list[Finding]) -> RootKeySource:
    """Return a source that takes an earlier backend's key as a start does: open to others, too."""
    try:
        source = LoadedRootKey(file.load_of_earlier_backend())
    except WrongRootKey:
        return file
    findings += of_file(file.path, check=CHECK, owner=owner_of(file.path.parent))
    return source


def ring_of(source: RootKeySource) -> HkdfKeyRing:
    """Return a ring for one root key."""
    return HkdfKeyRing(source=source, clock=SystemClock(), randomness=SystemRandomness())


def _of_successor(file: FileRootKeySource) -> Iterator[Finding]:
    """Tell of a successor that cannot be used, which no start and no rotation would notice."""
    if os.path.lexists(file.next_path) and file.proposed() is None:
        yield warning(
            CHECK,
            f"the successor {file.next_path} of the root key cannot be used: it is damaged, or open"
            " to others",
            f"if others could read it, or the key beside it opens the store, erase it:"
            f" rm {quoted(file.next_path)}; else put it back from your backup",
        )


def _of_earlier_backend(root_key: RootKey, state: StoreState) -> Iterator[Finding]:
    """See that the key opens what the earlier backend stored."""
    if opens_none(root_key, state.sample):
        yield error(
            CHECK,
            f"the root key ({root_key.source}) opens none of the stored values",
            "put the key file back that belongs to this database",
        )
