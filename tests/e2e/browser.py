"""A real browser, driven through its WebDriver (W3C) without a library in between."""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.running import free_port

MISSING = "there is no Chromium with its driver (apt-get install chromium chromium-driver)"


class Browser:
    """One window of a browser."""

    def __init__(self, driver: httpx.Client, session: str) -> None:
        self._driver = driver
        self._session = session

    def open(self, address: str) -> None:
        """Open a page and wait until it is there."""
        self._ask("url", {"url": address})

    def run(self, script: str, *arguments: Any) -> Any:
        """Run the body of an async function in the page, and return what it returns."""
        text = (
            "const done = arguments[arguments.length - 1], given = [...arguments].slice(0, -1);"
            f"(async () => {{ {script} }})().then(done, error => done(String(error)))"
        )
        return self._ask("execute/async", {"script": text, "args": arguments})

    def _ask(self, what: str, body: Mapping[str, Any]) -> Any:
        answer = self._driver.post(f"/session/{self._session}/{what}", json=body)
        assert answer.is_success, answer.text
        return answer.json()["value"]


@contextlib.contextmanager
def browsing(folder: Path, names: Mapping[str, str]) -> Iterator[Browser]:
    """Start a browser that finds names where it is told, and end it.

    Args:
        folder: for what it keeps.
        names: where names lead, such as `evil.example` or `localhost:8000` to `127.0.0.1:4711`.
    """
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip(MISSING)
    port = free_port()
    line = [driver, f"--port={port}", f"--log-path={folder / 'driver.log'}"]
    with subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=90, trust_env=False)
        try:
            with client:
                session = _begin(client, chromium, folder, names)
                yield Browser(client, session)
                client.delete(f"/session/{session}")
        finally:
            process.terminate()


def _begin(client: httpx.Client, chromium: str, folder: Path, names: Mapping[str, str]) -> str:
    """Wait for the driver and open a window."""
    deadline = time.monotonic() + 60
    while True:
        with contextlib.suppress(httpx.TransportError):
            if client.get("/status").is_success:
                break
        assert time.monotonic() < deadline, "the driver does not answer"
        time.sleep(0.05)
    rules = ",".join(f"MAP {name} {place}" for name, place in names.items())
    flags = [
        "--headless=new", "--no-proxy-server", "--disable-gpu", "--disable-dev-shm-usage",
        "--no-first-run", "--disable-background-networking",
        f"--user-data-dir={folder / 'profile'}",
        f"--host-resolver-rules={rules}",
        # The browser's own wall around this machine is not what is tested: others have none.
        "--disable-features=LocalNetworkAccessChecks,PrivateNetworkAccessSendPreflights",
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
    ]  # fmt: skip
    options = {"binary": chromium, "args": flags}
    wanted = {"alwaysMatch": {"goog:chromeOptions": options, "timeouts": {"script": 60_000}}}
    answer = client.post("/session", json={"capabilities": wanted})
    assert answer.is_success, answer.text
    session: str = answer.json()["value"]["sessionId"]
    return session
