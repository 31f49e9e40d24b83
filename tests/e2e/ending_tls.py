"""A proxy that ends TLS and tells whose certificate a client has shown, as RFC 9440 says."""

import base64
import contextlib
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

SINGLE_HOP = frozenset({"connection", "transfer-encoding", "keep-alive", "content-length", "host"})
TOLD = frozenset({"client-cert", "client-cert-chain", "x-forwarded-for"})


@contextlib.contextmanager
def ending_tls(target: str, pair: tuple[Path, Path], clients: Path) -> Iterator[str]:
    """Stand before a server until the block ends; yield the address.

    Args:
        target: the server.
        pair: the certificate of the proxy and its key.
        clients: the issuers whose certificates clients may show; one without is let through.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            own = {
                name: value
                for name, value in self.headers.items()
                if name.lower() not in SINGLE_HOP | TOLD
            }
            shown = self.connection.getpeercert(binary_form=True)
            if shown:
                own["client-cert"] = f":{base64.b64encode(shown).decode()}:"
            own["x-forwarded-for"] = self.client_address[0]
            got = client.request(self.command, self.path, content=body, headers=own)
            self.send_response(got.status_code)
            for name, value in got.headers.items():
                if name not in SINGLE_HOP:
                    self.send_header(name, value)
            self.send_header("content-length", str(len(got.content)))
            self.end_headers()
            self.wfile.write(got.content)

        do_GET = do_POST = do_DELETE = answer  # noqa: N815  so it is looked up

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    context.load_verify_locations(clients)
    context.verify_mode = ssl.CERT_OPTIONAL
    with (
        httpx.Client(base_url=target, timeout=60, trust_env=False) as client,
        ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server,
    ):
        server.daemon_threads = True
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"https://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
