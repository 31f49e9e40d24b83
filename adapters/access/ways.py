"""Several ways to be known, side by side.

A way to authenticate is an `AccessPolicy` of its own: it finds out whose the credential is, and
returns that principal with the roles that are bound to it. Which way is asked is decided by the
kind of credential alone, so that nobody gets a second try by another way.
"""

from collections.abc import Mapping

from domain.access.caller import AnyCredential, Caller
from domain.access.credential import NOTHING_SHOWN
from domain.access.rights import Rights
from domain.errors import Cause, Unauthenticated
from domain.ports.access_policy import AccessPolicy
from domain.ports.storage import Session


class ByCredential(AccessPolicy):
    """Asks the one policy that knows the kind of credential that is shown."""

    def __init__(self, ways: Mapping[type[AnyCredential], AccessPolicy]) -> None:
        """Take the policies by the kind of credential."""
        self._ways: dict[type, AccessPolicy] = dict(ways)

    def rights(self, caller: Caller, session: Session) -> Rights:
        """Return the rights of whoever shows the credential.

        Raises:
            Unauthenticated: nothing is shown, or nothing that counts.
        """
        way = self._ways.get(type(caller.credential))
        if way is None:
            raise Unauthenticated(NOTHING_SHOWN, cause=Cause.MISSING)
        return way.rights(caller, session)
