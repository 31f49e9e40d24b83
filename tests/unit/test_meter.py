"""What is counted is what was recorded, each call once."""

from collections import Counter

import pytest

from adapters.memory import MemoryStorage
from application.secrets.create_secret import CreateSecret
from application.secrets.delete_secret import DeleteSecret
from application.secrets.read_secret import ReadSecret
from application.secrets.reveal_secret import RevealSecret
from domain.access.action import Action
from domain.audit.event import AuditEvent, Outcome
from domain.errors import AuditUnavailable, NameTaken, NotFound, StorageUnavailable
from domain.ports.meter import Meter
from domain.secrets.name import SecretName
from domain.secrets.reference import ByName, SecretId
from domain.secrets.value import SecretValue
from tests.fakes import CALLER, ListedPolicy
from tests.house import House
from tests.unit.test_gate import FailingWrites

DONE, DENIED, REFUSED = Outcome.DONE, Outcome.DENIED, Outcome.REFUSED


class CountingMeter(Meter):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.calls = Counter[tuple[Action, Outcome]]()
        self.lost = 0

    def settled(self, event: AuditEvent) -> None:
        self.calls[event.action, event.outcome] += 1

    def unrecorded(self, calls: int) -> None:
        self.lost += calls


def watched(storage: MemoryStorage) -> tuple[House, CountingMeter]:
    """Return a house whose policy refuses one of its two secrets, with nothing counted yet."""
    meter, policy = CountingMeter(), ListedPolicy()
    house = House(storage, meter=meter, policy=policy).opened()
    house.create("open")
    house.create("closed")
    policy._refused.add("closed")
    meter.calls.clear()
    return house, meter


def test_calls_are_counted_by_how_they_ended() -> None:
    house, meter = watched(MemoryStorage())
    house.run(RevealSecret(reference=ByName("open")))
    with pytest.raises(NotFound):
        house.run(ReadSecret(reference=ByName("nowhere")))
    with pytest.raises(NameTaken):
        house.run(CreateSecret(name=SecretName("open"), value=SecretValue("v")))
    house.run(DeleteSecret(reference=SecretId(1)))
    assert meter.calls == {
        (Action.REVEAL, DONE): 1,
        (Action.READ, REFUSED): 1,
        (Action.CREATE, REFUSED): 1,
        (Action.DELETE, DONE): 1,
    }


def test_each_of_many_is_counted() -> None:
    house, meter = watched(MemoryStorage())
    names = ("open", "closed", "open", "nowhere")
    house.gate.submit_each(CALLER, [RevealSecret(reference=ByName(n)) for n in names]).result()
    assert meter.calls == {
        (Action.REVEAL, DONE): 2,
        (Action.REVEAL, DENIED): 1,
        (Action.REVEAL, REFUSED): 1,
    }


def test_what_could_not_be_recorded_is_counted_as_lost_and_as_nothing_else() -> None:
    storage = FailingWrites()
    house, meter = watched(storage)
    storage.full = True
    reveal = RevealSecret(reference=ByName("open"))
    with pytest.raises(AuditUnavailable):
        house.run(reveal)
    with pytest.raises(AuditUnavailable):
        house.gate.submit_each(CALLER, [reveal, reveal]).result()
    with pytest.raises(StorageUnavailable):
        house.run(DeleteSecret(reference=SecretId(1)))
    assert (meter.lost, meter.calls) == (4, {})
