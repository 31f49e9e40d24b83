"""Who may do what."""

from abc import ABC, abstractmethod

from domain.access.caller import Caller
from domain.access.rights import Rights
from domain.ports.storage import Session


class AccessPolicy(ABC):
    """Finds out who calls and what that caller may do."""

    @abstractmethod
    def rights(self, caller: Caller, session: Session) -> Rights:
        """Return the rights as they are in the session's snapshot, so that a change holds at once.

        Raises:
            Unauthenticated: nobody is known by what the caller shows.
        """
