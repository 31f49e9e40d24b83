"""The contract of keys, rotations, leases and sealed values."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

import pytest

from adapters.testing.examples import DAY, NOW, add, data_key, keep, page, rotation
from domain.errors import LostRace
from domain.keys.data_key import DataKey, KeyPurpose, KeyState
from domain.keys.root_key_record import RootKeyRecord
from domain.ports.sealed_values import StoredValue
from domain.ports.storage import Session, Storage
from domain.secrets.reference import SecretId
from domain.secrets.version import SecretVersion


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


class LeaseContract:
    """A task has one holder, until its time has run out."""

    def test_a_lease_is_held_until_its_time_has_run_out(self, storage: Storage) -> None:
        def take(holder: str, now: datetime) -> bool:
            return storage.write(
                lambda s: s.leases.take("task", holder=holder, now=now, until=now + DAY)
            ).result()

        assert take("one", NOW)
        assert not take("other", NOW + DAY / 2)
        assert take("one", NOW + DAY / 2)
        assert not take("other", NOW + DAY)
        assert take("other", NOW + DAY + DAY / 2)
        assert not take("one", NOW + DAY + DAY / 2)

    def test_the_end_of_a_lease_is_known_also_when_it_has_passed(self, storage: Storage) -> None:
        def until() -> datetime | None:
            return storage.read(lambda s: s.leases.until("task")).result()

        assert until() is None
        for end in (NOW + DAY, NOW - DAY):
            storage.write(partial(_take_lease, end)).result()
            assert until() == end
        storage.write(lambda s: s.leases.release("task", holder="one")).result()
        assert until() is None

    def test_a_lease_of_a_clock_that_went_wrong_is_taken_over(self, storage: Storage) -> None:
        def take(holder: str, now: datetime) -> bool:
            return storage.write(
                lambda s: s.leases.take("task", holder=holder, now=now, until=now + DAY)
            ).result()

        assert take("ahead", NOW + DAY)
        assert not take("other", NOW)
        assert take("far ahead", NOW + 9 * DAY)
        assert take("other", NOW)

    def test_a_lease_is_given_back_by_its_holder_only(self, storage: Storage) -> None:
        def take(holder: str) -> bool:
            return storage.write(
                lambda s: s.leases.take("task", holder=holder, now=NOW, until=NOW + DAY)
            ).result()

        def release(holder: str) -> None:
            storage.write(lambda s: s.leases.release("task", holder=holder)).result()

        release("nobody")
        assert take("one")
        release("other")
        assert not take("other")
        release("one")
        assert take("other")


class SealedValuesContract:
    """Sealed values are found by how they begin, and exchanged one for one."""

    def test_values_that_begin_otherwise_are_walked_in_order(self, storage: Storage) -> None:
        def work(session: Session) -> list[int]:
            bare = [add(session, f"bare-{n}", sealed=f"gAAAAA{n}").id for n in range(3)]
            add(session, "sealed", sealed="sr1:x")
            secret = session.secrets.find(SecretId(bare[0]))
            assert secret is not None
            session.secrets.replace(replace(secret, deleted_at=NOW))
            return bare

        bare = storage.write(work).result()
        first = storage.read(lambda s: s.sealed_values.not_beginning("sr1:", after=0, limit=2))
        assert [value.secret_id for value in first.result()] == bare[:2]
        rest = storage.read(lambda s: s.sealed_values.not_beginning("sr1:", after=bare[1], limit=2))
        assert [(value.secret_id, value.sealed) for value in rest.result()] == [
            (bare[2], "gAAAAA2")
        ]

    def test_a_beginning_is_looked_for_in_all_versions(self, storage: Storage) -> None:
        def begins(prefix: str) -> bool:
            return storage.read(lambda s: s.sealed_values.any_beginning(prefix)).result()

        assert not begins("sr1:")
        secret = keep(storage, sealed="gAAAAA")
        assert not begins("sr1:")
        assert begins("gAAA")
        earlier = SecretVersion(
            secret_id=secret.id, version=1, created_at=NOW, destroyed_at=None, sealed="sr1:old"
        )
        storage.write(lambda s: s.versions.add(earlier)).result()
        assert begins("sr1:")

    def test_a_seal_is_exchanged_only_for_exactly_the_one_that_was_read(
        self, storage: Storage
    ) -> None:
        secret = keep(storage, sealed="before")
        value = StoredValue(
            secret_id=secret.id, uid=secret.uid, version=secret.version, sealed="before"
        )

        def reseal(stored: StoredValue, sealed: str) -> int:
            return storage.write(lambda s: s.sealed_values.reseal([(stored, sealed)])).result()

        assert not reseal(replace(value, sealed="other"), "lost")
        assert not reseal(replace(value, version=2), "lost")
        assert not reseal(replace(value, secret_id=secret.id + 1), "lost")
        assert reseal(value, "after")
        assert not reseal(value, "twice")
        found = storage.read(lambda s: s.secrets.find(SecretId(secret.id))).result()
        assert found == replace(secret, sealed="after")

    def test_an_earlier_seal_is_exchanged_in_its_place(self, storage: Storage) -> None:
        secret = keep(storage, sealed="newest")
        earlier = SecretVersion(
            secret_id=secret.id, version=1, created_at=NOW, destroyed_at=None, sealed="before"
        )
        storage.write(lambda s: s.versions.add(earlier)).result()
        value = StoredValue(
            secret_id=secret.id, uid=secret.uid, version=1, newest=False, sealed="before"
        )
        pairs = [(replace(value, sealed="other"), "lost"), (value, "after"), (value, "twice")]
        assert storage.write(lambda s: s.sealed_values.reseal(pairs)).result() == 1
        found = storage.read(lambda s: s.versions.find(secret.id, 1)).result()
        assert found == replace(earlier, sealed="after")
        assert storage.read(lambda s: s.secrets.find(SecretId(secret.id))).result() == secret

    def test_all_values_are_walked_whatever_they_are_sealed_under(self, storage: Storage) -> None:
        def work(session: Session) -> None:
            for name in ("1", "2", "3"):
                secret = add(session, name, sealed=f"gAAAAA{name}")
                if name == "3":
                    session.secrets.replace(replace(secret, deleted_at=NOW))
                for version, sealed in ((1, f"sr1:{name}"), (2, None)):
                    session.versions.add(
                        SecretVersion(
                            secret_id=secret.id,
                            version=version,
                            created_at=NOW,
                            destroyed_at=None,
                            sealed=sealed,
                        )
                    )

        storage.write(work).result()

        def page(after: StoredValue | None) -> Sequence[StoredValue]:
            return storage.read(lambda s: s.sealed_values.page(after=after, limit=2)).result()

        walked = [*page(None)]
        while found := page(walked[-1]):
            walked += found
        sealed = [value.sealed for value in walked]
        assert sealed == ["gAAAAA1", "gAAAAA2", "gAAAAA3", "sr1:1", "sr1:2", "sr1:3"]

    def test_values_under_a_key_are_walked_newest_ones_first(self, storage: Storage) -> None:
        old, new = "0" * 15 + "1", "0" * 15 + "2"

        def work(session: Session) -> None:
            for name in ("1", "2", "3"):
                secret = add(session, name, sealed=f"sr1:{new if name == '2' else old}:fernet:n")
                for version in (1, 2):
                    sealed = f"sr1:{old if version == 1 else new}:fernet:v{version}"
                    session.versions.add(
                        SecretVersion(
                            secret_id=secret.id, version=version, created_at=NOW,
                            destroyed_at=None, sealed=sealed,
                        )
                    )  # fmt: skip
            session.versions.destroy(secret.id, 1, NOW)

        storage.write(work).result()
        first, second, third = (secret.id for secret in page(storage))
        places: list[tuple[int, int, bool]] = []
        after: StoredValue | None = None
        while batch := storage.read(partial(_under, old, after)).result():
            places += [(value.secret_id, value.version, value.newest) for value in batch]
            after = batch[-1]
        assert places == [
            (first, 1, True), (third, 1, True), (first, 1, False), (second, 1, False),
        ]  # fmt: skip
        assert storage.read(lambda s: s.sealed_values.count_under(old)).result() == 4
        assert storage.read(lambda s: s.sealed_values.count_under(new)).result() == 4
        assert storage.read(lambda s: s.sealed_values.count_under("f" * 16)).result() == 0

    def test_a_value_under_a_key_carries_the_uid_of_its_secret(self, storage: Storage) -> None:
        secret = keep(storage, sealed="sr1:0000000000000001:fernet:n")
        earlier = SecretVersion(
            secret_id=secret.id, version=7, created_at=NOW, destroyed_at=None,
            sealed="sr1:0000000000000001:fernet:v",
        )  # fmt: skip
        storage.write(lambda s: s.versions.add(earlier)).result()
        found = storage.read(
            lambda s: s.sealed_values.under("0000000000000001", after=None, limit=9)
        ).result()
        assert list(found) == [
            StoredValue(
                secret_id=secret.id, uid=secret.uid, version=1, newest=True, sealed=secret.sealed
            ),
            StoredValue(
                secret_id=secret.id, uid=secret.uid, version=7, newest=False,
                sealed="sr1:0000000000000001:fernet:v",
            ),
        ]  # fmt: skip


def _replace_key(key: DataKey, session: Session) -> None:
    """Write a key."""
    session.data_keys.replace(key)


def _add_record(record: RootKeyRecord, session: Session) -> None:
    """Keep a record."""
    session.root_keys.add(record)


def _under(key_id: str, after: StoredValue | None, session: Session) -> Sequence[StoredValue]:
    """Return the next three values under a key."""
    return session.sealed_values.under(key_id, after=after, limit=3)


def _take_lease(until: datetime, session: Session) -> None:
    """Take or keep a task."""
    session.leases.take("task", holder="one", now=NOW, until=until)
