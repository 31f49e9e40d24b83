"""The contract of a notifier: what it hands over arrives, and what does not is said.

class TestMyNotifier(NotifierContract):
    @pytest.fixture
    def service(self) -> Iterator[Service]:
        ...
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapters.testing.storage_outbox import notice
from domain.ports.notifier import NotDelivered, Notifier


class Service(ABC):
    """A receiver that a test can look into, and can have refuse."""

    @abstractmethod
    def notifier(self) -> Notifier:
        """Return what reaches it."""

    @abstractmethod
    def arrived(self) -> int:
        """Return how many notices it has taken."""

    @abstractmethod
    def refuse(self) -> None:
        """Have it take nothing from now on."""


class NotifierContract:
    """Give the fixture `service`: one that takes notices, and is gone when the test is over."""

    @pytest.fixture
    def service(self) -> Iterator[Service]:
        """Return a receiver.

        Raises:
            NotImplementedError: the subclass has to give this fixture.
        """
        raise NotImplementedError

    def test_what_was_handed_over_is_there(self, service: Service) -> None:
        notifier = service.notifier()
        notifier.send(notice("a"), now=datetime.now(UTC))
        notifier.send(notice("b"), now=datetime.now(UTC))
        assert service.arrived() == 2

    def test_the_same_may_come_again(self, service: Service) -> None:
        notifier = service.notifier()
        notifier.send(notice("a"), now=datetime.now(UTC))
        notifier.send(notice("a"), now=datetime.now(UTC))
        assert service.arrived() >= 1

    def test_what_people_read_may_hold_anything(self, service: Service) -> None:
        odd = replace(notice("a"), summary="\x1b[31m<b>é</b> 🗝\n{{ x }} %s")
        service.notifier().send(odd, now=datetime.now(UTC))
        assert service.arrived() == 1

    def test_what_was_not_taken_is_said(self, service: Service) -> None:
        notifier = service.notifier()
        service.refuse()
        with pytest.raises(NotDelivered):
            notifier.send(notice("a"), now=datetime.now(UTC))
        assert service.arrived() == 0
