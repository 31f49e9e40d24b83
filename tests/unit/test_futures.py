"""Work that is done already is chained at once, and behaves like any other that is done."""

from concurrent.futures import Future

import pytest

from application.futures import Kept, then
from domain.errors import NotFound


def test_what_is_kept_is_done() -> None:
    kept = Kept("value")
    assert (kept.done(), kept.running(), kept.cancelled(), kept.cancel()) == (
        True, False, False, False,
    )  # fmt: skip
    assert (kept.result(timeout=0), kept.exception(timeout=0)) == ("value", None)


def test_what_is_kept_may_be_an_error() -> None:
    error = NotFound()
    kept = Kept[str](error=error)
    assert kept.exception() is error
    with pytest.raises(NotFound):
        kept.result()


def test_whoever_asks_to_be_called_is_called_at_once() -> None:
    called: list[Future[str]] = []
    kept = Kept("value")
    kept.add_done_callback(called.append)
    assert called == [kept]


def test_a_step_behind_what_is_done_is_taken_at_once() -> None:
    assert then(Kept(1), lambda first: Kept(first.result() + 1)).result() == 2


def test_what_a_step_raises_is_its_outcome() -> None:
    def fails(_: Future[int]) -> Future[int]:
        raise NotFound

    assert isinstance(then(Kept(1), fails).exception(), NotFound)
    later: Future[int] = Future()
    chained = then(later, fails)
    later.set_result(1)
    assert isinstance(chained.exception(), NotFound)


def test_a_step_behind_what_will_be_done_is_taken_then() -> None:
    later: Future[int] = Future()
    chained = then(later, lambda first: Kept(first.result() + 1))
    assert not chained.done()
    later.set_result(1)
    assert chained.result() == 2
