"""Whoever may only add files to where backups lie cannot have one erased."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from adapters.backups.folder import FolderPlace
from application.backups.contents import store_id
from application.backups.prune_backups import PruneBackups
from domain.backups.name import name_of
from domain.backups.retention import Retention
from domain.backups.run import BackupRun
from tests.fakes import CALLER, START
from tests.house import House

DAY = timedelta(days=1)


class Place:
    """A folder with backups of a store, and what else is put there."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house = house
        self.folder = folder
        self.store = house.storage.read(store_id).result()

    def lay(self, at: datetime, number: int = 0) -> str:
        """Put a file under the name of a backup of this store."""
        name = name_of(self.store, at, chance=number.to_bytes(4, "big"), suffix=".age")
        (self.folder / name).write_bytes(b"")
        return name

    def prove(self, at: datetime) -> str:
        """Lay a backup, and remember that it was proved."""
        name = self.lay(at)
        run = BackupRun(scheduled=True, started_at=at, place="file:/x", name=name)
        done = run.done(at, size=1, values=1, entries=1)
        self.house.storage.write(lambda session: session.backup_runs.add(done)).result()
        return name

    def prune(self, **rules: int) -> Sequence[str]:
        """Erase what no rule keeps, and return the names."""
        house = self.house
        prune = PruneBackups(
            gate=house.gate,
            storage=house.storage,
            clock=house.clock,
            retention=Retention(**rules),
        )
        return [named.name for named in prune(CALLER, FolderPlace(self.folder))]


@pytest.fixture
def place(house: House, tmp_path: Path) -> Place:
    return Place(house, tmp_path)


@pytest.mark.parametrize("later", [DAY / 2, 400 * DAY])
def test_names_that_were_never_proved_push_nothing_out(place: Place, later: timedelta) -> None:
    real = [place.prove(START + number * DAY) for number in range(3)]
    place.house.clock.advance(3 * DAY)
    added = [place.lay(START + 2 * DAY + later, number) for number in range(1, 30)]
    assert place.prune(last=3, daily=3) == []
    assert place.prune(last=2) == real[:1]
    assert {path.name for path in place.folder.iterdir()} == {*real[1:], *added}


def test_what_is_dated_in_the_future_is_neither_counted_nor_erased(place: Place) -> None:
    real = [place.prove(START + number * DAY) for number in range(3)]
    later = place.prove(START + 400 * DAY)
    assert place.prune(last=1) == []
    place.house.clock.advance(3 * DAY)
    assert place.prune(last=2) == real[:1]
    assert (place.folder / later).exists()
