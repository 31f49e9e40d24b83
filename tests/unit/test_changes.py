"""Receivers are told of every change that was committed, once, and never of a value."""

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from application.audit.follow_log import BATCH, FOLLOWING, LEASE, FollowLog
from application.secrets.create_secret import CreateSecret
from application.secrets.delete_secret import DeleteSecret
from application.secrets.destroy_version import DestroyVersion
from application.secrets.purge_secret import PurgeSecret
from application.secrets.restore_secret import RestoreSecret
from application.secrets.restore_version import RestoreVersion
from application.secrets.reveal_secret import RevealSecret
from application.secrets.update_secret import UpdateSecret
from application.turn import Turns
from application.webhooks.tell_changes import TellChanges
from domain.access.action import Action
from domain.access.pattern import NamePattern
from domain.audit.event import AuditEvent, Outcome, Subject
from domain.errors import NameTaken, StorageUnavailable
from domain.ports.storage import Session
from domain.secrets.name import SecretName
from domain.secrets.reference import SecretId
from domain.secrets.value import SecretValue
from domain.webhooks.delivery import Delivery
from domain.webhooks.notice import Topic
from domain.webhooks.receiver import Receiver
from tests.fakes import CALLER, CountedPace, never
from tests.house import House

ONE = SecretId(1)
GIVE_UP = timedelta(hours=72)


def receiver(name: str, pattern: str) -> Receiver:
    names = (NamePattern(pattern),)
    return Receiver(name=name, topics=frozenset({Topic.CHANGES}), names=names)


@pytest.fixture
def told(house: House) -> House:
    house.receivers[:] = [receiver("all", "**")]
    return house


def telling(house: House) -> TellChanges:
    return TellChanges(
        storage=house.storage, announce=house.announce, clock=house.clock, give_up=GIVE_UP
    )


def following(
    house: House, holder: str = "one", pace: CountedPace | None = None
) -> FollowLog[None]:
    return FollowLog(
        name=FOLLOWING,
        storage=house.storage,
        turns=Turns(storage=house.storage, clock=house.clock, holder=holder),
        macs=house.macs,
        pace=pace or CountedPace(),
        fold=telling(house),
    )


def append(entry: AuditEvent, session: Session) -> None:
    session.audit.append(entry)


def deliveries(house: House) -> list[Delivery]:
    found = house.storage.read(lambda s: s.deliveries.newest(state=None, limit=1000)).result()
    return list(reversed(found))


def kinds(house: House) -> list[str]:
    return [found.notice.type for found in deliveries(house)]


def data(house: House, number: int) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(deliveries(house)[number].notice.body)["data"]
    return told


def test_each_kind_of_change_has_a_word(told: House) -> None:
    told.create("a")
    told.run(UpdateSecret(reference=ONE, description="words"))
    told.run(UpdateSecret(reference=ONE, value=SecretValue("second")))
    told.run(RestoreVersion(reference=ONE, version=1))
    told.run(DestroyVersion(reference=ONE, version=1))
    told.run(DeleteSecret(reference=ONE))
    told.run(RestoreSecret(reference=ONE))
    told.run(PurgeSecret(reference=ONE))
    told.run(CreateSecret(name=SecretName("a"), value=SecretValue("another")))
    following(told)(never)
    assert kinds(told) == [
        "secret.created", "secret.updated", "secret.rotated", "secret.rotated",
        "secret.version_destroyed", "secret.deleted", "secret.restored", "secret.purged",
        "secret.created",
    ]  # fmt: skip


def test_a_notice_says_who_and_what_and_where_it_stands_in_the_log(told: House) -> None:
    made = told.create("a", value="hidden-value")
    following(told)(never)
    number = len(told.events())
    assert data(told, 0) == {
        "name": "a", "uid": made.uid.hex(), "version": 1, "revision": 1,
        "principal": CALLER.principal, "entry": number, "request_id": CALLER.request_id,
    }  # fmt: skip
    assert "hidden" not in deliveries(told)[0].notice.body
    assert deliveries(told)[0].notice.summary == "the secret a was created by tester"


def test_what_was_not_done_is_not_told(told: House) -> None:
    told.create("a")
    with pytest.raises(NameTaken):
        told.create("a")
    told.run(RevealSecret(reference=ONE))
    following(told)(never)
    following(told)(never)
    assert kinds(told) == ["secret.created"]


def test_only_names_that_fit_are_told_and_a_rename_is_told_to_both(house: House) -> None:
    house.receivers[:] = [receiver("prod", "prod/**"), receiver("dev", "dev/**")]
    house.create("prod/a")
    following(house)(never)
    house.run(UpdateSecret(reference=ONE, name=SecretName("dev/a")))
    house.run(DeleteSecret(reference=ONE))
    following(house)(never)
    assert [(found.receiver, found.notice.type) for found in deliveries(house)] == [
        ("prod", "secret.created"),
        ("prod", "secret.updated"),
        ("dev", "secret.updated"),
        ("dev", "secret.deleted"),
    ]
    assert "prod/a" not in deliveries(house)[1].notice.body


def test_an_update_before_anything_was_told_is_an_update(told: House) -> None:
    told.create("a")
    told.storage.write(lambda s: s.feed_positions.move(FOLLOWING, s.sightings.size())).result()
    told.run(UpdateSecret(reference=ONE, value=SecretValue("second")))
    told.run(UpdateSecret(reference=ONE, value=SecretValue("third")))
    following(told)(never)
    assert kinds(told) == ["secret.updated", "secret.rotated"]


def test_changes_of_long_ago_are_not_told_but_known(told: House) -> None:
    told.create("a")
    told.clock.advance(GIVE_UP + timedelta(seconds=1))
    told.run(UpdateSecret(reference=ONE, value=SecretValue("second")))
    following(told)(never)
    assert kinds(told) == ["secret.rotated"]


def test_entries_without_a_secret_are_passed_over(told: House) -> None:
    told.create("a")
    event = told.events()[-1]
    nameless = [Subject(reference="a"), Subject(uid=b"1" * 16), Subject(name="a")]
    for subject in nameless:
        entry = type(event)(
            at=event.at, request_id="r", principal="p", address="-", action=Action.DELETE,
            outcome=Outcome.DONE, rule="-", reason=None, subject=subject,
        )  # fmt: skip
        told.storage.write(partial(append, entry)).result()
    following(told)(never)
    assert kinds(told) == ["secret.created"]


def test_an_entry_without_a_version_is_told_all_the_same(told: House) -> None:
    told.create("a")
    event = told.events()[-1]
    entry = type(event)(
        at=event.at, request_id="r", principal="p", address="-", action=Action.UPDATE,
        outcome=Outcome.DONE, rule="-", reason=None, subject=Subject(uid=b"1" * 16, name="b"),
    )  # fmt: skip
    told.storage.write(lambda s: s.audit.append(entry)).result()
    following(told)(never)
    assert kinds(told) == ["secret.created", "secret.updated"]


def test_a_long_log_is_gone_through_in_stretches_with_rests(told: House) -> None:
    told.create("a")
    for _ in range(BATCH):
        told.run(RevealSecret(reference=ONE))
    told.run(DeleteSecret(reference=ONE))
    pace = CountedPace()
    following(told, pace=pace)(never)
    assert kinds(told) == ["secret.created", "secret.deleted"]
    assert pace.rests == 1


def test_a_stretch_that_fails_is_folded_again_from_its_beginning(told: House) -> None:
    told.create("a")
    house = told
    fails = [True]
    tell_changes = telling(house)

    def fold(after: int, upto: int) -> Callable[[Session], None]:
        tell = tell_changes(after, upto)

        def keep(session: Session) -> None:
            tell(session)
            if fails.pop():
                fails.append(False)
                raise StorageUnavailable("full")

        return keep

    follow = FollowLog(
        name=FOLLOWING, storage=house.storage, turns=house.turns, macs=house.macs,
        pace=CountedPace(), fold=fold,
    )  # fmt: skip
    with pytest.raises(StorageUnavailable):
        follow(never)
    assert not deliveries(house)
    follow(never)
    assert kinds(house) == ["secret.created"]


def test_two_that_believe_it_is_their_turn_tell_once(told: House) -> None:
    told.create("a")
    other = following(told, holder="two")
    read = told.storage.read(lambda s: s.sightings.size()).result()
    slow = following(told)
    original = told.storage.write
    taken: list[bool] = []

    def write(work: Any) -> Any:
        done = original(work)
        if not taken:
            taken.append(True)
            told.clock.advance(2 * LEASE)
            other(never)
        return done

    told.storage.write = write  # type: ignore[method-assign]
    slow(never)
    assert kinds(told) == ["secret.created"]
    assert told.storage.read(lambda s: s.feed_positions.of(FOLLOWING)).result() == read


def test_who_has_not_the_turn_leaves_it_and_who_stops_stops(told: House) -> None:
    told.create("a")
    other = Turns(storage=told.storage, clock=told.clock, holder="two")
    with other.taken(FOLLOWING, LEASE):
        following(told)(never)
    following(told)(lambda: True)
    assert not deliveries(told)
