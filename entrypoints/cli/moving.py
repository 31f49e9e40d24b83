"""Moving a store with the settings of a command."""

import dataclasses
import os
import secrets

from msgspec.structs import replace

from adapters.access.local import LOCAL_PRINCIPAL
from application.backups.move_store import Moved
from application.backups.record_move import RecordMove
from domain.access.caller import INSIDE, Caller
from domain.errors import StartRefused, StrongroomError
from entrypoints import configuration, hardening, logs, plugins
from entrypoints.areas.backups import build_move_store
from entrypoints.container import Container

_KIND = 40
"""How much of a URL is told: its scheme. The rest may hold a password."""


def move(source: str, target: str, data_dir: str | None) -> Moved:
    """Copy a store or go on with a copy, compare, and leave an entry in what came out of it.

    Raises:
        StrongroomError: it cannot be done; what was copied stays.
    """
    hardening.harden()
    _require_kind("--from", source)
    _require_kind("--to", target)
    if source == target:
        raise StartRefused("the source and the target are one store; name another place with --to")
    flags = {"data_dir": data_dir, "database_url": source}
    settings = configuration.load(os.environ, flags)
    logs.configure(settings)
    here = Container(settings=settings)
    there = Container(
        settings=replace(settings, database_url=target), root_key_source=here.root_key_source()
    )
    state = here.store().inspect()
    if state.revision is None:
        raise StartRefused("there is no store at the source; see that --from is right")
    if not state.is_current:
        raise StartRefused("the source is not of the newest form; run 'strongroom db upgrade'")
    ring = here.key_ring()
    ring.renew(state.root_key, state.keys)
    moved = build_move_store(settings, ring, here.ciphers())(
        here.store(), there.store(), lambda: None
    )
    if moved.findings or moved.is_recorded:
        return moved
    return _recorded(there, source, moved)


def _require_kind(option: str, url: str) -> None:
    """Refuse what names no store. What was given is not repeated: it may hold a password.

    Raises:
        StartRefused: it does not begin with the scheme of a store that can be loaded.
    """
    known = plugins.by_name(plugins.STORAGE)
    if url.partition(":")[0] not in known:
        raise StartRefused(
            f"{option} names no kind of store that is installed; give a URL such as"
            f" sqlite:///path; known are {', '.join(known)}"
        )


def _recorded(there: Container, source: str, moved: Moved) -> Moved:
    """Leave an entry in the finished copy; what is wrong in it may be the log itself.

    Raises:
        StrongroomError: the entry cannot be left in a copy in which nothing is wrong.
    """
    reference = f"from {source.partition(':')[0][:_KIND]}{', with faults' if moved.faults else ''}"
    try:
        _record(there, reference, adopts=not moved.faults)
    except StrongroomError as error:
        if not moved.faults:
            raise
        told = f"its log has no entry of the move ({error})"
        return dataclasses.replace(moved, faults=[*moved.faults, told])
    return moved


def _record(there: Container, reference: str, *, adopts: bool) -> None:
    """Leave an entry in the copy; a log that was just found faulty is not vouched for by that."""
    caller = Caller(principal=LOCAL_PRINCIPAL, address=INSIDE, request_id=secrets.token_hex(8))
    try:
        there.prepare_keys()(caller, adopts=adopts)
        there.own_gate().run(caller, RecordMove(reference=reference))
    finally:
        there.storage().close()
