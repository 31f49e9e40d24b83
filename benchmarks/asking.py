"""The requests of the load generator in Python."""

import json

from benchmarks.load import MakeRequest
from benchmarks.servers import STOCK, Server

PATHS = {
    "reveal": "/api/secrets/{}/decrypt",
    "reveal by name": "/api/secrets/name/stock-{}/decrypt",
    "metadata": "/api/secrets/{}",
    "list": "/api/secrets?limit=100",
}


def get(path: str, shown: str = "", stock: int = STOCK) -> MakeRequest:
    """Return requests that read one of the stock after the other."""

    def make(count: int) -> bytes:
        number = count % stock + 1
        return f"GET {path.format(number)} HTTP/1.1\r\nhost: localhost\r\n{shown}\r\n".encode()

    return make


def create(prefix: str, shown: str = "") -> MakeRequest:
    """Return requests that create secrets with values of 100 bytes."""
    return lambda count: _post(
        "/api/secrets", {"name": f"{prefix}-{count}", "value": "v" * 100}, shown
    )


def requests_of(server: Server, what: str, unit: int, stock: int = STOCK) -> MakeRequest:
    """Return what is asked at a point; `unit` tells the names of one run from those of another."""
    shown = "".join(f"{name}: {text}\r\n" for name, text in server.headers.items())
    if what in PATHS:
        return get(PATHS[what], shown, stock)
    if what == "create":
        return create(f"new-{unit}", shown)
    asked = {"secrets": list(range(1, 101))}
    return lambda _: _post("/api/secrets/decrypt", asked, shown)


def _post(path: str, body: object, shown: str) -> bytes:
    """Return a request with a body."""
    sent = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nhost: localhost\r\n{shown}"
        f"content-type: application/json\r\ncontent-length: {len(sent)}\r\n\r\n"
    )
    return head.encode() + sent
