"""Who does what only one may do at a time."""

from abc import ABC, abstractmethod
from datetime import datetime


class Leases(ABC):
    """Gives a task to one holder for a while.

    A lease saves work done twice; it is no lock. A holder that was stopped for long may still
    believe in it, so the task itself must bear being done by two.
    """

    @abstractmethod
    def take(self, task: str, *, holder: str, now: datetime, until: datetime) -> bool:
        """Take or keep the task; tell whether it is the holder's now.

        It is not while another holder's time has not run out. A time that ends later than twice
        what is asked for here was set by a clock that went wrong, and does not count: else a task
        whose holder died would wait until then.
        """

    @abstractmethod
    def until(self, task: str) -> datetime | None:
        """Return when the time of the task's holder runs out or ran out, or `None` without one."""

    @abstractmethod
    def release(self, task: str, *, holder: str) -> None:
        """Give the task back before its time, if the holder has it."""
