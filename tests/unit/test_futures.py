"""Work that is done already is chained at once, and behaves like any other that is done."""

import threading
from concurrent.futures import Future

import pytest

from application.futures import Kept, Promise, then
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


def test_a_step_that_is_not_done_at_once_is_waited_for() -> None:
    first, second = Future[int](), Future[int]()
    chained = then(first, lambda _: second)
    first.set_result(1)
    assert not chained.done()
    second.set_result(2)
    assert chained.result() == 2


def test_a_promise_is_open_until_it_is_kept() -> None:
    promise = Promise[str]()
    assert (promise.done(), promise.running(), promise.cancel(), promise.cancelled()) == (
        False, True, False, False,
    )  # fmt: skip
    promise.set_result("value")
    assert (promise.done(), promise.running()) == (True, False)
    assert (promise.result(), promise.exception()) == ("value", None)


def test_a_promise_may_be_kept_by_an_error() -> None:
    error = NotFound()
    promise = Promise[str]()
    promise.set_exception(error)
    assert promise.exception() is error
    with pytest.raises(NotFound):
        promise.result()


def test_whoever_asked_a_promise_is_called_once_it_is_kept() -> None:
    called: list[str] = []
    promise = Promise[str]()
    promise.add_done_callback(lambda done: called.append(f"before {done.result()}"))
    promise.set_result("value")
    promise.add_done_callback(lambda done: called.append(f"after {done.result()}"))
    assert called == ["before value", "after value"]


def test_whoever_fails_keeps_nobody_else_from_being_called(
    caplog: pytest.LogCaptureFixture,
) -> None:
    called: list[Future[str]] = []
    promise = Promise[str]()
    promise.add_done_callback(lambda _: called.remove(promise))
    promise.add_done_callback(called.append)
    promise.set_result("value")
    assert called == [promise]
    assert "what waited for a promise failed" in caplog.text


def test_a_thread_may_wait_for_a_promise() -> None:
    promise = Promise[str]()
    with pytest.raises(TimeoutError):
        promise.result(timeout=0)
    keeper = threading.Timer(0.01, promise.set_result, ["value"])
    keeper.start()
    assert promise.result(timeout=60) == "value"
    keeper.join()
