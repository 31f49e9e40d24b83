"""On every database, several processes that follow one log tell everything once."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.sql.postgresql_store import PostgresqlStore
from adapters.sql.sqlite import SqliteStorage
from application.alerts.raise_alert import RaiseAlert
from application.alerts.set_decoy import SetDecoy
from application.alerts.watch_log import WatchLog
from application.audit.follow_log import FOLLOWING, FollowLog
from application.secrets.reveal_secret import RevealSecret
from application.turn import Turns
from application.webhooks.tell_changes import TellChanges
from domain.access.pattern import NamePattern
from domain.alerts.alert import Alert
from domain.alerts.query import AlertQuery
from domain.alerts.thresholds import Thresholds
from domain.ports.storage import Session, Storage
from domain.ports.store import StoreOptions
from domain.secrets.reference import SecretId
from domain.webhooks.notice import Topic
from domain.webhooks.receiver import Receiver
from tests.fakes import CountedPace, never
from tests.house import House
from tests.tables import with_tables

Open = Callable[[], Storage]
SECRETS = 40


@pytest.fixture(params=["sqlite", "postgresql"])
def opening(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Return what opens one database, as a process of its own would."""
    if request.param == "sqlite":
        with_tables(tmp_path / "secrets.db")
        return lambda: SqliteStorage(tmp_path / "secrets.db")
    url: str = request.getfixturevalue("database")
    return lambda: PostgresqlStore.at(url, StoreOptions()).open()


@pytest.fixture
def house(opening: Open) -> Iterator[House]:
    names = (NamePattern("**"),)
    everything = Receiver(name="one", topics=frozenset(Topic), names=names)
    storage = opening()
    yield House(storage, receivers=[everything]).opened()
    storage.close()


def follower(house: House, storage: Storage, holder: str) -> FollowLog[Sequence[Alert]]:
    """Return what follows the log; it takes every turn for its own, as one that was asleep may."""
    watch_log = WatchLog(
        storage=storage,
        raise_alert=RaiseAlert(announce=house.announce, clock=house.clock),
        clock=house.clock,
        limits=Thresholds(reads=30),
    )
    tell_changes = TellChanges(
        storage=storage, announce=house.announce, clock=house.clock, give_up=timedelta(days=3)
    )

    def fold(after: int, upto: int) -> Callable[[Session], Sequence[Alert]]:
        tell, watch = tell_changes(after, upto), watch_log(after, upto)

        def keep(session: Session) -> Sequence[Alert]:
            tell(session)
            return watch(session)

        return keep

    return FollowLog(
        name=FOLLOWING,
        storage=storage,
        turns=Careless(storage=storage, clock=house.clock, holder=holder),
        macs=house.macs,
        pace=CountedPace(),
        fold=fold,
    )


class Careless(Turns):
    """Believes that it is always its turn."""

    def keep(self, task: str, length: timedelta, session: Session) -> bool:
        super().keep(task, length, session)
        return True


def test_what_several_follow_is_told_once(house: House, opening: Open) -> None:
    ended = threading.Event()
    errors: list[BaseException] = []

    def follow(holder: str) -> None:
        storage = opening()
        following = follower(house, storage, holder)
        try:
            while not ended.is_set():
                following(never)
            following(never)
        except BaseException as error:  # noqa: BLE001  shown by the test
            errors.append(error)
        finally:
            storage.close()

    threads = [threading.Thread(target=follow, args=(str(number),)) for number in range(3)]
    for thread in threads:
        thread.start()
    for number in range(SECRETS):
        house.create(f"n/{number}")
    house.run(SetDecoy(reference=SecretId(1), on=True))
    for number in range(SECRETS):
        house.run(RevealSecret(reference=SecretId(number + 1)))
    ended.set()
    for thread in threads:
        thread.join()
    assert not errors
    alerts = house.storage.read(lambda s: s.alerts.page(AlertQuery())).result()
    assert Counter(alert.rule.value for alert in alerts) == {"reads": 1, "decoy": 1}
    told = house.storage.read(lambda s: s.deliveries.newest(state=None, limit=1000)).result()
    assert Counter(one.notice.type for one in told) == {
        "secret.created": SECRETS, "alert.raised": 2,
    }  # fmt: skip
    summaries = [one.notice.summary for one in reversed(told) if "created" in one.notice.type]
    assert summaries == [
        f"the secret n/{number} was created by tester" for number in range(SECRETS)
    ]
    total = house.storage.read(
        lambda s: s.windows.total("reads", "caller tester", since=0, until=2**40)
    ).result()
    assert total == SECRETS, "nothing was counted twice"
