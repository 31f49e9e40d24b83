"""Works that say beforehand what they will look for."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TypeVar

import pytest

from adapters.memory import MemoryStorage
from application.secrets.list_secrets import ListSecrets
from application.secrets.read_secret import ReadSecret
from application.secrets.reveal_secret import RevealSecret
from domain.ports.foreseen import Foreseen, foreseen
from domain.ports.storage import Session
from domain.secrets.reference import ByName, Reference, SecretId
from tests.fakes import CALLER
from tests.house import House

T = TypeVar("T")

ONE = SecretId(1)
NAMED = ByName("a")


class Listening(MemoryStorage):
    """A store that remembers what it was told beforehand."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Sequence[Reference]] = []

    def read(self, work: Callable[[Session], T]) -> Future[T]:
        self.told.append(foreseen(work))
        return super().read(work)


@pytest.fixture
def storage() -> Listening:
    return Listening()


@pytest.fixture
def house(storage: Listening) -> House:
    house = House(storage).opened()
    house.create("a")
    storage.told.clear()
    return house


@pytest.mark.parametrize("command", [ReadSecret(reference=NAMED), RevealSecret(reference=NAMED)])
def test_a_reading_of_one_secret_tells_the_store_which(
    house: House, storage: Listening, command: object
) -> None:
    house.run(command)
    assert storage.told == [(NAMED,)]


def test_readings_of_many_tell_the_store_all(house: House, storage: Listening) -> None:
    commands = [ReadSecret(reference=ONE), RevealSecret(reference=NAMED)]
    house.gate.submit_each(CALLER, commands).result()
    assert storage.told == [[ONE, NAMED]]


def test_what_looks_for_no_single_secret_tells_nothing(house: House, storage: Listening) -> None:
    house.run(ListSecrets())
    assert storage.told == [()]


def test_a_work_is_the_same_for_whoever_does_not_listen() -> None:
    found = MemoryStorage().read(Foreseen(lambda session: session.secrets.find(ONE), (ONE,)))
    assert found.result() is None


def test_a_work_that_says_nothing_foresees_nothing() -> None:
    assert foreseen(lambda session: session.secrets.find(ONE)) == ()
