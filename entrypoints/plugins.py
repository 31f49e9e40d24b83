"""Adapters by name: what the installed packages offer, and loading the one that is named.

A package offers an adapter with an entry point; those that ship with Strongroom are offered the
same way. Nothing is imported before it is named, and nothing takes the place of what fails.
"""

import sys
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from typing import Any

from domain.errors import StartRefused, StrongroomError
from entrypoints.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Adapters of one port, and the setting that chooses one of them, or any number."""

    name: str
    setting: str
    chosen: Callable[[Settings], Collection[str]]


CIPHERS = Group(
    name="strongroom.ciphers",
    setting="cipher",
    chosen=lambda settings: (settings.cipher,),
)
ROOT_KEYS = Group(
    name="strongroom.root_keys",
    setting="root_key",
    chosen=lambda settings: (settings.root_key_uri.partition(":")[0],),
)
STORAGE = Group(
    name="strongroom.storage",
    setting="database_url",
    chosen=lambda settings: (settings.store_url.partition(":")[0],),
)
NOTIFIERS = Group(
    name="strongroom.notifiers",
    setting="receivers",
    chosen=lambda settings: {one.url.partition(":")[0] for one in settings.receivers},
)
BACKUP_PLACES = Group(
    name="strongroom.backup_places",
    setting="backup_place",
    chosen=lambda settings: (settings.backup_place.partition(":")[0],),
)
GROUPS = (CIPHERS, ROOT_KEYS, STORAGE, NOTIFIERS, BACKUP_PLACES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One adapter that an installed package offers. `reference` is where its object stands."""

    group: Group
    name: str
    reference: str
    package: str
    version: str

    def __str__(self) -> str:
        """Name it in a message."""
        return f"'{self.name}' of {self.package} {self.version} ({self.group.name})"


def offers(group: Group) -> Sequence[Offer]:
    """Return everything that is offered in a group, by name, without importing any of it."""
    return _installed(tuple(sys.path))[group.name]


@cache
def _installed(_folders: tuple[str, ...]) -> Mapping[str, Sequence[Offer]]:
    """Return what the packages in these folders offer, by group.

    They are looked through once, because that opens files of each of them: a start asks for every
    adapter, and a worker asks again, which finds what was found before the fork.
    """
    entries, package_of = metadata.entry_points(), cache(_package_of)
    found: dict[str, Sequence[Offer]] = {}
    for group in GROUPS:
        offered = list[Offer]()
        for entry in entries.select(group=group.name):
            package, version = package_of(entry.dist)
            offered.append(
                Offer(
                    group=group,
                    name=entry.name,
                    reference=entry.value,
                    package=package,
                    version=version,
                )
            )
        found[group.name] = sorted(offered, key=lambda offer: (offer.name, offer.package))
    return found


def _package_of(package: metadata.Distribution | None) -> tuple[str, str]:
    """Return the name and the version of a package."""
    return (package.name, package.version) if package else ("an unknown package", "")


def by_name(group: Group) -> Mapping[str, Offer]:
    """Return what is offered in a group, by name.

    Raises:
        StartRefused: a name is offered twice, so that it would be chance which one is loaded.
    """
    found = offers(group)
    for name, times in Counter(offer.name for offer in found).items():
        if times > 1:
            both = " and ".join(str(offer) for offer in found if offer.name == name)
            raise StartRefused(f"{both} have the same name; uninstall all but one of them")
    return {offer.name: offer for offer in found}


def named(group: Group, name: str) -> Offer:
    """Return the offer of this name.

    Raises:
        StartRefused: no installed package offers it. The message does not repeat what was given:
            where a scheme is missing that may be a password.
    """
    known = by_name(group)
    if name not in known:
        raise StartRefused(
            f"no installed package offers what '{group.setting}' names;"
            f" known are {', '.join(known)}"
        )
    return known[name]


def make(offer: Offer, port: type, *arguments: object) -> Any:
    """Load what is offered, call it, and see that an adapter of the port comes out.

    Raises:
        StartRefused: it cannot be loaded or made, or is something else.
    """
    entry = metadata.EntryPoint(name=offer.name, value=offer.reference, group=offer.group.name)
    try:
        factory = entry.load()
    except (Exception, SystemExit) as error:
        raise StartRefused(
            f"{offer} cannot be loaded ({_one_line(error)}); mend the package,"
            f" or name another in '{offer.group.setting}'"
        ) from error
    try:
        adapter = factory(*arguments)
    except StrongroomError:
        raise
    except Exception as error:
        # Its words may repeat the setting, and that may hold a password.
        raise StartRefused(
            f"{offer} does not take the setting '{offer.group.setting}' ({type(error).__name__})"
        ) from error
    if not isinstance(adapter, port):
        raise StartRefused(f"{offer} gives a {type(adapter).__name__}, which is no {port.__name__}")
    return adapter


def _one_line(error: BaseException) -> str:
    """Say what went wrong on one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())
