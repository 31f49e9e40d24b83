"""The contract of units of work."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from adapters.testing.examples import add, keep, page
from domain.errors import NotFound, StorageUnavailable
from domain.ports.storage import Session, Storage
from domain.secrets.reference import ByName


def names(storage: Storage) -> list[str]:
    """Return the names of all living secrets."""
    return [secret.name for secret in page(storage, limit=1000)]


class UnitOfWorkContract:
    """Work runs whole or not at all, and is there for the next one."""

    def test_what_work_returns_comes_out(self, storage: Storage) -> None:
        assert storage.read(lambda _: "read").result() == "read"
        assert storage.write(lambda _: "written").result() == "written"

    def test_what_work_raises_comes_out(self, storage: Storage) -> None:
        def work(_: Session) -> None:
            raise NotFound

        with pytest.raises(NotFound):
            storage.read(work).result()
        with pytest.raises(NotFound):
            storage.write(work).result()

    def test_a_change_is_there_for_the_next_reading(self, storage: Storage) -> None:
        keep(storage, "kept")
        assert names(storage) == ["kept"]

    def test_work_that_raises_is_undone_alone(self, storage: Storage) -> None:
        def fails(session: Session) -> None:
            add(session, "undone")
            raise NotFound

        first = storage.write(lambda session: add(session, "first"))
        failed = storage.write(fails)
        last = storage.write(lambda session: add(session, "last"))
        assert isinstance(failed.exception(), NotFound)
        assert [first.result().name, last.result().name] == ["first", "last"]
        assert names(storage) == ["first", "last"]

    def test_every_change_of_failed_work_is_undone(self, storage: Storage) -> None:
        kept = keep(storage, "kept")

        def fails(session: Session) -> None:
            found = session.secrets.find(ByName("kept"))
            assert found is not None
            session.secrets.remove(session.secrets.replace(found))
            add(session, "kept")
            raise NotFound

        assert isinstance(storage.write(fails).exception(), NotFound)
        assert storage.read(lambda s: s.secrets.find(ByName("kept"))).result() == kept

    def test_a_change_within_a_reading_is_refused(self, storage: Storage) -> None:
        def smuggles(session: Session) -> str:
            # Within the work, where the gate sees it, and not only behind it.
            with pytest.raises(StorageUnavailable):
                add(session, "smuggled")
            return "refused"

        assert storage.read(smuggles).result() == "refused"
        assert names(storage) == []

    def test_a_probe_changes_nothing_and_is_no_reading(self, storage: Storage) -> None:
        secret = keep(storage)
        storage.write(lambda session: session.probe.touch()).result()
        assert page(storage) == [secret]
        with pytest.raises(StorageUnavailable):
            storage.read(lambda session: session.probe.touch()).result()

    def test_writers_from_many_threads_lose_nothing(self, storage: Storage) -> None:
        wanted = [f"name-{number:03}" for number in range(200)]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(partial(keep, storage), wanted))
        assert sorted(names(storage)) == wanted

    def test_a_reading_on_another_thread_sees_what_was_answered(self, storage: Storage) -> None:
        keep(storage, "seen")
        seen: list[list[str]] = []
        reader = threading.Thread(target=lambda: seen.append(names(storage)))
        reader.start()
        reader.join()
        assert seen == [["seen"]]

    def test_what_was_accepted_cannot_be_cancelled(self, storage: Storage) -> None:
        storage.write(lambda _: time.sleep(0.05))
        accepted = storage.write(partial(add, name="accepted"))
        assert not accepted.cancel()
        assert accepted.result(timeout=30).name == "accepted"
        assert storage.write(partial(add, name="next")).result(timeout=30).name == "next"

    def test_closing_finishes_what_was_accepted(self, storage: Storage) -> None:
        works = [partial(add, name=f"{number}") for number in range(50)]
        futures = [storage.write(work) for work in works]
        storage.close()
        assert [future.result().name for future in futures] == [f"{n}" for n in range(50)]

    def test_a_closed_store_takes_no_change(self, storage: Storage) -> None:
        storage.close()
        with pytest.raises(StorageUnavailable):
            keep(storage)
