"""Ordinary use raises no alert; each kind of unusual use raises one, once within its quiet time."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.memory import MemoryStorage
from application.alerts.raise_alert import RaiseAlert
from application.alerts.set_decoy import SetDecoy, SetDecoyUseCase
from application.alerts.watch_log import WatchLog
from application.audit.follow_log import BATCH, FOLLOWING, FollowLog
from application.secrets.read_secret import ReadSecret
from application.secrets.reveal_secret import RevealSecret
from domain.access.action import Action
from domain.access.credential import Credential
from domain.access.pattern import NamePattern
from domain.alerts.alert import Alert, Rule, Severity
from domain.alerts.habit import Habit
from domain.alerts.query import AlertQuery
from domain.alerts.sighting import Sighting
from domain.alerts.thresholds import Thresholds
from domain.alerts.watching import decoy_touched
from domain.audit.event import Outcome
from domain.errors import InvalidInput, NotFound, Unauthenticated
from domain.secrets.reference import SecretId
from domain.webhooks.notice import Topic
from domain.webhooks.receiver import Receiver
from tests.fakes import CALLER, START, CountedPace, ListedPolicy, never
from tests.house import SOMEBODY, House

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
LIMITS = Thresholds(reads=10, denials=5)
OFF = Thresholds(
    reads=0, denials=0, first_reads=False, unusual_hours=False, decoys=False,
)  # fmt: skip


class Watch:
    """A house that is watched."""

    def __init__(self, house: House, limits: Thresholds = LIMITS) -> None:
        self.house = house
        self.raised: list[Alert] = []
        watch_log = WatchLog(
            storage=house.storage,
            raise_alert=RaiseAlert(announce=house.announce, clock=house.clock),
            clock=house.clock,
            limits=limits,
        )
        self.follow = FollowLog(
            name=FOLLOWING, storage=house.storage, turns=house.turns, macs=house.macs,
            pace=CountedPace(), fold=watch_log, told=self.raised.extend,
        )  # fmt: skip

    def look(self) -> list[Rule]:
        """Watch what was done since, and return which rules have raised alerts since."""
        self.raised.clear()
        self.follow(never)
        return [alert.rule for alert in self.raised]

    def reveal(self, secret: int = 1, *, who: str = "app", times: int = 1) -> None:
        """Have a caller read a value."""
        caller = replace(CALLER, principal=who)
        for _ in range(times):
            self.house.gate.run(caller, RevealSecret(reference=SecretId(secret)))

    def alerts(self) -> Sequence[Alert]:
        """Return all alerts."""
        return self.house.storage.read(lambda s: s.alerts.page(AlertQuery())).result()

    def days_pass(self, days: int, *, each_day: Callable[[], object]) -> list[Rule]:
        """Play ordinary days; return what was raised."""
        seen: list[Rule] = []
        for _ in range(days):
            each_day()
            seen += self.look()
            self.house.clock.advance(DAY)
        return seen


@pytest.fixture
def watch(house: House) -> Watch:
    house.create("a")
    house.create("b")
    return Watch(house)


def test_ordinary_days_raise_nothing(watch: Watch) -> None:
    def day() -> None:
        watch.reveal(1, who="app", times=3)
        watch.reveal(2, who="other")

    assert watch.days_pass(20, each_day=day) == []


def test_many_reads_of_one_caller_are_told_once_while_it_is_quiet(watch: Watch) -> None:
    watch.reveal(times=9)
    assert watch.look() == []
    watch.reveal(who="other", times=9)
    assert watch.look() == []
    watch.reveal()
    assert watch.look() == [Rule.READS]
    watch.reveal(times=3)
    assert watch.look() == []
    (alert,) = watch.alerts()
    assert alert.repeats == 1
    assert alert.details["count"] == 10
    watch.house.clock.advance(HOUR)
    watch.reveal(times=10)
    assert watch.look() == [Rule.READS]


def test_reads_that_lie_further_apart_than_the_window_are_no_burst(watch: Watch) -> None:
    for _ in range(5):
        watch.reveal(times=5)
        watch.house.clock.advance(timedelta(minutes=10))
        assert watch.look() == []


def test_what_the_server_does_itself_is_not_counted(watch: Watch) -> None:
    inside = replace(CALLER, address="-")
    for _ in range(50):
        watch.house.gate.run(inside, RevealSecret(reference=SecretId(1)))
    assert watch.look() == []


def test_denials_are_counted_by_caller(watch: Watch) -> None:
    watch.house.policy._refused.add("a")  # type: ignore[attr-defined]
    for number in range(5):
        with pytest.raises(Exception, match=r"policy|no such"):
            watch.reveal()
        assert watch.look() == ([Rule.DENIALS] if number == 4 else [])
    assert watch.alerts()[0].key == "caller app"


def test_unknown_credentials_are_counted_by_address() -> None:
    house = House(storage=MemoryStorage(), guarded=True).opened()
    watch = Watch(house)
    for number in range(5):
        with pytest.raises(Unauthenticated):
            house.run_as(Credential.minted(bytes([number] * 32)), ReadSecret(reference=SecretId(1)))
    assert watch.look() == [Rule.DENIALS]
    assert watch.alerts()[0].key == f"address {SOMEBODY.address}"


def test_a_known_caller_that_reads_an_old_secret_for_the_first_time_is_told(watch: Watch) -> None:
    def day() -> None:
        watch.reveal(1, who="app")
        watch.reveal(2, who="other")

    assert watch.days_pass(15, each_day=day) == []
    watch.reveal(2, who="app")
    assert watch.look() == [Rule.FIRST_READ]
    assert "b" in watch.alerts()[0].summary
    watch.reveal(2, who="app")
    assert watch.look() == []


@pytest.mark.parametrize(
    ("patterns", "raised"),
    [
        ({"of all": "**"}, 1),
        ({"of a": "a/**", "of b": "b/**"}, 2),
        ({"of a": "a/**", "of all": "**"}, 2),
        ({"of none": "c/**"}, 1),
    ],
    ids=["one that wants all", "one for each", "one wants all and one some", "nobody wants them"],
)
def test_no_receiver_misses_a_first_reading_because_another_was_told(
    patterns: dict[str, str], raised: int
) -> None:
    receivers = [
        Receiver(name=name, topics=frozenset({Topic.ALERTS}), names=(NamePattern(pattern),))
        for name, pattern in patterns.items()
    ]
    watch = Watch(House(storage=MemoryStorage(), receivers=receivers).opened())
    names = ["own", "a/1", "a/2", "b/1", "b/2"]
    numbers = [watch.house.create(name).id for name in names]

    def day() -> None:
        watch.reveal(numbers[0], who="app")
        for number in numbers[1:]:
            watch.reveal(number, who="other")

    assert watch.days_pass(15, each_day=day) == []
    for number in numbers[1:]:
        watch.reveal(number, who="app")
    assert watch.look() == [Rule.FIRST_READ] * raised
    sent = watch.house.storage.read(lambda s: s.deliveries.newest(state=None, limit=99)).result()
    told = {each.receiver for each in sent}
    assert told == {name for name, pattern in patterns.items() if pattern != "c/**"}


def test_a_first_reading_from_two_addresses_is_one(watch: Watch) -> None:
    def day() -> None:
        watch.reveal(1)
        watch.reveal(2, who="other")

    watch.days_pass(15, each_day=day)
    watch.reveal(2)
    elsewhere = replace(CALLER, principal="app", address="10.0.0.9")
    watch.house.gate.run(elsewhere, RevealSecret(reference=SecretId(2)))
    assert watch.look() == [Rule.FIRST_READ]
    assert watch.alerts()[0].repeats == 0


def test_a_new_secret_and_a_new_caller_are_nothing_unusual(watch: Watch) -> None:
    watch.days_pass(15, each_day=lambda: watch.reveal(1, who="app"))
    watch.house.create("new")
    watch.reveal(3, who="app")
    watch.reveal(3, who="newcomer")
    assert watch.look() == []
    watch.reveal(1, who="newcomer")
    assert watch.look() == []


def test_a_read_at_an_hour_that_is_not_a_callers_is_told_once(watch: Watch) -> None:
    watch.days_pass(15, each_day=watch.reveal)
    watch.house.clock.advance(HOUR)
    watch.reveal()
    assert watch.look() == []
    watch.house.clock.advance(11 * HOUR)
    watch.reveal()
    assert watch.look() == [Rule.UNUSUAL_HOUR]
    watch.reveal()
    assert watch.look() == []


def test_few_days_are_no_habit() -> None:
    habit = Habit(principal="p", since=START)
    for days in (0, 10, 20, 30):
        habit = habit.after(START + days * DAY)
    assert habit.days == 4
    night = START + 30 * DAY + 12 * HOUR
    assert not habit.is_unusual(night, timedelta(days=14))
    assert habit.after(START + 31 * DAY).is_unusual(night + 2 * DAY, timedelta(days=14))
    assert not Habit(principal="p", since=START).is_known(night, timedelta(0))


def test_a_habit_bears_days_that_come_out_of_order() -> None:
    habit = Habit(principal="p", since=START).after(START).after(START - DAY)
    assert (habit.since, habit.days) == (START - DAY, 1)


def test_a_decoy_that_is_touched_is_told_at_once(watch: Watch) -> None:
    watch.reveal(2)
    watch.house.run(SetDecoy(reference=SecretId(2), on=True))
    assert watch.look() == [], "what was done before is none of its business"
    watch.house.run(ReadSecret(reference=SecretId(2)))
    assert watch.look() == [], "everybody comes past the metadata"
    watch.reveal(2)
    assert watch.look() == [Rule.DECOY]
    assert watch.alerts()[0].severity is Severity.CRITICAL
    watch.reveal(2)
    assert watch.look() == []
    watch.reveal(2, who="another")
    assert watch.look() == [Rule.DECOY]
    watch.reveal(1)
    watch.house.run(SetDecoy(reference=SecretId(2), on=False))
    watch.house.clock.advance(2 * HOUR)
    watch.reveal(2)
    assert watch.look() == []


def test_a_denied_try_at_a_decoy_is_told(house: House) -> None:
    house.create("a")
    house.run(SetDecoy(reference=SecretId(1), on=True))
    watch = Watch(house)
    policy = house.policy
    assert isinstance(policy, ListedPolicy)
    policy._refused.add("a")
    with pytest.raises(Exception, match=r"policy|no such"):
        watch.reveal()
    assert watch.look() == [Rule.DECOY]


def test_setting_a_decoy_twice_keeps_the_first_and_says_nothing(house: House) -> None:
    made = house.create("a")
    assert house.run(SetDecoy(reference=SecretId(1), on=True))
    assert not house.run(SetDecoy(reference=SecretId(1), on=True))
    (decoy,) = house.storage.read(lambda s: s.decoys.all()).result()
    assert (decoy.uid, decoy.name, decoy.set_by) == (made.uid, "a", CALLER.principal)
    assert house.run(SetDecoy(reference=SecretId(1), on=False))
    assert not house.run(SetDecoy(reference=SecretId(1), on=False))
    assert house.run(ReadSecret(reference=SecretId(1))) == made
    with pytest.raises(NotFound):
        house.run(SetDecoy(reference=SecretId(9), on=True))
    with pytest.raises(TypeError):
        house.storage.read(
            lambda s: SetDecoyUseCase(clock=house.clock).perform(
                SetDecoy(reference=SecretId(1), on=True), None, s
            )
        ).result()


def test_rules_that_are_off_say_nothing(house: House) -> None:
    house.create("a")
    house.run(SetDecoy(reference=SecretId(1), on=True))
    watch = Watch(house, OFF)
    seen = watch.days_pass(15, each_day=lambda: watch.reveal(times=20))
    house.clock.advance(12 * HOUR)
    watch.reveal(times=20)
    assert seen + watch.look() == []


def test_a_log_of_long_ago_only_teaches(watch: Watch) -> None:
    watch.reveal(times=50)
    watch.house.clock.advance(2 * DAY)
    assert watch.look() == []
    watch.house.clock.advance(13 * DAY)
    watch.reveal(2, who="other")
    watch.house.clock.advance(15 * DAY)
    watch.reveal(2)
    assert watch.look() == [Rule.FIRST_READ]


def test_an_alert_goes_to_receivers_of_its_secret_only(house: House) -> None:
    house.receivers[:] = [
        Receiver(name=name, topics=frozenset({Topic.ALERTS}), names=(NamePattern(pattern),))
        for name, pattern in (("all", "**"), ("b", "b"))
    ]
    house.create("a")
    house.run(SetDecoy(reference=SecretId(1), on=True))
    watch = Watch(house)
    watch.reveal(times=10)
    assert sorted(watch.look(), key=str) == [Rule.DECOY, Rule.READS]
    found = house.storage.read(lambda s: s.deliveries.newest(state=None, limit=9)).result()
    told = sorted((one.receiver, json.loads(one.notice.body)["data"]["rule"]) for one in found)
    assert told == [("all", "decoy"), ("all", "reads"), ("b", "reads")]
    assert {one.notice.type for one in found} == {"alert.raised"}


def test_a_long_stretch_raises_an_alert_once(watch: Watch) -> None:
    watch.reveal(times=BATCH + 20)
    assert watch.look() == [Rule.READS]


def test_a_sighting_without_a_secret_touches_no_decoy() -> None:
    sighting = Sighting(
        minute=0, principal="p", address="10.0.0.1", action=Action.REVEAL, outcome=Outcome.DONE,
        uid=None, name=None, count=1, first=1,
    )  # fmt: skip
    (found,) = decoy_touched(sighting, LIMITS)
    assert found.key.startswith("decoy  p")


def test_a_query_beyond_its_bounds_is_refused() -> None:
    for limit, before in ((0, None), (1001, None), (1, 0)):
        with pytest.raises(InvalidInput):
            AlertQuery(limit=limit, before=before)
