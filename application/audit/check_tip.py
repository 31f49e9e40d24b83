"""Seeing that the audit log ends with what a server of this store wrote."""

from collections.abc import Iterator

from domain.audit.finding import Finding
from domain.audit.query import AuditQuery
from domain.errors import Broken
from domain.keys.vouching import must_be_vouched_for
from domain.ports.storage import Session
from domain.ports.tip_mac import TipMac, require_vouched


def check_tip(session: Session, macs: TipMac) -> None:
    """Let a log pass whose tip is vouched for.

    Raises:
        Broken: it is not, or what is stored is the state of no tree.
    """
    require_vouched(macs, session.audit_tree.state(), session.audit_tip.tag())


def check_end(session: Session, macs: TipMac) -> None:
    """Let a log pass whose tip is vouched for, and that has nothing behind it.

    Raises:
        Broken: it is not, or it has.
    """
    check_tip(session, macs)
    tree = session.audit_tree.state()
    for newest in session.audit.page(AuditQuery(newest=True, limit=1)):
        if newest.number > tree.size:
            raise Broken(
                f"the audit log goes on behind its tip, up to entry {newest.number} of {tree.size},"
                " and no server of this store wrote that; run 'strongroom audit verify'"
            )


def findings_at_tip(session: Session, macs: TipMac) -> Iterator[Finding]:
    """Say that the log does not end with what a server of this store wrote.

    A store that no version started yet that vouches for the tip has nothing to look at.
    """
    try:
        if must_be_vouched_for(session.data_keys.all()) or session.audit_tip.tag() is not None:
            check_end(session, macs)
    except Broken as error:
        yield Finding(text=str(error))
