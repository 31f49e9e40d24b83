"""The contract of the census."""

from dataclasses import replace

from adapters.testing.examples import DAY, NOW, keep, replaced
from domain.ports.storage import Session, Storage
from domain.secrets.version import SecretVersion


def counted(storage: Storage) -> tuple[int, int, int]:
    """Return how many are living, deleted, and earlier versions."""

    def look(session: Session) -> tuple[int, int, int]:
        census = session.census
        return census.living(), census.deleted(), census.earlier_versions()

    return storage.read(look).result()


class CensusContract:
    """Everything is counted once."""

    def test_nothing_is_counted_in_an_empty_store(self, storage: Storage) -> None:
        assert counted(storage) == (0, 0, 0)
        assert storage.read(lambda s: s.census.expiring(upto=NOW)).result() == 0

    def test_the_living_and_the_deleted_are_counted_apart(self, storage: Storage) -> None:
        keep(storage, "a")
        keep(storage, "b")
        replaced(storage, replace(keep(storage, "c"), deleted_at=NOW))
        assert counted(storage) == (2, 1, 0)

    def test_earlier_versions_are_counted_also_when_destroyed(self, storage: Storage) -> None:
        secret = keep(storage)

        def supersede(session: Session) -> None:
            for number in (1, 2):
                kept = SecretVersion(
                    secret_id=secret.id,
                    version=number,
                    sealed="sr1:x",
                    created_at=NOW,
                    destroyed_at=None,
                )
                session.versions.add(kept)
            session.versions.destroy(secret.id, 1, NOW)

        storage.write(supersede).result()
        assert counted(storage) == (1, 0, 2)

    def test_those_that_expire_are_counted_up_to_the_moment(self, storage: Storage) -> None:
        keep(storage, "a", expires_at=NOW)
        keep(storage, "b", expires_at=NOW + DAY)
        keep(storage, "c", expires_at=None)
        replaced(storage, replace(keep(storage, "d", expires_at=NOW), deleted_at=NOW))

        def expiring(session: Session) -> list[int]:
            moments = (NOW - DAY, NOW, NOW + DAY)
            return [session.census.expiring(upto=moment) for moment in moments]

        assert storage.read(expiring).result() == [0, 1, 2]
