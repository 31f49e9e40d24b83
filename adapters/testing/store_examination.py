"""The contract of a store that can be examined without being touched.

class TestMyExamination(StoreExaminationContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Store:
        return MyStore(... a place where nothing is yet ...)
"""

import pytest

from adapters.testing.examples import keep, page
from adapters.testing.store import RECORD, fill, opened
from domain.errors import StorageUnavailable
from domain.health.finding import Level
from domain.ports.store import Store
from domain.ports.store_examination import StoreExamination


class StoreExaminationContract:
    """A look shows what is kept, changes nothing, and finds nothing where nothing is wrong."""

    @pytest.fixture
    def store(self) -> Store:
        """Return a store of a place where nothing is yet, which is a `StoreExamination` too.

        Raises:
            NotImplementedError: the subclass has to give this fixture.
        """
        raise NotImplementedError

    @pytest.mark.parametrize("full", [False, True])
    def test_a_sound_store_has_no_errors(self, store: Store, *, full: bool) -> None:
        store.upgrade()
        with opened(store) as storage:
            storage.write(fill).result()
        assert _errors(store, full=full) == []

    def test_a_place_without_a_store_can_be_examined(self, store: Store) -> None:
        assert _errors(store, full=True) == []
        assert store.inspect().revision is None

    def test_a_look_shows_what_is_kept_and_takes_no_changes(self, store: Store) -> None:
        store.upgrade()
        with opened(store) as storage:
            storage.write(fill).result()
            before = page(storage)
        look = _examined(store).open_to_look()
        assert page(look) == before
        assert look.read(lambda s: s.root_keys.current()).result() == RECORD
        with pytest.raises(StorageUnavailable):
            look.write(fill).result()
        with pytest.raises(StorageUnavailable):
            look.read(lambda s: s.probe.touch()).result()
        assert page(look) == before
        look.close()

    def test_a_look_follows_a_store_that_is_opened_and_changed(self, store: Store) -> None:
        if not store.is_shared:
            pytest.skip("the store declares that only one process may have it")
        store.upgrade()
        look = _examined(store).open_to_look()
        assert page(look) == []
        with opened(store) as storage:
            kept = [keep(storage, "one")]
            assert page(look) == kept
            kept.append(keep(storage, "two"))
            assert page(look) == kept
            assert _errors(store, full=True) == []
        assert page(look) == kept
        look.close()


def _examined(store: Store) -> StoreExamination:
    """Return the store by its other ability."""
    assert isinstance(store, StoreExamination)
    return store


def _errors(store: Store, *, full: bool) -> list[object]:
    """Return what is found and worse than a warning."""
    found = _examined(store).examine(full=full)
    return [item for item in found if item.level is Level.ERROR]
