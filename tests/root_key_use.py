"""What every source of root keys is asked beyond the contract of its keys."""

import pickle

from adapters.memory import MemoryStorage
from application.keys.rotate_root_key import RotateRootKey
from application.secrets.reveal_secret import RevealSecret
from domain.ports.root_key_source import RootKeySource
from domain.secrets.reference import SecretId
from tests.fakes import CALLER
from tests.house import House


def copied(source: RootKeySource) -> RootKeySource:
    """Return the copy that a server worker is handed."""
    copy = pickle.loads(pickle.dumps(source))  # noqa: S301  our own bytes
    assert isinstance(copy, RootKeySource)
    return copy


def value_after_a_new_start(first: RootKeySource, second: RootKeySource) -> str:
    """Seal a value in a new store under one source, and open it with another."""
    storage = MemoryStorage()
    House(storage, source=first).opened().create("a/name", "the value")
    return _revealed(House(storage, source=second).opened())


def value_after_rotation_in_place(source: RootKeySource) -> str:
    """Seal a value, wrap the data keys anew under the same source, and start again."""
    storage = MemoryStorage()
    house = House(storage, source=source).opened()
    house.create("a/name", "the value")
    rotate = RotateRootKey(
        gate=house.gate, wrapper=house.key_ring, source=source, clock=house.clock
    )
    record = rotate(CALLER)
    assert (record.generation, record.source) == (2, source.uri)
    return _revealed(House(storage, source=source).opened())


def _revealed(house: House) -> str:
    """Return the value."""
    revealed = house.run(RevealSecret(reference=SecretId(1)))
    value: str = revealed.value.reveal()
    return value
