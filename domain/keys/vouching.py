"""Telling by the keys of a store whether the tip of its audit log must be vouched for."""

from collections.abc import Sequence

from domain.keys.data_key import DataKey, KeyPurpose, KeyState


def must_be_vouched_for(keys: Sequence[DataKey]) -> bool:
    """Tell whether the tip of a store must be vouched for; keys that open nothing show nothing.

    It need not be where there is no key yet, and in a store that no version started yet that
    vouches: there every key that can be opened is of the first form, and there is one. The keys
    must have been opened before, which nobody can bring about who has no root key. A row of a
    destroyed key can be made up: a store that has nothing else is none of before.
    """
    if any(key.purpose is KeyPurpose.AUDIT or key.is_of_second_form for key in keys):
        return True
    return bool(keys) and all(key.state is KeyState.DESTROYED for key in keys)


def inactive(keys: Sequence[DataKey]) -> Sequence[KeyPurpose]:
    """Return the purposes that no key is active for."""
    active = {key.purpose for key in keys if key.state is KeyState.ACTIVE}
    return [purpose for purpose in KeyPurpose if purpose not in active]


def lost(keys: Sequence[DataKey]) -> Sequence[KeyPurpose]:
    """Return the purposes whose key was there and is not any more.

    The start that vouches for the tip first leaves a key for each purpose, in the same
    transaction, and no rotation leaves one without. So what is missing later was taken away, and
    is not made anew by itself: a new key to sign with would sign for whoever took the old one.
    """
    return inactive(keys) if must_be_vouched_for(keys) else ()


def gone_text(purpose: KeyPurpose) -> str:
    """Say that the key for a purpose is lost, as the start and every look at the store do."""
    return f"the key for '{purpose.value}' is gone, and no server took it away"
