"""The policy of local mode: whoever reaches the loopback address may do everything."""

from collections.abc import Sequence

from domain.access.action import Action
from domain.access.caller import Caller
from domain.access.decision import Allowed, Decision
from domain.ports.access_policy import AccessPolicy

LOCAL_PRINCIPAL = "local"
RULE = "local mode"


class LocalPolicy(AccessPolicy):
    """Allows every action. The HTTP guards of local mode decide who reaches it."""

    def decide(self, caller: Caller, action: Action, names: Sequence[str]) -> Decision:
        """Allow it."""
        return Allowed(rule=RULE)
