"""Who hands notices over to a receiver."""

from abc import ABC, abstractmethod
from datetime import datetime

from domain.errors import Unavailable
from domain.webhooks.notice import Notice


class NotDelivered(Unavailable):
    """A notice was not taken. The message is shown to operators, and repeats no address.

    `refused` tells that the receiver is there and does not take this one notice; else none of
    them would be taken now.
    """

    def __init__(self, reason: str, *, refused: bool = False) -> None:
        super().__init__(reason)
        self.refused = refused


class Notifier(ABC):
    """Hands notices over to one receiver. It is called beside the service, and ends in time.

    A notice may come twice, after a crash, with the same id.
    """

    @abstractmethod
    def send(self, notice: Notice, *, now: datetime) -> None:
        """Hand a notice over; when this returns the receiver has it.

        Raises:
            NotDelivered: it was not taken.
        """
