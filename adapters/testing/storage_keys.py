"""The contract of keys and rotations."""

from dataclasses import replace
from functools import partial

import pytest

from adapters.testing.examples import DAY, NOW, data_key, rotation
from domain.errors import LostRace
from domain.keys.data_key import DataKey, KeyPurpose, KeyState
from domain.keys.root_key_record import RootKeyRecord
from domain.ports.storage import Session, Storage


class DataKeyContract:
    """Data keys come back as they were."""

    def test_an_empty_store_has_no_keys(self, storage: Storage) -> None:
        assert storage.read(lambda s: s.data_keys.active()).result() is None
        assert storage.read(lambda s: s.data_keys.find("0" * 16)).result() is None
        assert list(storage.read(lambda s: s.data_keys.all()).result()) == []

    def test_keys_are_kept_with_their_states(self, storage: Storage) -> None:
        active = data_key("f" * 16, KeyState.ACTIVE, created_at=NOW + DAY)
        retired = data_key("a" * 16, KeyState.RETIRED)

        def work(session: Session) -> None:
            session.data_keys.add(active)
            session.data_keys.add(retired)

        storage.write(work).result()
        assert storage.read(lambda s: s.data_keys.active()).result() == active
        assert storage.read(lambda s: s.data_keys.find(retired.id)).result() == retired
        assert list(storage.read(lambda s: s.data_keys.all()).result()) == [retired, active]

    def test_a_key_is_active_for_its_purpose(self, storage: Storage) -> None:
        sealing = data_key("1" * 16, KeyState.ACTIVE)
        signing = replace(data_key("2" * 16, KeyState.ACTIVE), purpose=KeyPurpose.SIGN)

        def work(session: Session) -> None:
            session.data_keys.add(sealing)
            session.data_keys.add(signing)

        storage.write(work).result()
        assert storage.read(lambda s: s.data_keys.active()).result() == sealing
        found = storage.read(lambda s: s.data_keys.active(KeyPurpose.SIGN)).result()
        assert found == signing

    def test_a_key_is_replaced_with_every_field(self, storage: Storage) -> None:
        key = data_key("1" * 16, KeyState.ACTIVE)
        storage.write(lambda s: s.data_keys.add(key)).result()
        retired = replace(key.retired(NOW + DAY), wrapped="rk1:anew")
        gone = retired.destroyed(NOW + 2 * DAY)
        for changed in (retired, gone):
            storage.write(partial(_replace_key, changed)).result()
            assert storage.read(lambda s: s.data_keys.find(key.id)).result() == changed
        assert storage.read(lambda s: s.data_keys.active()).result() is None


class RootKeyRecordsContract:
    """The succession of root keys has one line."""

    def test_the_newest_record_is_the_current_one(self, storage: Storage) -> None:
        assert storage.read(lambda s: s.root_keys.current()).result() is None
        first = RootKeyRecord(generation=1, source="file:a", since=NOW, principal="local")
        second = first.followed_by(source="passphrase:", since=NOW + DAY, principal="other")
        for record in (first, second):
            storage.write(partial(_add_record, record)).result()
            assert storage.read(lambda s: s.root_keys.current()).result() == record

    def test_a_generation_is_taken_once(self, storage: Storage) -> None:
        record = RootKeyRecord(generation=1, source="file:a", since=NOW, principal="local")
        storage.write(lambda s: s.root_keys.add(record)).result()
        with pytest.raises(LostRace):
            storage.write(lambda s: s.root_keys.add(record)).result()


class RotationContract:
    """Rotations come back as they were, and one runs at a time."""

    def test_an_empty_store_has_no_rotations(self, storage: Storage) -> None:
        assert storage.read(lambda s: s.rotations.running()).result() is None
        assert storage.read(lambda s: s.rotations.find(1)).result() is None
        assert list(storage.read(lambda s: s.rotations.newest(limit=9)).result()) == []

    def test_a_rotation_keeps_every_field(self, storage: Storage) -> None:
        kept = storage.write(lambda s: s.rotations.add(rotation())).result()
        assert kept == replace(rotation(), id=kept.id)
        assert storage.read(lambda s: s.rotations.running()).result() == kept
        ended = replace(
            kept, resealed=9, unreadable=1, finished_at=NOW + DAY, receipt="signed\n— it\n"
        )
        storage.write(lambda s: s.rotations.replace(ended)).result()
        assert storage.read(lambda s: s.rotations.find(kept.id)).result() == ended
        assert storage.read(lambda s: s.rotations.running()).result() is None

    def test_one_rotation_runs_at_a_time(self, storage: Storage) -> None:
        first = storage.write(lambda s: s.rotations.add(rotation())).result()
        with pytest.raises(LostRace):
            storage.write(lambda s: s.rotations.add(rotation())).result()
        storage.write(lambda s: s.rotations.replace(replace(first, finished_at=NOW))).result()
        second = storage.write(lambda s: s.rotations.add(rotation())).result()
        newest = storage.read(lambda s: s.rotations.newest(limit=2)).result()
        assert [item.id for item in newest] == [second.id, first.id]
        assert len(storage.read(lambda s: s.rotations.newest(limit=1)).result()) == 1


def _replace_key(key: DataKey, session: Session) -> None:
    """Write a key."""
    session.data_keys.replace(key)


def _add_record(record: RootKeyRecord, session: Session) -> None:
    """Keep a record."""
    session.root_keys.add(record)
