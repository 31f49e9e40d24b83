"""What each use case does, through the gate, on the store in memory."""

from datetime import timedelta

import pytest

from adapters.memory import MemoryStorage
from application.secrets.create_secret import CreateSecret
from application.secrets.delete_secret import DeleteSecret
from application.secrets.destroy_version import DestroyVersion
from application.secrets.empty_bin import EmptyBin
from application.secrets.list_secrets import ListSecrets
from application.secrets.list_versions import ListVersions
from application.secrets.purge_secret import PurgeSecret
from application.secrets.read_secret import ReadSecret
from application.secrets.restore_secret import RestoreSecret
from application.secrets.restore_version import RestoreVersion
from application.secrets.reveal_secret import RevealSecret
from application.secrets.update_secret import UpdateSecret
from domain.errors import Expired, InvalidInput, LostRace, NameTaken, NotFound
from domain.secrets.generation import Recipe
from domain.secrets.listing import Listing
from domain.secrets.name import SecretName
from domain.secrets.reference import ByName, SecretId
from domain.secrets.value import SecretValue
from tests.fakes import CALLER, START
from tests.house import House

DAY = timedelta(days=1)


def value_of(house: House, number: int, version: int | None = None) -> str:
    revealed = house.run(RevealSecret(reference=SecretId(number), version=version))
    text: str = revealed.value.reveal()
    return text


def test_a_created_secret_is_found_by_id_and_by_name(house: House) -> None:
    created = house.create("a/name", description="d", tags={"k": "v"}, expires_at=START + DAY)
    assert house.run(ReadSecret(reference=SecretId(created.id))) == created
    assert house.run(ReadSecret(reference=ByName("a/name"))) == created
    assert (created.version, created.revision, created.created_at) == (1, 1, START)


def test_a_created_value_is_revealed_and_the_reading_noted(house: House) -> None:
    number = house.create(value="the value").id
    assert value_of(house, number) == "the value"
    assert house.run(ReadSecret(reference=SecretId(number))).last_read_at == START


def test_two_secrets_cannot_have_one_name(house: House) -> None:
    house.create("one")
    other = house.create("other")
    with pytest.raises(NameTaken):
        house.create("one")
    with pytest.raises(NameTaken):
        house.run(UpdateSecret(reference=SecretId(other.id), name=SecretName("one")))


def test_a_generated_value_is_drawn_from_its_alphabet(house: House) -> None:
    recipe = Recipe(length=1024, alphabet="digits")
    created = house.run(CreateSecret(name=SecretName("n"), value=recipe))
    value = value_of(house, created.id)
    assert len(value) == 1024
    assert set(value) == set("0123456789")


def test_an_update_changes_what_it_names_and_nothing_else(house: House) -> None:
    created = house.create("old", "value", description="d", tags={"k": "v"}, expires_at=START + DAY)
    house.clock.advance(timedelta(seconds=1))
    renamed = house.run(UpdateSecret(reference=SecretId(created.id), name=SecretName("new")))
    assert (renamed.name, renamed.description, renamed.tags) == ("new", "d", {"k": "v"})
    assert (renamed.version, renamed.revision) == (1, 2)
    assert renamed.updated_at == START + timedelta(seconds=1)
    assert renamed.expires_at == START + DAY
    assert value_of(house, created.id) == "value"


def test_an_update_clears_what_may_be_empty(house: House) -> None:
    created = house.create(description="d", tags={"k": "v"}, expires_at=START + DAY)
    cleared = house.run(
        UpdateSecret(reference=SecretId(created.id), description=None, tags=None, expires_at=None)
    )
    assert (cleared.description, cleared.tags, cleared.expires_at) == (None, {}, None)


def test_a_secret_may_be_given_the_name_it_has(house: House) -> None:
    created = house.create("same")
    again = house.run(UpdateSecret(reference=SecretId(created.id), name=SecretName("same")))
    assert again.name == "same"


def test_a_change_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput):
        UpdateSecret(reference=SecretId(1), revision=1)


def test_a_change_of_what_somebody_else_has_changed_is_refused(house: House) -> None:
    created = house.create(value="first")
    reference = SecretId(created.id)
    house.run(UpdateSecret(reference=reference, value=SecretValue("second"), revision=1))
    with pytest.raises(LostRace):
        house.run(UpdateSecret(reference=reference, value=SecretValue("third"), revision=1))
    assert value_of(house, created.id) == "second"


def test_a_new_value_keeps_the_one_before(house: House) -> None:
    created = house.create(value="one")
    changed = house.run(UpdateSecret(reference=SecretId(created.id), value=Recipe(alphabet="hex")))
    assert changed.version == 2
    assert value_of(house, created.id, 1) == "one"
    assert value_of(house, created.id, 2) == value_of(house, created.id)


def test_a_version_that_never_was_is_not_found(house: House) -> None:
    created = house.create()
    reference = SecretId(created.id)
    for command in (
        RevealSecret(reference=reference, version=2),
        RestoreVersion(reference=reference, version=2),
        DestroyVersion(reference=reference, version=2),
    ):
        with pytest.raises(NotFound, match="version"):
            house.run(command)


def test_a_roll_back_is_a_new_version(house: House) -> None:
    created = house.create(value="one")
    reference = SecretId(created.id)
    house.run(UpdateSecret(reference=reference, value=SecretValue("two")))
    rolled = house.run(RestoreVersion(reference=reference, version=1))
    assert rolled.version == 3
    assert [value_of(house, created.id, version) for version in (1, 2, 3)] == ["one", "two", "one"]


def test_the_newest_version_is_neither_restored_nor_destroyed(house: House) -> None:
    reference = SecretId(house.create().id)
    for command in (
        RestoreVersion(reference=reference, version=1),
        DestroyVersion(reference=reference, version=1),
    ):
        with pytest.raises(InvalidInput):
            house.run(command)


def test_a_destroyed_version_stays_in_the_history_without_its_value(house: House) -> None:
    created = house.create(value="one")
    reference = SecretId(created.id)
    house.run(UpdateSecret(reference=reference, value=SecretValue("two")))
    house.run(DestroyVersion(reference=reference, version=1))
    for command in (
        RevealSecret(reference=reference, version=1),
        RestoreVersion(reference=reference, version=1),
        DestroyVersion(reference=reference, version=1),
    ):
        with pytest.raises(NotFound, match="version"):
            house.run(command)
    history = house.run(ListVersions(reference=reference))
    assert [(item.version, item.destroyed_at) for item in history] == [(1, START), (2, None)]


def test_an_expired_value_is_not_revealed_until_it_gets_more_time(house: House) -> None:
    created = house.create(value="v", expires_at=START + DAY)
    house.clock.advance(DAY)
    with pytest.raises(Expired):
        value_of(house, created.id)
    house.run(UpdateSecret(reference=SecretId(created.id), expires_at=START + 2 * DAY))
    assert value_of(house, created.id) == "v"


def test_a_deleted_secret_comes_back_within_thirty_days(house: House) -> None:
    created = house.create(value="v")
    reference = SecretId(created.id)
    house.run(DeleteSecret(reference=reference))
    with pytest.raises(NotFound):
        house.run(ReadSecret(reference=reference))
    house.clock.advance(30 * DAY - timedelta(seconds=1))
    house.run(RestoreSecret(reference=reference))
    assert value_of(house, created.id) == "v"


def test_a_deleted_secret_does_not_come_back_after_thirty_days(house: House) -> None:
    reference = SecretId(house.create().id)
    house.run(DeleteSecret(reference=reference))
    house.clock.advance(30 * DAY)
    with pytest.raises(NotFound):
        house.run(RestoreSecret(reference=reference))


def test_a_deleted_secret_does_not_come_back_over_another(house: House) -> None:
    reference = SecretId(house.create("n").id)
    house.run(DeleteSecret(reference=reference))
    house.create("n")
    with pytest.raises(NameTaken):
        house.run(RestoreSecret(reference=reference))


def test_a_living_secret_is_not_restored(house: House) -> None:
    with pytest.raises(NotFound):
        house.run(RestoreSecret(reference=SecretId(house.create().id)))


def test_a_purge_takes_the_living_and_the_deleted(house: House) -> None:
    living, deleted = SecretId(house.create("a").id), SecretId(house.create("b").id)
    house.run(DeleteSecret(reference=deleted))
    for reference in (living, deleted):
        house.run(PurgeSecret(reference=reference))
        with pytest.raises(NotFound):
            house.run(PurgeSecret(reference=reference))


def test_a_list_holds_the_living(house: House) -> None:
    first, second = house.create("a"), house.create("b")
    house.run(DeleteSecret(reference=SecretId(first.id)))
    assert [secret.id for secret in house.run(ListSecrets())] == [second.id]
    deleted = house.run(ListSecrets(listing=Listing(deleted=True)))
    assert [secret.id for secret in deleted] == [first.id]


def test_the_bin_is_emptied_of_what_cannot_come_back(house: House) -> None:
    old, new = SecretId(house.create("old").id), SecretId(house.create("new").id)
    house.run(DeleteSecret(reference=old))
    house.clock.advance(29 * DAY)
    house.run(DeleteSecret(reference=new))
    house.clock.advance(2 * DAY)
    empty_bin = EmptyBin(gate=house.gate, storage=house.storage, clock=house.clock)
    assert [empty_bin(CALLER), empty_bin(CALLER)] == [1, 0]
    assert len(house.run(ListSecrets(listing=Listing(deleted=True)))) == 1


def test_what_another_server_purged_meanwhile_is_passed_over() -> None:
    house = House(MemoryStorage()).opened()
    reference = SecretId(house.create().id)
    house.run(DeleteSecret(reference=reference))
    house.clock.advance(31 * DAY)

    class Late(EmptyBin):
        def _purge(self, caller: object, command: PurgeSecret) -> bool:
            house.run(command)
            return super()._purge(CALLER, command)

    assert Late(gate=house.gate, storage=house.storage, clock=house.clock)(CALLER) == 0


def test_the_bin_leaves_alone_what_was_brought_back_meanwhile(house: House) -> None:
    created = house.create("n")
    purge = PurgeSecret(reference=SecretId(created.id), deleted_before=house.clock.now())
    with pytest.raises(NotFound):
        house.run(purge)
    house.run(DeleteSecret(reference=SecretId(created.id)))
    with pytest.raises(NotFound):
        house.run(purge)
    assert house.run(RestoreSecret(reference=SecretId(created.id))).name == "n"
