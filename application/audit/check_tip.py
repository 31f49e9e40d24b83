"""Seeing that the audit log ends with what a server of this store wrote."""

from collections.abc import Iterable, Iterator

from domain.audit.finding import Finding
from domain.errors import Broken
from domain.keys.data_key import DataKey, KeyPurpose
from domain.ports.storage import Session
from domain.ports.tip_mac import TipMac, require_vouched


def check_tip(session: Session, macs: TipMac) -> None:
    """Let a log pass whose tip is vouched for.

    Raises:
        Broken: it is not, or what is stored is the state of no tree.
    """
    require_vouched(macs, session.audit_tree.state(), session.audit_tip.tag())


def findings_at_tip(session: Session, macs: TipMac) -> Iterator[Finding]:
    """Say that the log does not end with what a server of this store wrote.

    A store that no version started yet that vouches for the tip has nothing to look at.
    """
    try:
        if must_be_vouched_for(session.data_keys.all()) or session.audit_tip.tag() is not None:
            check_tip(session, macs)
    except Broken as error:
        yield Finding(text=str(error))


def must_be_vouched_for(keys: Iterable[DataKey]) -> bool:
    """Tell whether a store was ever started by a version that vouches for the tip.

    Only the root key can make keys look as if it were not.
    """
    return any(key.purpose is KeyPurpose.AUDIT or key.is_of_second_form for key in keys)
