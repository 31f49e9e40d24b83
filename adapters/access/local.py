"""The policy of local mode: whoever reaches the loopback address may do everything."""

from collections.abc import Sequence

from domain.access.action import Action
from domain.access.built_in import ADMINISTRATOR, BUILT_IN
from domain.access.caller import Caller
from domain.access.decision import Allowed, Decision
from domain.access.rights import Rights
from domain.ports.access_policy import AccessPolicy
from domain.ports.storage import Session

LOCAL_PRINCIPAL = "local"
RULE = "local mode"


class Unrestricted(Rights):
    """The rights of an administrator, under a rule that says where they come from."""

    __slots__ = ()

    def decide(self, action: Action, names: Sequence[str]) -> Decision:
        """Allow it."""
        return Allowed(rule=RULE)


class LocalPolicy(AccessPolicy):
    """Allows every action. The HTTP guards of local mode decide who reaches it.

    The server's own work and the commands at the store itself run under it in guarded mode too:
    they never come with a request.
    """

    def rights(self, caller: Caller, session: Session) -> Rights:
        """Return the rights to everything, whatever is shown."""
        return Unrestricted(principal=caller.principal, roles=(BUILT_IN[ADMINISTRATOR],))
