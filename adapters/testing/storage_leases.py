"""The contract of leases."""

from datetime import datetime
from functools import partial

from adapters.testing.examples import DAY, NOW
from domain.ports.storage import Session, Storage


class LeaseContract:
    """A task has one holder, until its time has run out."""

    def test_a_lease_is_held_until_its_time_has_run_out(self, storage: Storage) -> None:
        def take(holder: str, now: datetime) -> bool:
            return storage.write(
                lambda s: s.leases.take("task", holder=holder, now=now, until=now + DAY)
            ).result()

        assert take("one", NOW)
        assert not take("other", NOW + DAY / 2)
        assert take("one", NOW + DAY / 2)
        assert not take("other", NOW + DAY)
        assert take("other", NOW + DAY + DAY / 2)
        assert not take("one", NOW + DAY + DAY / 2)

    def test_the_end_of_a_lease_is_known_also_when_it_has_passed(self, storage: Storage) -> None:
        def until() -> datetime | None:
            return storage.read(lambda s: s.leases.until("task")).result()

        assert until() is None
        for end in (NOW + DAY, NOW - DAY):
            storage.write(partial(_take_lease, end)).result()
            assert until() == end
        storage.write(lambda s: s.leases.release("task", holder="one")).result()
        assert until() is None

    def test_a_lease_of_a_clock_that_went_wrong_is_taken_over(self, storage: Storage) -> None:
        def take(holder: str, now: datetime) -> bool:
            return storage.write(
                lambda s: s.leases.take("task", holder=holder, now=now, until=now + DAY)
            ).result()

        assert take("ahead", NOW + DAY)
        assert not take("other", NOW)
        assert take("far ahead", NOW + 9 * DAY)
        assert take("other", NOW)

    def test_a_lease_is_given_back_by_its_holder_only(self, storage: Storage) -> None:
        def take(holder: str) -> bool:
            return storage.write(
                lambda s: s.leases.take("task", holder=holder, now=NOW, until=NOW + DAY)
            ).result()

        def release(holder: str) -> None:
            storage.write(lambda s: s.leases.release("task", holder=holder)).result()

        release("nobody")
        assert take("one")
        release("other")
        assert not take("other")
        release("one")
        assert take("other")


def _take_lease(until: datetime, session: Session) -> None:
    """Take or keep a task."""
    session.leases.take("task", holder="one", now=NOW, until=until)
