"""Small web servers for pages of other origins, and a name that leads elsewhere after a while."""

import contextlib
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LURE = "the-value-of-the-lure"


class Pages(ThreadingHTTPServer):
    """Serves one page at `/`; everything else answers to everybody, as a careless API would."""

    daemon_threads = True

    def __init__(self, page: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.page = page
        self.seen: Counter[str] = Counter()

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Handler(BaseHTTPRequestHandler):
    server: Pages

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        own = self.path == "/"
        if not own:
            self.server.seen[self.command] += 1
        text = self.server.page if own else f'{{"value":"{LURE}"}}'
        body = text.encode()
        self.send_response(200)
        self.send_header("content-type", "text/html" if own else "application/json")
        self.send_header("content-length", str(len(body)))
        for name in ("origin", "methods", "headers"):
            self.send_header(f"access-control-allow-{name}", "*")
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = do_OPTIONS = answer  # noqa: N815  so it is looked up


@contextlib.contextmanager
def serving(page: str = "<!doctype html><title>page</title>") -> Iterator[Pages]:
    """Serve a page until the block ends."""
    with Pages(page) as pages:
        thread = threading.Thread(target=pages.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield pages
        finally:
            pages.shutdown()
            thread.join()


class Turning:
    """A port that leads to one server first and to another later, as a rebound name does."""

    def __init__(self, first: int) -> None:
        self._leads_to = first
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def turn(self, port: int) -> None:
        """Lead elsewhere, also those who are connected and wait: browsers connect in advance."""
        self._leads_to = port
        for side in self._open:
            with contextlib.suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._leads_to))
                self._open += near, far
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=_pump, args=pair, daemon=True).start()


def _pump(source: socket.socket, target: socket.socket) -> None:
    """Hand on until either side has enough."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for side in (source, target):
        with contextlib.suppress(OSError):
            side.shutdown(socket.SHUT_RDWR)
        side.close()
