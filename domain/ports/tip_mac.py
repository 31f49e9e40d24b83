"""Vouching for the tip of the audit log, so that nobody else can put one there."""

import hmac
from abc import ABC, abstractmethod

from domain.audit.merkle import TreeState
from domain.audit.tip import TipTag
from domain.errors import Broken, KeyUnavailable

UNVOUCHED = (
    "the audit log ends with something that no server of this store wrote, so nothing is added to"
    " it; run 'strongroom audit verify', and see docs/audit.md before you go on"
)
"""What is said wherever a tip is not believed."""


class TipMac(ABC):
    """Makes a MAC under a key that is derived from a data key, which no database holds."""

    @abstractmethod
    def compute(self, tree: TreeState, *, key_id: str) -> bytes:
        """Return the MAC over a tip, for the data key of an id.

        Raises:
            KeyUnavailable: the data key is not at hand.
        """


def vouched(macs: TipMac, tree: TreeState, *, key_id: str) -> TipTag:
    """Return a tag for a tip.

    Raises:
        KeyUnavailable: the data key is not at hand.
    """
    return TipTag(key_id=key_id, mac=macs.compute(tree, key_id=key_id))


def require_vouched(macs: TipMac, tree: TreeState, tag: TipTag | None) -> None:
    """Let a tip pass that a server of this store wrote.

    The tag may name any data key: nobody without the root key can make a MAC under one of them.

    Raises:
        Broken: there is no tag, it does not fit, or it names a key that is not the store's.
    """
    if tag is None:
        raise Broken(UNVOUCHED)
    try:
        expected = macs.compute(tree, key_id=tag.key_id)
    except KeyUnavailable as error:
        raise Broken(UNVOUCHED) from error
    if not hmac.compare_digest(expected, tag.mac):
        raise Broken(UNVOUCHED)
