"""The policy for those of whom others vouch: the roles that what is said of them is bound to."""

from typing import Generic

from application.access.claim_bindings import rights_by
from domain.access.caller import Caller
from domain.access.rights import Rights
from domain.errors import Cause, Unauthenticated
from domain.ports.access_policy import AccessPolicy
from domain.ports.storage import Session
from domain.ports.verifier import Shown, Verifier


class VouchedPolicy(AccessPolicy, Generic[Shown]):
    """Has what is shown verified, and reads in the snapshot what its claims are bound to."""

    def __init__(self, kind: type[Shown], *, verifier: Verifier[Shown], called: str) -> None:
        """Take the kind of credential, what verifies it, and what the audit log calls it."""
        self._kind = kind
        self._verifier = verifier
        self._called = called

    def rights(self, caller: Caller, session: Session) -> Rights:
        """Return the rights of whoever the credential is said to be.

        Raises:
            Unauthenticated: the credential does not count, or no binding fits it.
            Absent: keys of the issuer have to be fetched first; the gate does that.
        """
        shown = caller.credential
        if not isinstance(shown, self._kind) or not shown.is_well_formed:
            raise Unauthenticated(
                f"no {self._called} is shown, or none that could be one", cause=Cause.MISSING
            )
        return rights_by(self._verifier.verify(shown), session, shown=self._called)
