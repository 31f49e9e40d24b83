"""The settings, as a start would read them; what cannot be read is told and left out."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from domain.errors import StartRefused
from domain.health.finding import Finding, refusal
from domain.ports.store import Store
from entrypoints import configuration, modes
from entrypoints.chosen import build_ciphers, build_store
from entrypoints.client_certs import check_client_certs
from entrypoints.issuers import check_issuers
from entrypoints.notifiers import build_notifiers, build_receivers
from entrypoints.settings import Settings

CHECK = "settings"

_MEND = "mend the setting or leave it out; docs/settings.md lists them"
_CONFIG = f"{configuration.PREFIX}CONFIG"
_NO_FILE = {_CONFIG: "/dev/null"}
_FIRST = f"{configuration.PREFIX}ROOT_KEY"
"""Says which variables are no settings, so it is read before the others."""


def read(
    environment: Mapping[str, str], flags: Mapping[str, Any], findings: list[Finding]
) -> Settings:
    """Return the settings that can be read, and add what a start would refuse.

    Each variable is tried by itself, so that one that is wrong does not hide the others.
    """
    try:
        return configuration.load(environment, flags)
    except StartRefused:
        pass
    kept = _with_or_without_file(environment, findings)
    ours = [name for name in environment if name.startswith(configuration.PREFIX)]
    for name in sorted(ours, key=lambda name: (name != _FIRST, name)):
        if name != _CONFIG:
            tried = {**kept, name: environment[name]}
            if _refused(partial(configuration.load, tried), findings):
                continue
            kept = tried
    given = dict(flags)
    if _refused(lambda: configuration.load(kept, given), findings):
        given = {}
    return configuration.load(kept, given)


def judge(settings: Settings, findings: list[Finding]) -> None:
    """Add what a start would refuse although each setting may be what it is."""
    _refused(lambda: modes.check(settings), findings)
    _refused(lambda: build_ciphers(settings), findings)
    _refused(lambda: build_receivers(settings), findings)
    _refused(lambda: build_notifiers(settings), findings)
    _refused(lambda: check_issuers(settings), findings)
    _refused(lambda: check_client_certs(settings), findings)


def store_of(settings: Settings, findings: list[Finding]) -> Store | None:
    """Return the store that the settings name, untouched, or say why there is none."""
    stores: list[Store] = []
    if not _refused(lambda: stores.append(build_store(settings)), findings):
        _refused(lambda: modes.check_workers(stores[0], settings), findings)
    return stores[0] if stores else None


def _with_or_without_file(
    environment: Mapping[str, str], findings: list[Finding]
) -> dict[str, str]:
    """Return what names the settings file, or what names none when it cannot be read."""
    named = {_CONFIG: environment[_CONFIG]} if _CONFIG in environment else {}
    return _NO_FILE if _refused(lambda: configuration.load(named), findings) else named


def _refused(action: Callable[[], object], findings: list[Finding]) -> bool:
    """Try something, and tell whether it was refused."""
    try:
        action()
    except StartRefused as cause:
        findings.append(refusal(CHECK, cause, mend=_MEND))
        return True
    return False
