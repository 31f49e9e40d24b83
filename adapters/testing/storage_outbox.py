"""The contract of the outbox: in order, one that was refused holds nothing up, and all is shown."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import timedelta
from functools import partial

from adapters.testing.examples import DAY, NOW
from domain.ports.outbox import Tally
from domain.ports.storage import Session, Storage
from domain.ports.told_secrets import ToldSecret
from domain.webhooks.delivery import TOO_MANY, TOO_OLD, Delivery, DeliveryState
from domain.webhooks.notice import Notice

SECOND = timedelta(seconds=1)


def notice(name: str = "a") -> Notice:
    """Return a notice with something in every field."""
    return Notice(
        id=f"msg_{name}",
        type="secret.created",
        at=NOW,
        summary=f"{name} 🗝",
        body='{"data":{"a":1}}',
    )


class OutboxContract:
    """Deliveries wait, are tried in order, and end."""

    def test_a_notice_is_added_for_each_of_its_receivers(self, storage: Storage) -> None:
        for of, count in ((notice(), 45), (notice("b"), 2)):
            names = [f"r{number}" for number in range(count)]
            storage.write(partial(_added, names, of)).result()
        storage.write(partial(_added, [], notice("c"))).result()
        found = _newest(storage)
        assert len({delivery.number for delivery in found}) == 47
        assert {delivery.receiver for delivery in found[:2]} == {"r0", "r1"}
        assert {delivery.receiver for delivery in found[2:]} == {f"r{n}" for n in range(45)}
        assert [delivery.notice for delivery in found] == [notice("b")] * 2 + [notice()] * 45
        assert {(delivery.due_at, delivery.state) for delivery in found} == {
            (NOW, DeliveryState.WAITING)
        }

    def test_deliveries_come_back_with_every_field(self, storage: Storage) -> None:
        _add(storage, "one", notice())
        first = _next(storage, "one")
        assert first is not None
        assert first == Delivery(number=first.number, receiver="one", notice=notice(), due_at=NOW)
        changed = replace(
            first, attempts=3, aside=True, due_at=NOW + SECOND, error="the receiver answered 500",
            state=DeliveryState.GIVEN_UP, ended_at=NOW + DAY,
        )  # fmt: skip
        _keep(storage, changed)
        assert _newest(storage) == [changed]

    def test_a_receiver_is_told_in_order_and_by_itself(self, storage: Storage) -> None:
        for name in ("a", "b"):
            _add(storage, "one", notice(name))
        _add(storage, "two", notice("c"))
        assert _told(storage, "one") == "a"
        _end(storage, "one")
        assert _told(storage, "one") == "b"
        _end(storage, "one")
        assert _told(storage, "one") is None
        assert _told(storage, "two") == "c"
        assert _told(storage, "three") is None

    def test_what_is_not_due_holds_up_what_comes_behind_it(self, storage: Storage) -> None:
        for name in ("a", "b"):
            _add(storage, "one", notice(name))
        _change(storage, "one", lambda found: replace(found, due_at=NOW + SECOND))
        assert _next(storage, "one") is None
        later = storage.read(lambda s: s.outbox.next("one", now=NOW + SECOND)).result()
        assert later is not None
        assert later.notice.id == "msg_a"

    def test_what_was_set_aside_holds_nothing_up(self, storage: Storage) -> None:
        for name in ("a", "b"):
            _add(storage, "one", notice(name))
        _change(storage, "one", lambda found: replace(found, aside=True))
        assert _told(storage, "one") == "b"
        _end(storage, "one")
        assert _told(storage, "one") == "a"
        _change(storage, "one", lambda found: replace(found, due_at=NOW + SECOND))
        assert _next(storage, "one") is None

    def test_ended_deliveries_are_forgotten_by_state_and_age(self, storage: Storage) -> None:
        for name in ("a", "b", "c"):
            _add(storage, "one", notice(name))
        _end(storage, "one")
        _end(storage, "one", DeliveryState.GIVEN_UP)

        def forget(state: DeliveryState, later: timedelta) -> int:
            return storage.write(lambda s: s.outbox.forget(state, before=NOW + later)).result()

        assert forget(DeliveryState.DELIVERED, timedelta()) == 0
        assert forget(DeliveryState.DELIVERED, SECOND) == 1
        assert [found.notice.id for found in _newest(storage)] == ["msg_c", "msg_b"]
        assert forget(DeliveryState.WAITING, DAY) == 0

    def test_what_is_too_old_is_given_up_at_once(self, storage: Storage) -> None:
        for name, age in (("a", 2 * DAY), ("b", DAY), ("c", DAY - SECOND)):
            _add(storage, "one", replace(notice(name), at=NOW - age))
        _add(storage, "two", replace(notice("d"), at=NOW - DAY))
        _change(storage, "one", lambda found: replace(found, aside=True, error="no"))

        def give_up() -> int:
            return storage.write(
                lambda s: s.outbox.give_up_older("one", than=NOW - DAY, now=NOW)
            ).result()

        assert (give_up(), give_up()) == (2, 0)
        gone = _newest(storage, DeliveryState.GIVEN_UP)
        assert [(found.notice.id, found.ended_at, found.error) for found in gone] == [
            ("msg_b", NOW, TOO_OLD), ("msg_a", NOW, TOO_OLD),
        ]  # fmt: skip
        assert (_told(storage, "one"), _told(storage, "two")) == ("c", "d")

    def test_the_oldest_beyond_a_number_are_given_up(self, storage: Storage) -> None:
        for name in ("a", "b", "c", "d"):
            _add(storage, "one", notice(name))
            _add(storage, "two", notice(f"{name}2"))
        _end(storage, "one")

        def give_up(most: int) -> int:
            return storage.write(
                lambda s: s.outbox.give_up_beyond("one", most=most, now=NOW)
            ).result()

        assert [give_up(most) for most in (4, 3, 1, 1)] == [0, 0, 2, 0]
        gone = _newest(storage, DeliveryState.GIVEN_UP)
        assert [(found.notice.id, found.ended_at, found.error) for found in gone] == [
            ("msg_c", NOW, TOO_MANY), ("msg_b", NOW, TOO_MANY),
        ]  # fmt: skip
        assert (_told(storage, "one"), _told(storage, "two")) == ("d", "a2")
        assert give_up(0) == 1

    def test_a_number_is_not_given_out_twice(self, storage: Storage) -> None:
        _add(storage, "one", notice())
        first = _next(storage, "one")
        assert first is not None
        _end(storage, "one")
        storage.write(lambda s: s.outbox.forget(DeliveryState.DELIVERED, before=NOW + DAY)).result()
        _add(storage, "one", notice("b"))
        second = _next(storage, "one")
        assert second is not None
        assert second.number > first.number

    def test_deliveries_are_counted_and_listed(self, storage: Storage) -> None:
        for name in ("a", "b", "c"):
            _add(storage, "one", notice(name))
        _add(storage, "two", replace(notice("d"), at=NOW - DAY))
        _end(storage, "one")
        waiting = DeliveryState.WAITING
        assert storage.read(lambda s: list(s.deliveries.tallies())).result() == [
            Tally(receiver="one", state=DeliveryState.DELIVERED, count=1, oldest=NOW),
            Tally(receiver="one", state=waiting, count=2, oldest=NOW),
            Tally(receiver="two", state=waiting, count=1, oldest=NOW - DAY),
        ]
        assert [found.notice.id for found in _newest(storage, limit=2)] == ["msg_d", "msg_c"]
        assert [found.notice.id for found in _newest(storage, DeliveryState.DELIVERED)] == ["msg_a"]

    def test_an_entry_that_was_undone_is_none(self, storage: Storage) -> None:
        def work(session: Session) -> None:
            session.outbox.add(["one", "two"], notice(), due_at=NOW)
            raise LookupError

        assert isinstance(storage.write(work).exception(), LookupError)
        assert _newest(storage) == []

    def test_what_was_told_of_a_secret_is_kept_by_its_permanent_id(self, storage: Storage) -> None:
        one, two, three = (letter * 16 for letter in (b"1", b"2", b"3"))

        def found() -> list[ToldSecret]:
            found = storage.read(lambda s: s.told_secrets.of([one, two, three])).result()
            assert all(uid == told.uid for uid, told in found.items())
            return sorted(found.values(), key=lambda told: told.uid)

        def told(uid: bytes, name: str, version: int) -> ToldSecret:
            return ToldSecret(uid=uid, name=name, version=version)

        a, b, c = told(one, "a", 1), told(one, "b", 2), told(three, "c", 7)
        storage.write(lambda s: s.told_secrets.keep([a])).result()
        assert found() == [a]
        storage.write(lambda s: s.told_secrets.keep([b, c])).result()
        assert found() == [b, c]
        storage.write(lambda s: s.told_secrets.forget([one, two])).result()
        assert found() == [c]

    def test_nothing_is_told_of_no_secret(self, storage: Storage) -> None:
        storage.write(lambda s: s.told_secrets.keep([])).result()
        storage.write(lambda s: s.told_secrets.forget([])).result()
        assert storage.read(lambda s: s.told_secrets.of([])).result() == {}

    def test_of_a_thousand_secrets_what_was_told_is_kept(self, storage: Storage) -> None:
        every = [
            ToldSecret(uid=number.to_bytes(16, "big"), name=f"n{number}", version=1)
            for number in range(1, 1024)
        ]
        uids = [told.uid for told in every]
        storage.write(lambda s: s.told_secrets.keep(every)).result()
        found = storage.read(lambda s: s.told_secrets.of(uids)).result()
        assert found == {told.uid: told for told in every}
        storage.write(lambda s: s.told_secrets.forget(uids)).result()
        assert storage.read(lambda s: s.told_secrets.of(uids)).result() == {}


def _add(storage: Storage, receiver: str, of: Notice) -> None:
    """Add a delivery."""
    storage.write(lambda session: session.outbox.add([receiver], of, due_at=NOW)).result()


def _added(receivers: Collection[str], of: Notice, session: Session) -> None:
    """Add a delivery for each receiver."""
    session.outbox.add(receivers, of, due_at=NOW)


def _keep(storage: Storage, delivery: Delivery) -> None:
    """Keep a delivery."""
    storage.write(lambda session: session.outbox.keep(delivery)).result()


def _next(storage: Storage, receiver: str) -> Delivery | None:
    """Return what is to be tried."""
    return storage.read(lambda session: session.outbox.next(receiver, now=NOW)).result()


def _told(storage: Storage, receiver: str) -> str | None:
    """Return the name of the notice that is to be tried."""
    found = _next(storage, receiver)
    return None if found is None else found.notice.id.removeprefix("msg_")


def _change(storage: Storage, receiver: str, change: Callable[[Delivery], Delivery]) -> None:
    """Change what is to be tried."""
    found = _next(storage, receiver)
    assert found is not None
    _keep(storage, change(found))


def _end(storage: Storage, receiver: str, state: DeliveryState = DeliveryState.DELIVERED) -> None:
    """Have what is to be tried end."""
    _change(storage, receiver, partial(replace, state=state, ended_at=NOW))


def _newest(
    storage: Storage, state: DeliveryState | None = None, limit: int = 100
) -> list[Delivery]:
    """Return the newest deliveries."""
    return storage.read(lambda s: list(s.deliveries.newest(state=state, limit=limit))).result()
