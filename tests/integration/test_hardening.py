"""The limits of the operating system are known and kept to."""

import signal
import subprocess
import sys

import pytest

from entrypoints.hardening import RESERVED_FILES

ASK = """
import resource, sys
from entrypoints import hardening
resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[1]), int(sys.argv[2])))
print(hardening.room_for(1000), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.mark.parametrize(
    ("soft", "hard", "fit", "after"),
    [
        (4096, 4096, 1000, 4096),
        (256, 4096, 1000, 1000 + RESERVED_FILES),
        (256, 512, 512 - RESERVED_FILES, 512),
        (64, 64, 1, 64),
    ],
    ids=["enough already", "raised", "raised as far as allowed", "next to nothing"],
)
def test_no_more_connections_are_taken_than_files_can_be_opened(
    soft: int, hard: int, fit: int, after: int
) -> None:
    line = [sys.executable, "-c", ASK, str(soft), str(hard)]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(fit), str(after)]


@pytest.mark.parametrize(("parent", "code"), [("os.getppid()", 0), ("os.getpid()", 1)])
def test_a_worker_whose_parent_is_gone_already_does_not_stay(parent: str, code: int) -> None:
    ask = f"import os; from entrypoints import hardening; hardening.die_with_parent({parent})"
    assert subprocess.run([sys.executable, "-c", ask], check=False).returncode == code


FORK = """
import os, signal
from entrypoints import hardening
signal.signal(signal.SIGTERM, lambda number, frame: None)  # as the server does, in its parent
hardening.stop_while_loading()
worker = os.fork()
if worker == 0:
    signal.pause()
    os._exit(0)
os.kill(worker, signal.SIGTERM)
print(os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]))
"""


def test_a_worker_that_is_still_loading_stops_when_it_is_told_to() -> None:
    line = [sys.executable, "-c", FORK]
    done = subprocess.run(line, capture_output=True, text=True, check=True, timeout=30)
    assert int(done.stdout) == -signal.SIGTERM


LOAD = """
import os, signal
from entrypoints import hardening
with hardening.ended_by_stops():
    os.kill(os.getpid(), signal.SIGTERM)
    signal.pause()
"""


def test_a_stop_ends_what_is_still_loading() -> None:
    done = subprocess.run([sys.executable, "-c", LOAD], check=False, timeout=60)
    assert done.returncode == -signal.SIGTERM


BEGIN = """
import asyncio, os, signal, threading, uvloop
from entrypoints import hardening
with hardening.ended_by_stops():
    pass
loop, heard = uvloop.new_event_loop(), []
loop.add_signal_handler(signal.SIGTERM, heard.append, "a stop")
async def start():
    hardening.hear_stops_when_serving()
    threading.Thread(target=lambda: os.kill(os.getpid(), signal.SIGTERM)).start()
    for _ in range(100):
        await asyncio.sleep(0)
    print(heard)
async def serve():
    while not heard:
        await asyncio.sleep(0.01)
    print(heard)
loop.run_until_complete(start())
loop.run_until_complete(serve())
"""


def test_a_stop_between_loading_and_serving_waits_for_the_serving() -> None:
    line = [sys.executable, "-c", BEGIN]
    done = subprocess.run(line, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines() == ["[]", "['a stop']"]
