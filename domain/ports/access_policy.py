"""Who may do what."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from domain.access.action import Action
from domain.access.caller import Caller
from domain.access.decision import Decision


class AccessPolicy(ABC):
    """Decides. Every call is decided anew, so a change of rights holds at once."""

    @abstractmethod
    def decide(self, caller: Caller, action: Action, names: Sequence[str]) -> Decision:
        """Decide on an action that touches secrets with these names; all must be allowed."""
