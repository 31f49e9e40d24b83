"""The contract of secrets and their versions."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from adapters.testing.examples import DAY, NOW, keep, new_secret, replaced
from domain.errors import LostRace, NameTaken
from domain.ports.foreseen import Foreseen
from domain.ports.storage import Session, Storage
from domain.secrets.reference import ByName, Reference, SecretId
from domain.secrets.secret import Secret
from domain.secrets.version import SecretVersion

UNUSUAL_NAMES = [
    "CASE", "case", "with blank", "100%", "under_score", "back\\slash", "quote'\"", "Ünïcödé",
    "鍵/🗝", "a//b", " blank", "", "é", "e\u0301",
]  # fmt: skip
"""Names that must be kept apart; some break today's rule and come from earlier backends."""


def find(storage: Storage, reference: Reference) -> Secret | None:
    """Look for a living secret; whether that was said beforehand makes no difference."""

    def look(session: Session) -> Secret | None:
        return session.secrets.find(reference)

    found = storage.read(look).result()
    assert storage.read(Foreseen(look, (reference,))).result() == found
    return found


def removed(storage: Storage, secret: Secret) -> None:
    """Erase a secret."""
    storage.write(lambda session: session.secrets.remove(secret)).result()


def superseded(storage: Storage, *versions: SecretVersion) -> None:
    """Keep earlier versions."""

    def work(session: Session) -> None:
        for version in versions:
            session.versions.add(version)

    storage.write(work).result()


def version_of(secret: Secret, number: int) -> SecretVersion:
    """Return an earlier version."""
    return SecretVersion(
        secret_id=secret.id, version=number, created_at=NOW, destroyed_at=None, sealed=f"s{number}"
    )


class SecretContract:
    """Secrets come back as they were, and races have one winner."""

    def test_a_new_secret_keeps_every_field(self, storage: Storage) -> None:
        draft = new_secret()
        kept = storage.write(lambda session: session.secrets.add(draft)).result()
        expected = Secret(
            id=kept.id, uid=draft.uid, name=draft.name, description=draft.description,
            tags=draft.tags, version=1, revision=1, created_at=NOW, updated_at=NOW,
            value_set_at=NOW, expires_at=draft.expires_at, last_read_at=None, deleted_at=None,
            sealed=draft.sealed,
        )  # fmt: skip
        assert kept == expected
        assert find(storage, SecretId(kept.id)) == expected
        assert find(storage, ByName(draft.name)) == expected

    def test_a_replaced_secret_keeps_every_field(self, storage: Storage) -> None:
        changed = replace(
            keep(storage), name="other", description=None, tags={}, version=2,
            updated_at=NOW + DAY, value_set_at=NOW + 2 * DAY, expires_at=None, sealed="sr1:new",
        )  # fmt: skip
        stored = replaced(storage, changed)
        assert stored == replace(changed, revision=2)
        assert find(storage, SecretId(changed.id)) == stored
        assert find(storage, ByName("a/name")) is None

    def test_what_is_not_there_is_not_found(self, storage: Storage) -> None:
        assert find(storage, SecretId(1)) is None
        assert find(storage, ByName("a/name")) is None
        assert storage.read(lambda s: s.secrets.find_deleted(SecretId(1))).result() is None

    def test_many_that_were_foreseen_are_found_as_each_alone_would(self, storage: Storage) -> None:
        kept = [keep(storage, name) for name in UNUSUAL_NAMES]
        more = [keep(storage, f"n/{number}") for number in range(30)]
        gone = keep(storage, "gone")
        replaced(storage, replace(gone, deleted_at=NOW))
        references: list[Reference] = [
            *(SecretId(secret.id) for secret in reversed(more)),
            SecretId(gone.id), ByName("gone"), SecretId(10**6),
            *(ByName(secret.name) for secret in kept if secret.name),
            *(ByName(f"absent/{number}") for number in range(30)),
            ByName("n/7"), SecretId(more[7].id), SecretId(more[7].id),
        ]  # fmt: skip
        expected = [find(storage, reference) for reference in references]

        def look(asked: Sequence[Reference]) -> list[Secret | None]:
            work = Foreseen(lambda s: [s.secrets.find(one) for one in asked], references)
            return storage.read(work).result()

        assert look(references) == expected
        assert look(references[::-1]) == expected[::-1], "in another order than was said"
        assert look(references[5:]) == expected[5:]
        assert expected[:30] == list(reversed(more))
        assert expected[-3:] == [more[7]] * 3

    def test_names_are_compared_exactly(self, storage: Storage) -> None:
        kept = {name: keep(storage, name).id for name in UNUSUAL_NAMES}
        found = {name: find(storage, ByName(name)) for name in UNUSUAL_NAMES if name}
        assert {name: secret and secret.id for name, secret in found.items()} == {
            name: number for name, number in kept.items() if name
        }

    def test_a_name_is_taken_once(self, storage: Storage) -> None:
        first, other = keep(storage), keep(storage, "other")
        with pytest.raises(NameTaken):
            keep(storage)
        with pytest.raises(NameTaken):
            replaced(storage, replace(other, name=first.name))
        assert find(storage, SecretId(other.id)) == other

    def test_a_deleted_secret_frees_its_name(self, storage: Storage) -> None:
        gone = replaced(storage, replace(keep(storage), deleted_at=NOW))
        assert find(storage, SecretId(gone.id)) is None
        assert find(storage, ByName(gone.name)) is None
        assert storage.read(lambda s: s.secrets.find_deleted(SecretId(gone.id))).result() == gone
        second = keep(storage)
        assert second.id != gone.id
        with pytest.raises(NameTaken):
            replaced(storage, replace(gone, deleted_at=None))

    def test_a_living_secret_is_not_in_the_bin(self, storage: Storage) -> None:
        living = keep(storage)
        assert storage.read(lambda s: s.secrets.find_deleted(SecretId(living.id))).result() is None

    def test_an_old_revision_loses(self, storage: Storage) -> None:
        first = keep(storage)
        second = replaced(storage, replace(first, description="second"))
        with pytest.raises(LostRace):
            replaced(storage, replace(first, description="third"))
        with pytest.raises(LostRace):
            removed(storage, first)
        assert find(storage, SecretId(first.id)) == second

    def test_what_was_removed_is_gone_with_its_versions(self, storage: Storage) -> None:
        secret = keep(storage)
        superseded(storage, version_of(secret, 1))
        removed(storage, secret)
        assert find(storage, SecretId(secret.id)) is None
        assert storage.read(lambda s: s.versions.history(secret.id)).result() == []
        with pytest.raises(LostRace):
            removed(storage, secret)

    def test_an_id_is_never_used_again(self, storage: Storage) -> None:
        highest = keep(storage)
        removed(storage, highest)
        assert keep(storage).id > highest.id


class VersionContract:
    """Earlier versions are kept in order and destroyed one by one."""

    def test_versions_come_back_oldest_first(self, storage: Storage) -> None:
        secret, other = keep(storage), keep(storage, "other")
        superseded(storage, *(version_of(secret, number) for number in (10, 1, 2)))
        superseded(storage, version_of(other, 1))
        history = storage.read(lambda s: s.versions.history(secret.id)).result()
        assert list(history) == [version_of(secret, number) for number in (1, 2, 10)]

    def test_one_version_is_found_by_its_number(self, storage: Storage) -> None:
        secret = keep(storage)
        superseded(storage, version_of(secret, 1))
        found = storage.read(lambda s: s.versions.find(secret.id, 1)).result()
        assert found == version_of(secret, 1)
        assert storage.read(lambda s: s.versions.find(secret.id, 2)).result() is None

    def test_a_destroyed_version_keeps_only_the_fact(self, storage: Storage) -> None:
        secret = keep(storage)
        superseded(storage, version_of(secret, 1), version_of(secret, 2))
        storage.write(lambda s: s.versions.destroy(secret.id, 1, NOW + DAY)).result()
        history = storage.read(lambda s: s.versions.history(secret.id)).result()
        gone = replace(version_of(secret, 1), sealed=None, destroyed_at=NOW + DAY)
        assert list(history) == [gone, version_of(secret, 2)]
