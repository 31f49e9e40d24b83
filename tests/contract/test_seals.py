"""What was sealed long ago opens: root key, data key, derivation, context and stored form at once.

Sealing and opening may change together and still agree; only a stored value of long ago tells.
"""

import json
from pathlib import Path

import pytest

from adapters.memory import MemoryStorage
from domain.keys.data_key import DataKey, KeyState
from domain.ports.storage import Session
from tests.fakes import START
from tests.house import House

KNOWN = json.loads((Path(__file__).parent / "vectors" / "seals.json").read_text("utf-8"))


@pytest.mark.parametrize("stored", KNOWN["stored"], ids=lambda stored: stored.split(":")[2])
def test_a_stored_value_of_long_ago_opens(stored: str) -> None:
    house = House(MemoryStorage())
    assert bytes.fromhex(KNOWN["root_key"]) == bytes(range(32)), "the root key of the house"
    key = DataKey(**KNOWN["data_key"], state=KeyState.ACTIVE, created_at=START)

    def work(session: Session) -> str:
        uid = bytes.fromhex(KNOWN["uid"])
        opened = house.sealer.open(stored, uid=uid, version=KNOWN["version"], session=session)
        return opened.reveal()

    house.key_ring.fetch(key).result()
    assert house.storage.read(work).result() == KNOWN["value"]
