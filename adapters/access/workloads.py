"""The policy for signed tokens: the roles that their claims are bound to."""

from application.access.claim_bindings import rights_by
from domain.access.caller import Caller
from domain.access.rights import Rights
from domain.access.signed_token import SignedToken
from domain.errors import Cause, Unauthenticated
from domain.ports.access_policy import AccessPolicy
from domain.ports.storage import Session
from domain.ports.token_verifier import TokenVerifier


class WorkloadPolicy(AccessPolicy):
    """Has the token verified, and reads in the snapshot what its claims are bound to."""

    def __init__(self, *, verifier: TokenVerifier) -> None:
        """Take what verifies."""
        self._verifier = verifier

    def rights(self, caller: Caller, session: Session) -> Rights:
        """Return the rights of whoever the issuer says that the caller is.

        Raises:
            Unauthenticated: the token does not count, or no binding fits it.
            Absent: keys of the issuer have to be fetched first; the gate does that.
        """
        token = caller.credential
        if not isinstance(token, SignedToken) or not token.is_well_formed:
            raise Unauthenticated(
                "no signed token is shown, or none that could be one", cause=Cause.MISSING
            )
        return rights_by(self._verifier.verify(token), session, shown="token")
