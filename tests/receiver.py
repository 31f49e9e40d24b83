"""A receiver of webhooks, which checks them with the code that docs/webhooks.md shows."""

import base64
import contextlib
import json
import re
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

SECRET = "whsec_" + base64.b64encode(b"the secret of the receiver").decode()
DOCUMENT = Path(__file__).parents[1] / "docs" / "webhooks.md"


def documented() -> Callable[..., str]:
    """Return the function that the documentation shows."""
    found = re.search(r"```python\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    assert found is not None
    names: dict[str, Any] = {}
    exec(found[1], names)  # noqa: S102  our own documentation
    verified: Callable[..., str] = names["verified"]
    return verified


@dataclass
class Message:
    """One message as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def data(self) -> dict[str, Any]:
        """Return what it tells."""
        told: dict[str, Any] = json.loads(self.body)
        return told


@dataclass
class Receiver:
    """Keeps what it takes. Whatever is not signed is an assertion that fails."""

    port: int = 0
    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    asked: int = 0
    secret: str = SECRET
    forged: list[str] = field(default_factory=list)

    def of(self, kind: str) -> list[Message]:
        """Return the messages of a type, each id once."""
        once = {message.headers["webhook-id"]: message for message in self.messages}
        return [message for message in once.values() if message.data["type"] == kind]

    @contextlib.contextmanager
    def serving(self, certificate: tuple[Path, Path] | None = None) -> Iterator["Receiver"]:
        """Serve until the block ends; a second time on the same port."""
        receiver, verified = self, documented()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.asked += 1
                if receiver.status < 300:
                    try:
                        verified(receiver.secret, headers, body)
                        receiver.messages.append(Message(self.path, headers, body))
                    except ValueError as error:
                        receiver.forged.append(str(error))
                self.send_response(receiver.status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the same
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                """Pass over clients that go away, as those do that do not trust us."""

        with Server(("127.0.0.1", self.port), Handler) as server:
            if certificate is not None:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(*certificate)
                server.socket = context.wrap_socket(
                    server.socket, server_side=True, do_handshake_on_connect=False
                )
            self.port = server.server_address[1]
            thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
            thread.start()
            try:
                yield self
            finally:
                server.shutdown()
                thread.join()
