"""Nothing gets past the gate: it decides, records, and lets go, in this order."""

import hashlib
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

import pytest

from adapters.key_ring import HkdfKeyRing
from adapters.memory import MemoryStorage
from application import attempt
from application.futures import then
from application.keys.sealer import KeyAbsent
from application.secrets.create_secret import CreateSecret
from application.secrets.delete_secret import DeleteSecret
from application.secrets.list_secrets import ListSecrets
from application.secrets.purge_secret import PurgeSecret
from application.secrets.read_secret import ReadSecret
from application.secrets.reveal_secret import Revealed, RevealSecret
from application.secrets.update_secret import UpdateSecret
from application.use_case import Done, UseCase
from domain.access.action import Action
from domain.audit.event import Outcome, Subject
from domain.errors import (
    AuditUnavailable,
    Denied,
    NotFound,
    RootKeyUnavailable,
    SealBroken,
    StorageUnavailable,
    TooMuchAtOnce,
)
from domain.keys.data_key import DataKey
from domain.ports.storage import Session
from domain.secrets.name import SecretName
from domain.secrets.reference import ByName, SecretId
from domain.secrets.secret import Secret
from domain.secrets.value import SecretValue
from tests.fakes import CALLER, START, ListedPolicy, SeededRandomness
from tests.house import House

T = TypeVar("T")


class FailingWrites(MemoryStorage):
    """A store whose disk fills up when it is told to."""

    full = False

    def write(self, work: Callable[[Session], T]) -> Future[T]:
        if not self.full:
            return super().write(work)
        failed: Future[T] = Future()
        failed.set_exception(StorageUnavailable("the store cannot be used now (SQLITE_FULL)"))
        return failed


def guarded(*refused: str, visible: bool = True) -> tuple[House, ListedPolicy, Secret]:
    """Return a house whose policy refuses some names, with a secret of each name."""
    house = House(MemoryStorage()).opened()
    for name in refused:
        house.create(name, f"value of {name}")
    policy = ListedPolicy(*refused, visible=visible)
    guarded = House(house.storage, policy=policy)
    return guarded, policy, house.run(ReadSecret(reference=ByName(refused[0])))


def test_an_event_has_every_field(house: House) -> None:
    created = house.create("a/name")
    house.run(RevealSecret(reference=ByName("a/name")))
    event = house.events()[-1]
    assert (event.at, event.request_id, event.principal, event.address) == (
        START, CALLER.request_id, CALLER.principal, CALLER.address,
    )  # fmt: skip
    assert (event.action, event.outcome, event.rule, event.reason) == (
        Action.REVEAL, Outcome.DONE, "everything else", None,
    )  # fmt: skip
    assert event.subject == Subject(
        reference=f"id {created.id}", uid=created.uid, name="a/name", version=1
    )


def test_a_change_leaves_the_digest_of_what_is_stored(house: House) -> None:
    created = house.create()
    digest = hashlib.sha256(created.sealed.encode()).hexdigest()
    assert house.events()[-1].subject.digest == digest


def test_no_event_holds_a_value(house: House) -> None:
    created = house.create("n", "unmistakable")
    reference = SecretId(created.id)
    house.run(UpdateSecret(reference=reference, value=SecretValue("unmistakable")))
    house.run(RevealSecret(reference=reference))
    assert "unmistakable" not in repr(house.events())


def test_what_is_refused_visibly_is_denied_and_recorded() -> None:
    house, _, secret = guarded("closed")
    with pytest.raises(Denied):
        house.run(RevealSecret(reference=ByName("closed")))
    event = house.events()[-1]
    assert (event.outcome, event.rule, event.subject.uid) == (
        Outcome.DENIED, "the list", secret.uid,
    )  # fmt: skip


def test_what_is_hidden_is_as_if_it_were_not_there() -> None:
    house, _, _ = guarded("hidden", visible=False)
    errors = []
    for name in ("hidden", "absent"):
        with pytest.raises(NotFound) as caught:
            house.run(RevealSecret(reference=ByName(name)))
        errors.append((type(caught.value), str(caught.value)))
    assert errors[0] == errors[1]
    assert [event.outcome for event in house.events()[-2:]] == [Outcome.DENIED, Outcome.REFUSED]


def test_a_refused_change_changes_nothing() -> None:
    house, _, secret = guarded("closed")
    for command in (
        DeleteSecret(reference=SecretId(secret.id)),
        PurgeSecret(reference=SecretId(secret.id)),
        UpdateSecret(reference=SecretId(secret.id), value=SecretValue("new")),
    ):
        with pytest.raises(Denied):
            house.run(command)
    assert house.storage.read(lambda s: s.secrets.find(SecretId(secret.id))).result() == secret


def test_a_rename_needs_the_right_to_both_names() -> None:
    house, policy, _ = guarded("closed")
    created = house.create("open")
    with pytest.raises(Denied):
        house.run(UpdateSecret(reference=SecretId(created.id), name=SecretName("closed")))
    assert policy.asked[-1] == (Action.UPDATE, ("open", "closed"))


def test_a_failed_attempt_is_recorded_with_its_reason(house: House) -> None:
    with pytest.raises(NotFound):
        house.run(ReadSecret(reference=ByName("absent")))
    event = house.events()[-1]
    assert (event.outcome, event.rule, event.reason) == (Outcome.REFUSED, "-", "no such secret")
    assert event.subject == Subject(reference="absent")


def test_a_refused_version_is_recorded_as_the_one_that_was_asked_for() -> None:
    house, _, secret = guarded("closed")
    for version, recorded in ((7, 7), (None, 1)):
        with pytest.raises(Denied):
            house.run(RevealSecret(reference=SecretId(secret.id), version=version))
        assert house.events()[-1].subject.version == recorded


def test_a_seal_that_does_not_open_is_recorded_as_a_failure(house: House) -> None:
    one, two = house.create("one", "1"), house.create("two", "2")

    def swap(session: Session) -> None:
        for secret, other in ((one, two), (two, one)):
            stored = session.sealed_values.not_beginning("x", after=secret.id - 1, limit=1)[0]
            session.sealed_values.reseal([(stored, other.sealed)])

    house.storage.write(swap).result()
    for secret in (one, two):
        with pytest.raises(SealBroken):
            house.run(RevealSecret(reference=SecretId(secret.id)))
        assert house.events()[-1].outcome is Outcome.FAILED


def test_nothing_is_answered_when_the_event_cannot_be_written() -> None:
    storage = FailingWrites()
    house = House(storage).opened()
    house.create("n")
    storage.full = True
    with pytest.raises(AuditUnavailable):
        house.run(RevealSecret(reference=ByName("n")))
    with pytest.raises(AuditUnavailable):
        house.gate.submit_each(CALLER, [RevealSecret(reference=ByName("n"))]).result()
    with pytest.raises(StorageUnavailable):
        house.run(DeleteSecret(reference=SecretId(1)))


def test_a_reading_that_the_store_cannot_do_is_not_answered() -> None:
    class Unreadable(MemoryStorage):
        def read(self, work: Callable[[Session], T]) -> Future[T]:
            failed: Future[T] = Future()
            failed.set_exception(StorageUnavailable("gone"))
            return failed

    with pytest.raises(StorageUnavailable):
        House(Unreadable()).run(ReadSecret(reference=SecretId(1)))


def test_a_store_that_goes_away_within_a_reading_is_told_as_such(house: House) -> None:
    house.gate._use_cases[ReadSecret] = Raising(StorageUnavailable("gone"))
    with pytest.raises(StorageUnavailable):
        house.run(ReadSecret(reference=SecretId(1)))


class Raising(UseCase[Any, None]):
    """A use case with a defect."""

    action = Action.READ
    changes = False

    def __init__(self, error: Exception) -> None:
        self._error = error

    def locate(self, command: Any, session: Session) -> None:
        del command, session

    def perform(self, command: Any, secret: Secret | None, session: Session) -> Done[None]:
        raise self._error


def test_a_strangers_error_is_recorded_without_its_words(house: House) -> None:
    house.gate._use_cases[ReadSecret] = Raising(ValueError("unmistakable"))
    with pytest.raises(ValueError, match="unmistakable"):
        house.run(ReadSecret(reference=SecretId(1)))
    event = house.events()[-1]
    assert (event.outcome, event.reason) == (Outcome.FAILED, "internal error")


def test_an_event_that_cannot_be_built_is_an_error_and_no_answer(house: House) -> None:
    class BadNote(Raising):
        def perform(self, command: Any, secret: Secret | None, session: Session) -> Done[None]:
            return Done(result=None, subject=Subject())

        def note(self, done: Done[None], session: Session) -> None:
            raise self._error

    house.gate._use_cases[ReadSecret] = BadNote(ValueError("a defect"))
    with pytest.raises(ValueError, match="a defect"):
        house.run(ReadSecret(reference=SecretId(1)))


def test_each_of_many_is_decided_and_recorded_by_itself() -> None:
    house, policy, _ = guarded("closed")
    house.create("open", "v")
    before = len(house.events())
    names = ["open", "closed", "absent", "open"]
    commands = [RevealSecret(reference=ByName(name)) for name in names]
    results = house.gate.submit_each(CALLER, commands).result()
    first, second, third, last = results
    assert isinstance(second, Denied)
    assert isinstance(third, NotFound)
    assert [isinstance(item, Revealed) and item.value.reveal() for item in (first, last)] == [
        "v", "v",
    ]  # fmt: skip
    assert [event.outcome for event in house.events()[before:]] == [
        Outcome.DONE, Outcome.DENIED, Outcome.REFUSED, Outcome.DONE,
    ]  # fmt: skip
    # For what is absent, too, so that the time does not tell it from what is hidden.
    assert policy.asked[-4:] == [(Action.REVEAL, (name,)) for name in names]


def test_many_are_given_out_until_the_answer_is_full(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "c"):
        house.create(name, "v" * 100)
    stored = house.storage.read(lambda s: s.secrets.find(ByName("a"))).result()
    assert stored is not None
    monkeypatch.setattr(attempt, "ROOM", len(stored.sealed) + 1)
    before = len(house.events())
    commands = [RevealSecret(reference=ByName(name)) for name in ("a", "absent", "b", "c")]
    first, second, third, last = house.gate.submit_each(CALLER, commands).result()
    assert isinstance(first, Revealed)
    assert isinstance(second, NotFound), "it takes no room"
    assert isinstance(third, Revealed), "there was room when it was its turn"
    assert isinstance(last, TooMuchAtOnce)
    event = house.events()[-1]
    assert len(house.events()) == before + 4
    assert (event.outcome, event.subject.name, event.reason) == (Outcome.REFUSED, "c", str(last))


def test_what_is_no_value_takes_no_room(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.create("a", "v")
    monkeypatch.setattr(attempt, "ROOM", 1)
    results = house.gate.submit_each(CALLER, [ReadSecret(reference=ByName("a"))] * 3).result()
    assert [getattr(result, "name", result) for result in results] == ["a", "a", "a"]


def test_a_defect_in_one_of_many_is_not_passed_off_as_an_item(house: House) -> None:
    house.gate._use_cases[ReadSecret] = Raising(ValueError("a defect"))
    with pytest.raises(ValueError, match="a defect"):
        house.gate.submit_each(CALLER, [ReadSecret(reference=SecretId(1))]).result()


def test_a_change_is_not_one_of_many(house: House) -> None:
    with pytest.raises(TypeError):
        house.gate.submit_each(CALLER, [DeleteSecret(reference=SecretId(1))])


def test_a_list_is_recorded_with_how_many_were_seen(house: House) -> None:
    house.create("a")
    house.run(ListSecrets())
    assert house.events()[-1].subject == Subject(reference="1 listed")


def test_a_failed_step_comes_out_of_the_chain() -> None:
    first: Future[int] = Future()

    def step(done: Future[int]) -> Future[int]:
        raise ValueError(done.result())

    chained = then(first, step)
    assert not chained.done()
    first.set_result(7)
    with pytest.raises(ValueError, match="7"):
        chained.result()


class FarAwayRing(HkdfKeyRing):
    """Counts what is fetched, and fetches nothing while the keeper of the root key is away."""

    def __init__(self, house: House) -> None:
        super().__init__(source=house.source, clock=house.clock, randomness=SeededRandomness(1))
        self.fetched: list[str] = []
        self.away = False

    def fetch(self, key: DataKey) -> Future[None]:
        self.fetched.append(key.id)
        if not self.away:
            return super().fetch(key)
        failed: Future[None] = Future()
        failed.set_exception(RootKeyUnavailable("the key service does not answer"))
        return failed


def elsewhere(house: House) -> tuple[House, FarAwayRing]:
    """Return another process on the same store, which has no key at hand yet."""
    ring = FarAwayRing(house)
    return House(house.storage, source=house.source, ring=ring), ring


def test_a_key_that_is_not_at_hand_is_fetched_for_a_reading(house: House) -> None:
    house.create("n", "value")
    other, ring = elsewhere(house)
    before = len(house.events())
    assert other.run(RevealSecret(reference=ByName("n"))).value.reveal() == "value"
    assert len(ring.fetched) == 1
    assert [event.outcome for event in house.events()[before:]] == [Outcome.DONE]


def test_a_key_that_is_not_at_hand_is_fetched_for_a_change(house: House) -> None:
    other, ring = elsewhere(house)
    before = len(house.events())
    assert other.create("n").version == 1
    assert len(ring.fetched) == 1
    assert [event.outcome for event in house.events()[before:]] == [Outcome.DONE]


def test_every_key_that_many_readings_need_is_fetched_once(house: House) -> None:
    house.create("old", "1")
    house.rotate_data_key(CALLER)
    house.create("new", "2")
    other, ring = elsewhere(house)
    commands = [RevealSecret(reference=ByName(name)) for name in ("old", "new", "old", "absent")]
    results: list[Any] = other.gate.submit_each(CALLER, commands).result()
    assert [item.value.reveal() for item in results[:3]] == ["1", "2", "1"]
    assert isinstance(results[3], NotFound)
    assert len(ring.fetched) == len(set(ring.fetched)) == 2


def test_a_key_that_cannot_be_fetched_is_an_answer_and_an_event(house: House) -> None:
    house.create("n", "value")
    other, ring = elsewhere(house)
    ring.away = True
    for command in (
        RevealSecret(reference=ByName("n")),
        CreateSecret(name=SecretName("new"), value=SecretValue("v")),
    ):
        with pytest.raises(KeyAbsent):
            other.run(command)
        assert house.events()[-1].outcome is Outcome.FAILED
    (result,) = other.gate.submit_each(CALLER, [RevealSecret(reference=ByName("n"))]).result()
    assert isinstance(result, KeyAbsent)
    assert len(ring.fetched) == 3
    ring.away = False
    assert other.run(RevealSecret(reference=ByName("n"))).value.reveal() == "value"


def test_a_chain_that_has_begun_cannot_be_cancelled() -> None:
    first: Future[int] = Future()
    chained = then(first, lambda done: done)
    assert not chained.cancel()
    first.set_result(1)
    assert chained.result() == 1
