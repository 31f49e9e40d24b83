"""The contract of a place of backups.

class TestMyPlace(BackupPlaceContract):
    @pytest.fixture
    def place(self) -> BackupPlace:
        return MyPlace(... where nothing is yet ...)
"""

import pytest

from domain.ports.backup_place import BackupPlace, Lying, NoSuchBackup, Target

NAMES = [
    f"strongroom-0123456789abcdef-2026112{day}T120000Z-0011223{day}.jsonl.gz.age"
    for day in range(3)
]
LARGE = bytes(range(256)) * 80_000
"""More than one part of any place's."""


def put(place: BackupPlace, name: str, *pieces: bytes) -> int:
    """Keep some pieces."""

    def write(target: Target) -> None:
        for piece in pieces:
            target.write(piece)

    return place.put(name, write)


def got(place: BackupPlace, name: str) -> bytes:
    """Return what is kept."""
    with place.open(name) as source:
        return b"".join(iter(lambda: source.read(100_000), b""))


class BackupPlaceContract:
    """What was put whole comes back whole."""

    @pytest.fixture
    def place(self) -> BackupPlace:
        """Return a place where nothing lies.

        Raises:
            NotImplementedError: the subclass has to give this fixture.
        """
        raise NotImplementedError

    def test_a_new_place_is_empty(self, place: BackupPlace) -> None:
        assert list(place.list()) == []

    @pytest.mark.parametrize("pieces", [[b""], [b"a", b"", b"b"], [LARGE, b"end"]])
    def test_what_was_put_comes_back(self, place: BackupPlace, pieces: list[bytes]) -> None:
        whole = b"".join(pieces)
        assert put(place, NAMES[0], *pieces) == len(whole)
        assert got(place, NAMES[0]) == whole
        assert list(place.list()) == [Lying(name=NAMES[0], bytes=len(whole))]

    @pytest.mark.parametrize("size", [1, len(LARGE)])
    def test_what_was_not_put_whole_is_not_there(self, place: BackupPlace, size: int) -> None:
        def write(target: Target) -> None:
            target.write(LARGE[:size])
            raise KeyError

        with pytest.raises(KeyError):
            place.put(NAMES[0], write)
        assert list(place.list()) == []
        with pytest.raises(NoSuchBackup), place.open(NAMES[0]):
            pass
        assert put(place, NAMES[0], b"now") == 3

    def test_they_are_listed_by_name(self, place: BackupPlace) -> None:
        for name in reversed(NAMES):
            put(place, name, b"x")
        assert [lying.name for lying in place.list()] == NAMES

    def test_what_is_no_backup_is_not_listed(self, place: BackupPlace) -> None:
        put(place, "something-else.txt", b"x")
        assert list(place.list()) == []

    def test_what_was_removed_is_gone(self, place: BackupPlace) -> None:
        for name in NAMES:
            put(place, name, b"x")
        place.remove(NAMES[1])
        place.remove(NAMES[1])
        assert [lying.name for lying in place.list()] == [NAMES[0], NAMES[2]]

    @pytest.mark.parametrize("name", [NAMES[0], "", "..", "../secret.key", "a/b"])
    def test_what_is_not_there_is_not_found(self, place: BackupPlace, name: str) -> None:
        with pytest.raises(NoSuchBackup), place.open(name):
            pass

    def test_its_address_is_told(self, place: BackupPlace) -> None:
        assert ":" in place.uri
