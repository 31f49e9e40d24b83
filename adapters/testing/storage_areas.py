"""The contract of data keys, sealed values and the audit log."""

from dataclasses import replace

from adapters.testing.examples import DAY, NOW, add, data_key, event, keep, recorded
from domain.audit.event import AuditEntry, Subject
from domain.keys.data_key import KeyState
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

        def reseal(stored: StoredValue, sealed: str) -> bool:
            return storage.write(lambda s: s.sealed_values.reseal(stored, sealed)).result()

        assert not reseal(replace(value, sealed="other"), "lost")
        assert not reseal(replace(value, version=2), "lost")
        assert not reseal(replace(value, secret_id=secret.id + 1), "lost")
        assert reseal(value, "after")
        assert not reseal(value, "twice")
        found = storage.read(lambda s: s.secrets.find(SecretId(secret.id))).result()
        assert found == replace(secret, sealed="after")


class AuditLogContract:
    """Entries stand in the order in which they were appended, with every field."""

    def test_entries_are_numbered_in_order(self, storage: Storage) -> None:
        events = [event(), event(reason=None, subject=Subject()), event(rule="other")]
        for item in events:
            recorded(storage, item)
        found = storage.read(lambda s: s.audit.entries(after=0, limit=10)).result()
        assert list(found) == [
            AuditEntry(number=number, event=item) for number, item in enumerate(events, 1)
        ]

    def test_entries_are_read_page_by_page(self, storage: Storage) -> None:
        for _ in range(3):
            recorded(storage, event())
        page = storage.read(lambda s: s.audit.entries(after=1, limit=1)).result()
        assert [entry.number for entry in page] == [2]
        assert list(storage.read(lambda s: s.audit.entries(after=3, limit=1)).result()) == []

    def test_entries_outlive_what_they_are_about(self, storage: Storage) -> None:
        secret = keep(storage)
        recorded(storage, event())
        storage.write(lambda s: s.secrets.remove(secret)).result()
        assert len(storage.read(lambda s: s.audit.entries(after=0, limit=9)).result()) == 1
