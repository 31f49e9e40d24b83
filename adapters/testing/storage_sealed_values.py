"""The contract of sealed values."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from adapters.testing.examples import NOW, add, keep, page
from domain.ports.sealed_values import StoredValue
from domain.ports.storage import Session, Storage
from domain.secrets.reference import SecretId
from domain.secrets.version import SecretVersion


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


def _under(key_id: str, after: StoredValue | None, session: Session) -> Sequence[StoredValue]:
    """Return the next three values under a key."""
    return session.sealed_values.under(key_id, after=after, limit=3)
