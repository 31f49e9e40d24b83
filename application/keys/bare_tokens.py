"""Trying what an earlier backend sealed with the root key itself."""

from collections.abc import Sequence

from domain.errors import SealBroken
from domain.ports.root_key import BareTokenOpener, RootKey


def opens_none(root_key: RootKey, sample: Sequence[str]) -> bool:
    """Tell whether there are bare tokens and the key opens none: then it is another key."""
    return bool(sample) and not any(_opens(root_key, token) for token in sample)


def _opens(root_key: RootKey, token: str) -> bool:
    """Tell whether the key opens a bare token."""
    if not isinstance(root_key, BareTokenOpener):
        return False
    try:
        root_key.open_bare(token)
    except SealBroken:
        return False
    return True
