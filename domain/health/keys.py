"""Judging the keys of a store by what is known of them, without any key material."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.health.finding import Finding, error, note, warning
from domain.keys.data_key import DataKey, KeyPurpose, KeyState
from domain.keys.root_key_record import RootKeyRecord
from domain.keys.rotation import Rotation
from domain.keys.vouching import inactive, lost

CHECK = "keys"

OLD_DAYS = 365
"""The age from which a key is worth a note when nothing is said about rotating it."""

PATIENCE = timedelta(minutes=5)
"""How long nobody may work on a rotation before that is told: workers are restarted, too."""

_USES = {
    KeyPurpose.SEAL: ("sealing", "new values cannot be stored"),
    KeyPurpose.SIGN: ("signing", "no checkpoint is signed, and no rotation ends with its receipt"),
    KeyPurpose.TOKEN: ("hashing tokens", "none can be made or recognised"),
    KeyPurpose.AUDIT: ("vouching for the audit log", "nothing is added to it"),
}

_NEWER = (KeyPurpose.TOKEN, KeyPurpose.AUDIT)
"""What a store of an earlier version need not have before the first start of this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFacts:
    """What a store knows of its keys at one moment, and what the settings ask of them.

    `values` counts what is sealed under each data key. `worked_until` is the end of the lease on
    the rotation, and `None` when nobody holds it.
    """

    now: datetime
    keys: Sequence[DataKey]
    values: Mapping[str, int]
    root_key: RootKeyRecord | None
    running: Rotation | None
    worked_until: datetime | None
    has_a_past: bool
    data_key_days: int
    root_key_days: int


def judge(facts: KeyFacts) -> Iterator[Finding]:
    """Say what is wrong with the keys."""
    if not facts.keys:
        yield _without_keys(facts)
        return
    yield from _inactive(facts)
    yield from _old(facts)
    yield from _stuck(facts)
    yield from _left_behind(facts)


def _without_keys(facts: KeyFacts) -> Finding:
    """Say what it means that there is no data key at all."""
    if facts.has_a_past or facts.root_key is not None:
        return error(
            CHECK,
            "the store has been used before but has no data keys, so no value opens",
            "restore the table 'data_keys' from a backup",
        )
    return note(CHECK, "the store has no data keys yet", "strongroom serve makes them")


def _inactive(facts: KeyFacts) -> Iterator[Finding]:
    """Say which purpose has no active key."""
    gone = lost(facts.keys)
    for purpose in inactive(facts.keys):
        if purpose in _NEWER and purpose not in gone:
            continue
        use, consequence = _USES[purpose]
        yield error(
            CHECK,
            f"no key is active for {use}, so {consequence}",
            "restore the table 'data_keys' from a backup, or see docs/audit.md"
            if purpose in gone
            else "start the server, which makes one",
        )


def _old(facts: KeyFacts) -> Iterator[Finding]:
    """Say which keys have reached their age."""
    for key in facts.keys:
        if key.state is KeyState.ACTIVE and key.purpose is KeyPurpose.SEAL:
            yield from _aged(
                "data key", key.created_at, facts.data_key_days, facts.now,
                setting="rotate_data_key_days", command="strongroom keys rotate",
            )  # fmt: skip
    if facts.root_key is not None:
        yield from _aged(
            "root key", facts.root_key.since, facts.root_key_days, facts.now,
            setting="rotate_root_key_days", command="strongroom keys rotate-root",
        )  # fmt: skip


def _aged(
    what: str, since: datetime, days: int, now: datetime, *, setting: str, command: str
) -> Iterator[Finding]:
    """Judge the age of one key."""
    age = (now - since).days
    if days and age >= days:
        yield warning(
            CHECK, f"the {what} is {age} days old, and {setting} says {days}",
            f"{command}, or start the server, which follows the schedule within the hour",
        )  # fmt: skip
    if not days and age > OLD_DAYS:
        yield note(
            CHECK, f"the {what} is {age} days old, and nothing is said about its age",
            f"{command}, or set {setting}",
        )  # fmt: skip


def _stuck(facts: KeyFacts) -> Iterator[Finding]:
    """Say whether a rotation runs that nobody works on."""
    rotation, since = facts.running, facts.now - PATIENCE
    if rotation is None or rotation.started_at > since:
        return
    if facts.worked_until is None or facts.worked_until <= since:
        yield warning(
            CHECK,
            f"rotation {rotation.id} runs but nobody works on it: {rotation.resealed} of"
            f" {rotation.total} values are moved",
            "strongroom serve goes on with it",
        )


def _left_behind(facts: KeyFacts) -> Iterator[Finding]:
    """Say which values stay under keys that were to be left."""
    if facts.running is not None:
        return
    for key in facts.keys:
        count = facts.values.get(key.id, 0)
        if key.state is KeyState.RETIRED and count:
            yield warning(
                CHECK,
                f"values still sealed under the retired key {key.id}, while no rotation runs:"
                f" {count}",
                "strongroom keys rotate; what does not open is to be stored anew or erased before",
            )
