"""What Apprise speaks is spoken, and its addresses are shown nowhere."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from adapters.notifiers.apprise import AppriseNotifier
from adapters.testing.notifier import NotifierContract, Service
from domain.errors import StartRefused
from domain.ports.notifier import NotDelivered, Notifier
from domain.ports.notifier_options import NotifierOptions
from domain.webhooks.notice import Notice

# Apprise looks for a module that Python 3.13 does without.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

NOW = datetime(2026, 11, 24, tzinfo=UTC)
NOTICE = Notice(
    id="msg_a", type="alert.raised", at=NOW, summary="somebody has touched <b>",
    body=json.dumps({"data": {"rule": "decoy", "severity": "critical"}}),
)  # fmt: skip


@dataclass
class JsonService(Service):
    """What Apprise calls `json://`."""

    status: int = 200
    port: int = 0
    came: list[dict[str, Any]] = field(default_factory=list)

    def notifier(self) -> Notifier:
        return AppriseNotifier(f"apprise:json://127.0.0.1:{self.port}/", NotifierOptions())

    def arrived(self) -> int:
        return len(self.came)

    def refuse(self) -> None:
        self.status = 500


@contextmanager
def serving(status: int = 200) -> Iterator[JsonService]:
    """Serve until the block ends."""
    service = JsonService(status)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if service.status == 200:
                service.came.append(body)
            self.send_response(service.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the same
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        service.port = server.server_address[1]
        yield service
        server.shutdown()
        thread.join()


def test_a_notice_comes_as_a_title_and_lines() -> None:
    with serving() as service:
        service.notifier().send(NOTICE, now=NOW)
    (message,) = service.came
    assert message["title"] == "Strongroom: alert.raised"
    assert message["message"].splitlines() == [
        "somebody has touched <b>", "", "rule: decoy", "severity: critical",
    ]  # fmt: skip
    assert message["type"] == "failure"


def test_what_is_not_taken_is_said_and_no_address_is_shown(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with serving(500) as service:
        url = f"apprise:json://user:hidden@127.0.0.1:{service.port}/token"
        with pytest.raises(NotDelivered) as caught:
            AppriseNotifier(url, NotifierOptions()).send(NOTICE, now=NOW)
    shown = "".join((*capfd.readouterr(), caplog.text, str(caught.value)))
    assert "hidden" not in shown
    assert "token" not in shown


def test_an_address_that_apprise_does_not_know_is_refused_and_not_repeated() -> None:
    with pytest.raises(StartRefused) as caught:
        AppriseNotifier("apprise:nothing://hidden", NotifierOptions())
    assert "hidden" not in str(caught.value)


class TestAppriseNotifier(NotifierContract):
    @pytest.fixture
    def service(self) -> Iterator[Service]:
        with serving() as started:
            yield started
