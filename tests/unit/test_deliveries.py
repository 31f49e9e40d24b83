"""Nothing is lost on its way to a receiver, whatever fails in between."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.turn import Turns
from application.webhooks import send_deliveries
from application.webhooks.forget_deliveries import ForgetDeliveries
from application.webhooks.send_deliveries import AT_ONCE, LEASE, SendDeliveries
from domain.access.pattern import NamePattern
from domain.ports.notifier import NotDelivered, Notifier
from domain.webhooks.delivery import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    TOO_MANY,
    TOO_OLD,
    Delivery,
    DeliveryState,
    pause,
)
from domain.webhooks.notice import Notice, Topic
from domain.webhooks.receiver import Receiver
from tests.fakes import START, never
from tests.house import House

HOUR = timedelta(hours=1)
GIVE_UP = 72 * HOUR
EVERYTHING = (NamePattern("**"),)


def receiver(
    name: str = "one", topic: Topic = Topic.CHANGES, names: Sequence[NamePattern] = EVERYTHING
) -> Receiver:
    return Receiver(name=name, topics=frozenset({topic}), names=tuple(names))


class ListNotifier(Notifier):
    """Keeps what it is handed, unless it is told to fail."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.fails: Callable[[Notice], Exception | None] = lambda _notice: None

    def send(self, notice: Notice, *, now: datetime) -> None:
        assert now.tzinfo is not None
        error = self.fails(notice)
        if error is not None:
            raise error
        self.got.append(notice.summary)


class Post:
    """A house with receivers, and what sends to them."""

    def __init__(self, house: House, *names: str) -> None:
        self.house = house
        self.notifiers = {name: ListNotifier() for name in names or ("one",)}
        self.given_up: list[Delivery] = []
        self.given_up_at_once: list[tuple[str, int, str]] = []

    def tell(self, summary: str, name: str | None = None) -> None:
        """Announce something."""
        self.house.storage.write(
            lambda session: self.house.announce(
                session, Topic.CHANGES, kind="secret.created", at=self.house.clock.now(),
                summary=summary, data={"name": name}, names=() if name is None else (name,),
            )
        ).result()  # fmt: skip

    def send(self, *, holder: str = "this process", stopping: Callable[[], bool] = never) -> None:
        """Send what is due."""
        house = self.house
        SendDeliveries(
            storage=house.storage,
            clock=house.clock,
            randomness=house.randomness,
            turns=Turns(storage=house.storage, clock=house.clock, holder=holder),
            notifiers=self.notifiers,
            give_up=GIVE_UP,
            told=self.given_up.append,
            told_many=lambda *what: self.given_up_at_once.append(what),
        )(stopping)

    def deliveries(self) -> list[Delivery]:
        """Return all deliveries, the newest first."""
        read = self.house.storage.read(lambda s: s.deliveries.newest(state=None, limit=1000))
        return list(read.result())


@pytest.fixture
def post(house: House) -> Post:
    house.receivers[:] = [receiver()]
    return Post(house)


def away(_notice: Notice) -> Exception:
    return NotDelivered("away")


def test_what_is_told_is_sent_once_and_in_order(post: Post) -> None:
    for word in ("a", "b", "c"):
        post.tell(word)
    post.send()
    post.send()
    assert post.notifiers["one"].got == ["a", "b", "c"]
    assert {found.state for found in post.deliveries()} == {DeliveryState.DELIVERED}


def test_only_who_wants_to_be_told_is(house: House) -> None:
    house.receivers[:] = [
        receiver("all"),
        receiver("prod", names=[NamePattern("prod/**")]),
        receiver("other", Topic.ALERTS),
    ]
    post = Post(house, "all", "prod", "other")
    post.tell("x", "dev/x")
    post.tell("y", "prod/y")
    post.tell("z")
    post.send()
    got = {name: notifier.got for name, notifier in post.notifiers.items()}
    assert got == {"all": ["x", "y", "z"], "prod": ["y", "z"], "other": []}


def test_one_notice_has_one_id_for_all_and_a_body_of_the_standards_form(house: House) -> None:
    house.receivers[:] = [receiver("a"), receiver("b")]
    post = Post(house, "a", "b")
    post.tell("x", "dev/x")
    first, second = post.deliveries()
    assert first.notice == second.notice
    assert json.loads(first.notice.body) == {
        "type": "secret.created",
        "timestamp": "2026-11-23T12:00:00.000000Z",
        "summary": "x",
        "data": {"name": "dev/x"},
    }
    assert "." not in first.notice.id


def test_a_receiver_that_is_away_gets_everything_in_order_when_it_is_back(post: Post) -> None:
    notifier = post.notifiers["one"]
    notifier.fails = away
    for word in ("a", "b"):
        post.tell(word)
    post.send()
    post.tell("c")
    post.send()
    attempts = [found.attempts for found in post.deliveries()]
    assert attempts == [0, 0, 1], "the others wait behind the first"
    notifier.fails = lambda _notice: None
    post.house.clock.advance(HOUR)
    post.send()
    assert notifier.got == ["a", "b", "c"]


def test_what_a_receiver_refuses_holds_nothing_up_and_is_tried_again(post: Post) -> None:
    notifier = post.notifiers["one"]
    notifier.fails = lambda notice: (
        NotDelivered("no", refused=True) if notice.summary == "a" else None
    )
    for word in ("a", "b"):
        post.tell(word)
    post.send()
    assert notifier.got == ["b"]
    notifier.fails = lambda _notice: None
    post.house.clock.advance(HOUR)
    post.send()
    assert notifier.got == ["b", "a"]


def test_one_receiver_that_is_away_does_not_keep_another_waiting(house: House) -> None:
    house.receivers[:] = [receiver("away"), receiver("there")]
    post = Post(house, "away", "there")
    post.notifiers["away"].fails = away
    post.tell("a")
    post.send()
    assert post.notifiers["there"].got == ["a"]


def test_a_notice_is_given_up_after_its_age_and_shown(post: Post) -> None:
    notifier = post.notifiers["one"]
    notifier.fails = away
    post.tell("a")
    post.house.clock.advance(GIVE_UP - timedelta(seconds=1))
    post.send()
    assert not post.given_up
    post.house.clock.advance(HOUR)
    post.send()
    (found,) = post.deliveries()
    assert post.given_up == [found]
    assert (found.state, found.error, found.attempts) == (DeliveryState.GIVEN_UP, "away", 2)
    post.tell("b")
    notifier.fails = lambda _notice: None
    post.send()
    assert notifier.got == ["b"]


def test_a_receiver_that_stays_away_holds_the_others_up_once_a_round(house: House) -> None:
    """Each attempt may take as long as the settings let it, also with what is too old already."""
    house.receivers[:] = [receiver("away"), receiver("there")]
    post = Post(house, "away", "there")
    asked: list[str] = []

    def count(notice: Notice) -> Exception:
        asked.append(notice.id)
        return NotDelivered("away")

    post.notifiers["away"].fails = count
    for word in ("a", "b", "c"):
        post.tell(word)
    house.clock.advance(GIVE_UP)
    post.send()
    assert (len(asked), post.notifiers["there"].got) == (1, ["a", "b", "c"])
    post.send()
    post.send()
    assert len(asked) == 1, "what is too old goes at once, not one for each time limit"
    assert [found.notice.summary for found in post.given_up] == ["a"]
    assert post.given_up_at_once == [("away", 2, TOO_OLD)]


def test_after_a_last_attempt_what_is_younger_waits_on(post: Post) -> None:
    post.notifiers["one"].fails = away
    for word in ("a", "b"):
        post.tell(word)
    post.house.clock.advance(GIVE_UP)
    post.tell("c")
    post.send()
    states = [(found.notice.summary, found.state, found.error) for found in post.deliveries()]
    assert states == [
        ("c", DeliveryState.WAITING, None),
        ("b", DeliveryState.GIVEN_UP, TOO_OLD),
        ("a", DeliveryState.GIVEN_UP, "away"),
    ]
    post.notifiers["one"].fails = lambda _notice: None
    post.send()
    assert post.notifiers["one"].got == ["c"]


def test_a_receiver_that_is_back_is_told_also_of_what_is_old(post: Post) -> None:
    """A server that was off for days has tried nothing yet."""
    for word in ("a", "b"):
        post.tell(word)
    post.house.clock.advance(2 * GIVE_UP)
    post.send()
    assert (post.notifiers["one"].got, post.given_up_at_once) == (["a", "b"], [])


def test_no_more_wait_than_may(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.receivers[:] = [receiver("one"), receiver("two")]
    post = Post(house, "one", "two")
    monkeypatch.setattr(send_deliveries, "MOST_WAITING", 3)
    post.notifiers["two"].fails = away
    for number in range(3):
        post.tell(str(number))
    post.send()
    assert post.given_up_at_once == []
    for number in range(3, 8):
        post.tell(str(number))
    house.clock.advance(HOUR)
    post.send()
    assert post.given_up_at_once == [("one", 2, TOO_MANY), ("two", 5, TOO_MANY)]
    assert post.notifiers["one"].got == ["0", "1", "2", "5", "6", "7"]
    waiting = [found for found in post.deliveries() if found.state is DeliveryState.WAITING]
    assert [found.notice.summary for found in waiting] == ["7", "6", "5"]


def test_a_defect_of_a_notifier_is_an_attempt_that_failed(post: Post) -> None:
    post.notifiers["one"].fails = lambda _notice: KeyError("hidden")
    post.tell("a")
    post.send()
    (found,) = post.deliveries()
    assert (found.error, found.aside) == ("internal error (KeyError)", True)


def test_a_crash_after_the_attempt_sends_it_again_with_the_same_id(post: Post) -> None:
    sent: list[str] = []

    class Crash(BaseException):
        """The process ends."""

    def crash(notice: Notice) -> Exception | None:
        sent.append(notice.id)
        if len(sent) == 1:
            raise Crash
        return None

    post.notifiers["one"].fails = crash
    post.tell("a")
    with pytest.raises(Crash):
        post.send()
    post.house.clock.advance(LEASE)
    post.send(holder="two")
    assert len(sent) == 2
    assert len(set(sent)) == 1


def test_one_process_at_a_time_sends_to_a_receiver(post: Post) -> None:
    house = post.house
    other = Turns(storage=house.storage, clock=house.clock, holder="two")
    post.tell("a")
    with other.taken("webhook one", LEASE):
        post.send()
        assert not post.notifiers["one"].got
    post.send()
    assert post.notifiers["one"].got == ["a"]


def test_who_has_lost_its_turn_stops(post: Post) -> None:
    house = post.house

    def stolen(_notice: Notice) -> Exception | None:
        house.clock.advance(2 * LEASE)
        other = Turns(storage=house.storage, clock=house.clock, holder="two")
        assert house.storage.write(lambda s: other.keep("webhook one", LEASE, s)).result()
        return None

    post.notifiers["one"].fails = stolen
    for word in ("a", "b"):
        post.tell(word)
    post.send()
    assert post.notifiers["one"].got == ["a"]


def test_a_long_line_takes_turns_and_a_stopping_process_ends_soon(post: Post) -> None:
    for number in range(AT_ONCE + 1):
        post.tell(str(number))
    post.send(stopping=lambda: True)
    assert not post.notifiers["one"].got
    post.send()
    assert len(post.notifiers["one"].got) == AT_ONCE
    post.send()
    assert len(post.notifiers["one"].got) == AT_ONCE + 1


def test_what_ended_long_ago_is_forgotten_and_what_waits_is_not(post: Post) -> None:
    post.tell("a")
    post.send()
    post.notifiers["one"].fails = away
    post.tell("b")
    forget = ForgetDeliveries(storage=post.house.storage, clock=post.house.clock)
    forget()
    assert len(post.deliveries()) == 2
    post.house.clock.advance(timedelta(days=100))
    forget()
    assert [found.notice.summary for found in post.deliveries()] == ["b"]


def test_a_checkpoint_is_told_in_the_transaction_that_makes_it(house: House) -> None:
    house.receivers[:] = [receiver(topic=Topic.CHECKPOINTS)]
    house.create("n")
    made = house.make_checkpoint()
    assert made is not None
    (found,) = Post(house).deliveries()
    data = json.loads(found.notice.body)["data"]
    assert data == {"size": made.size, "root": made.root.hex(), "note": made.note}
    assert found.notice.at == START


@given(st.integers(0, 10**6), st.floats(0, 1))
def test_pauses_grow_to_an_hour_and_differ_by_chance(failures: int, share: float) -> None:
    assert FIRST_PAUSE / 2 <= pause(failures, share) <= LONGEST_PAUSE
    assert pause(failures, share) <= pause(failures + 1, share)
    assert pause(0, 1) == FIRST_PAUSE
    assert pause(1, 1) == 2 * FIRST_PAUSE
    assert pause(50, 0) == LONGEST_PAUSE / 2
