"""The contract of what is kept beside the audit log: checkpoints, feeds, what was erased."""

from dataclasses import replace
from functools import partial

import pytest

from adapters.testing.examples import NOW, event
from adapters.testing.storage_audit import append_all
from domain.access.action import Action
from domain.audit.checkpoint import Checkpoint
from domain.audit.event import Outcome
from domain.audit.left_behind import LeftBehind
from domain.errors import LostRace
from domain.ports.storage import Session, Storage


class AccessLeftContract:
    """What erased entries have left is kept by thing."""

    def all(self, storage: Storage) -> list[LeftBehind]:
        """Return everything."""
        return list(storage.read(lambda s: s.access_left.all()).result())

    def test_nothing_is_left_at_first(self, storage: Storage) -> None:
        assert self.all(storage) == []

    def test_it_is_kept_by_thing_and_in_order(self, storage: Storage) -> None:
        token = LeftBehind(thing="token 1", number=7, facts="f" * 64, holder="somebody")
        role = LeftBehind(thing="role r", number=2**40, facts=None)

        def work(session: Session) -> None:
            session.access_left.put(replace(token, number=1, holder=None))
            session.access_left.put(token)
            session.access_left.put(role)

        storage.write(work).result()
        assert self.all(storage) == [role, token]

    def test_what_is_dropped_is_gone(self, storage: Storage) -> None:
        left = LeftBehind(thing="role r", number=1, facts=None)
        storage.write(lambda s: s.access_left.put(left)).result()
        storage.write(lambda s: s.access_left.drop("role other")).result()
        assert self.all(storage) == [left]
        storage.write(lambda s: s.access_left.drop("role r")).result()
        assert self.all(storage) == []


class CheckpointContract:
    """Checkpoints are kept for ever, one for a size."""

    def test_checkpoints_come_back_in_order_with_every_field(self, storage: Storage) -> None:
        assert storage.read(lambda s: s.checkpoints.newest()).result() is None
        kept = [
            Checkpoint(size=size, root=bytes([size]) * 32, at=NOW, key_id="1" * 16, note=f"n{size}")
            for size in (1, 5, 9)
        ]
        for item in kept:
            storage.write(partial(_add_checkpoint, item)).result()
        assert storage.read(lambda s: s.checkpoints.newest()).result() == kept[-1]
        assert list(storage.read(lambda s: s.checkpoints.after(0, limit=2)).result()) == kept[:2]
        assert list(storage.read(lambda s: s.checkpoints.after(5, limit=2)).result()) == kept[2:]

    def test_a_size_has_one_checkpoint(self, storage: Storage) -> None:
        first = Checkpoint(size=1, root=b"\x01" * 32, at=NOW, key_id="1" * 16, note="first")
        storage.write(partial(_add_checkpoint, first)).result()
        with pytest.raises(LostRace):
            storage.write(partial(_add_checkpoint, replace(first, note="second"))).result()
        assert storage.read(lambda s: s.checkpoints.newest()).result() == first


class FeedPositionContract:
    """Each feed has a position of its own."""

    def test_a_feed_begins_at_zero_and_stays_where_it_was_moved(self, storage: Storage) -> None:
        def move(number: int) -> None:
            storage.write(lambda s: s.feed_positions.move("one", number)).result()

        def positions() -> list[int]:
            return storage.read(
                lambda s: [s.feed_positions.of(name) for name in ("one", "other")]
            ).result()

        assert positions() == [0, 0]
        move(7)
        assert positions() == [7, 0]
        move(2**40)
        assert positions() == [2**40, 0]

    def test_a_position_is_moved_on_by_the_first_only(self, storage: Storage) -> None:
        def advance(after: int, to: int) -> BaseException | None:
            return storage.write(
                lambda s: s.feed_positions.advance("one", after=after, to=to)
            ).exception()

        assert advance(0, 5) is None
        assert isinstance(advance(0, 5), LostRace)
        assert isinstance(advance(4, 9), LostRace)
        assert advance(5, 9) is None
        assert storage.read(lambda s: s.feed_positions.of("one")).result() == 9


class SightingsContract:
    """Who follows the log sees what was done, and where it ends."""

    def test_what_was_done_comes_in_order_and_nothing_else(self, storage: Storage) -> None:
        def done(after: int, upto: int) -> list[int]:
            actions = {Action.CREATE, Action.DELETE}
            found = storage.read(
                lambda s: s.sightings.done(actions, after=after, upto=upto)
            ).result()
            return [entry.number for entry in found]

        append_all(
            storage,
            event(action=Action.CREATE, outcome=Outcome.DONE),
            event(action=Action.CREATE, outcome=Outcome.DENIED),
            event(action=Action.REVEAL, outcome=Outcome.DONE),
            event(action=Action.DELETE, outcome=Outcome.DONE),
            event(action=Action.CREATE, outcome=Outcome.DONE),
        )
        assert done(0, 5) == [1, 4, 5]
        assert done(1, 4) == [4]
        assert done(5, 9) == []

    def test_the_end_stays_where_it_is_when_entries_are_erased(self, storage: Storage) -> None:
        assert storage.read(lambda s: s.sightings.size()).result() == 0
        append_all(storage, *[event(outcome=Outcome.DONE)] * 3)
        storage.write(lambda s: s.audit.erase(upto=2)).result()
        assert storage.read(lambda s: s.sightings.size()).result() == 3
        found = storage.read(lambda s: s.sightings.done(set(Action), after=0, upto=3)).result()
        assert [entry.number for entry in found] == [3]


def _add_checkpoint(checkpoint: Checkpoint, session: Session) -> None:
    """Keep a checkpoint."""
    session.checkpoints.add(checkpoint)
