"""How grants stand in a column: JSON with a version. Versions are only ever added."""

from functools import lru_cache

import msgspec

from domain.access.action import Action
from domain.access.grant import EVERY_ACTION, Effect, Grant
from domain.access.pattern import NamePattern
from domain.errors import InvalidInput, UnknownFormat

VERSION = 1

EVERY = "*"
"""Stands for every action, also those that a later version adds."""


class _Grant(msgspec.Struct, forbid_unknown_fields=True):
    """One grant."""

    effect: str
    actions: list[str]
    names: list[str]


class _Grants(msgspec.Struct, forbid_unknown_fields=True):
    """All grants of a role."""

    v: int
    grants: list[_Grant]


def encode(grants: tuple[Grant, ...]) -> str:
    """Write grants."""
    written = [
        _Grant(
            effect=grant.effect.value,
            actions=_words(grant.actions),
            names=[pattern.text for pattern in grant.names],
        )
        for grant in grants
    ]
    return msgspec.json.encode(_Grants(v=VERSION, grants=written)).decode()


# What a text means never changes, so remembering it needs no proof of freshness.
@lru_cache(maxsize=256)
def decode(text: str) -> tuple[Grant, ...]:
    """Read grants.

    Raises:
        UnknownFormat: the text says something that this version does not know. Passing it over
            could be to pass over a denial.
    """
    try:
        stored = msgspec.json.decode(text, type=_Grants)
        if stored.v != VERSION:
            raise UnknownFormat("the grants of a role are in a form of another version")
        return tuple(_read(grant) for grant in stored.grants)
    except (msgspec.MsgspecError, ValueError, InvalidInput) as error:
        raise UnknownFormat("the grants of a role cannot be read") from error


def _words(actions: frozenset[Action]) -> list[str]:
    """Write actions."""
    return [EVERY] if actions == EVERY_ACTION else sorted(action.value for action in actions)


def _read(stored: _Grant) -> Grant:
    """Read one grant."""
    words = stored.actions
    return Grant(
        effect=Effect(stored.effect),
        actions=EVERY_ACTION if words == [EVERY] else frozenset(map(Action, words)),
        names=tuple(map(NamePattern, stored.names)),
    )
