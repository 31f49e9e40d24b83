"""Work beside the answering begins when it may, and ends when it must."""

import threading

from entrypoints.background import Background, Task

SECONDS = 60.0


def test_the_first_round_is_done_at_once_unless_it_is_to_wait() -> None:
    done = threading.Event()
    at_once = Background((Task(name="a", seconds=SECONDS, run=lambda _: done.set()),))
    at_once.start()
    assert done.wait(SECONDS)
    at_once.stop(SECONDS)


def test_what_waits_for_its_first_round_ends_without_one() -> None:
    done = threading.Event()
    later = Background((Task(name="a", seconds=1.0, run=lambda _: done.set()),), after=3600.0)
    later.start()
    later.stop(SECONDS)
    assert "background" not in {thread.name for thread in threading.enumerate()}
    assert not done.is_set()
