"""Every store of windows counts alike; the shared ones on a real server, where one is installed."""

import asyncio
import contextlib
import shutil
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from adapters.rate_limits.memory import MemoryWindows
from adapters.rate_limits.shared import SharedWindows
from adapters.rate_limits.windows import Rate, Windows
from tests.e2e.running import free_port

THREE = Rate("test", 3, 1)

SERVERS = [name for name in ("valkey-server", "redis-server") if shutil.which(name)]

Story = Callable[[Windows], Awaitable[object]]


@contextlib.contextmanager
def serving(program: str, folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run a server of its own and return its URL."""
    port = free_port()
    line = [program, "--port", str(port), "--save", "", "--bind", "127.0.0.1", "--dir", str(folder)]
    with subprocess.Popen(line, stdout=subprocess.DEVNULL) as process:
        try:
            yield f"redis://127.0.0.1:{port}/0", process
        finally:
            process.terminate()


@pytest.fixture(scope="module", params=["memory", *(SERVERS or ["redis-server"])])
def told(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Story], object]]:
    """Have something told to windows; each story gets keys that nobody has used."""
    if request.param == "memory":
        yield lambda story: asyncio.run(_run(story, MemoryWindows()))
        return
    if not SERVERS:
        pytest.skip("neither valkey-server nor redis-server is installed (apt-get install one)")
    with serving(request.param, tmp_path_factory.mktemp("server")) as (url, _):
        wait_for(url)
        yield lambda story: asyncio.run(_run(story, SharedWindows(url)))


async def _run(story: Story, windows: Windows) -> object:
    try:
        return await story(windows)
    finally:
        if isinstance(windows, SharedWindows):
            await windows.close()


def wait_for(url: str) -> None:
    """Wait until the server listens."""
    import redis  # noqa: PLC0415

    deadline = time.monotonic() + 20
    with contextlib.closing(redis.Redis.from_url(url)) as client:
        while True:
            try:
                client.ping()
            except redis.ConnectionError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            else:
                return


def test_so_many_are_taken_and_no_more(told: Callable[[Story], object]) -> None:
    async def story(windows: Windows) -> list[int]:
        return [await windows.take(THREE, "many") for _ in range(5)]

    assert told(story) == [0, 0, 0, 1, 1]


def test_keys_and_names_are_counted_apart(told: Callable[[Story], object]) -> None:
    async def story(windows: Windows) -> list[int]:
        for _ in range(3):
            await windows.take(THREE, "one")
        other = Rate("other", 3, 1)
        return [await windows.take(THREE, "two"), await windows.take(other, "one")]

    assert told(story) == [0, 0]


def test_looking_does_not_count(told: Callable[[Story], object]) -> None:
    async def story(windows: Windows) -> list[int]:
        looked = [await windows.full_for(THREE, "look") for _ in range(5)]
        for _ in range(3):
            await windows.take(THREE, "look")
        return [*looked, await windows.full_for(THREE, "look")]

    assert told(story) == [0, 0, 0, 0, 0, 1]


def test_the_window_moves_on(told: Callable[[Story], object]) -> None:
    async def story(windows: Windows) -> list[int]:
        before = [await windows.take(THREE, "move") for _ in range(4)]
        await asyncio.sleep(1.05)
        return [*before, await windows.take(THREE, "move")]

    assert told(story) == [0, 0, 0, 1, 0]


@pytest.mark.skipif(not SERVERS, reason="neither valkey-server nor redis-server is installed")
def test_two_servers_count_together(tmp_path: Path) -> None:
    async def story(url: str) -> list[int]:
        one, other = SharedWindows(url), SharedWindows(url)
        found = [await windows.take(THREE, "both") for windows in (one, other, one, other)]
        await one.close()
        await other.close()
        return found

    with serving(SERVERS[0], tmp_path) as (url, _):
        wait_for(url)
        assert asyncio.run(story(url)) == [0, 0, 0, 1]


@pytest.mark.skipif(not SERVERS, reason="neither valkey-server nor redis-server is installed")
def test_when_the_server_dies_each_counts_for_itself(tmp_path: Path) -> None:
    async def story(url: str, process: subprocess.Popen[bytes]) -> list[int]:
        windows = SharedWindows(url)
        before = await windows.take(THREE, "alone")
        process.kill()
        process.wait()
        began = time.monotonic()
        after = [await windows.take(THREE, "alone") for _ in range(4)]
        assert time.monotonic() - began < 3, "requests do not wait for what is gone"
        await windows.close()
        return [before, *after]

    with serving(SERVERS[0], tmp_path) as (url, process):
        wait_for(url)
        assert asyncio.run(story(url, process)) == [0, 0, 0, 0, 1]
