"""Known by a certificate: real handshakes at a proxy that ends TLS before a real server."""

import base64
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.e2e.certificates import Authority
from tests.e2e.ending_tls import ending_tls
from tests.e2e.running import RunningServer, refused, running
from tests.e2e.test_guarded import REQUIRED, run

CLIENT = [ExtendedKeyUsageOID.CLIENT_AUTH]


@dataclass
class Place:
    """A server, the proxy before it, and who signs certificates of clients."""

    server: RunningServer
    proxy: str
    proxies: Authority
    clients: Authority
    admin: str

    @contextlib.contextmanager
    def client(self, name: str, *, by: Authority | None = None) -> Iterator[httpx.Client]:
        """Connect to the proxy with a certificate."""
        trust = self.proxies.trusted()
        trust.load_cert_chain(*(by or self.clients).issue(name, usages=CLIENT))
        with httpx.Client(base_url=self.proxy, verify=trust, trust_env=False) as client:
            yield client


def settings(clients: Authority) -> dict[str, str]:
    """Return the settings of a server behind a proxy."""
    return {
        **REQUIRED,
        "STRONGROOM_CLIENT_CERT_HEADER": "true",
        "STRONGROOM_CLIENT_CERT_CA": str(clients.file),
        "STRONGROOM_TRUSTED_PROXIES": "127.0.0.1",
    }


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("certificates")
    proxies, clients = Authority(folder, "proxies"), Authority(folder, "clients")
    admin = run("init", "--data-dir", str(folder / "data")).strip()
    with running(folder / "data", "--workers", "2", env=settings(clients)) as server:
        server.client.headers["authorization"] = f"Bearer {admin}"
        body = {"name": "shop/db", "value": "the-value"}
        server.client.post("/api/secrets", json=body).raise_for_status()
        env = {"STRONGROOM_ADDR": server.url, "STRONGROOM_TOKEN": admin}
        claim = ("--claim", "subject=CN=checkout", "--claim", "dns=localhost")
        run(
            "access",
            "binding",
            "create",
            "--issuer",
            "clients",
            "--role",
            "reader",
            *claim,
            env=env,
        )
        with ending_tls(server.url, proxies.issue("proxy"), clients.file) as proxy:
            yield Place(server, proxy, proxies, clients, admin)


READ = "/api/secrets/name/shop/db/decrypt"


def test_a_client_is_known_by_its_certificate_alone(place: Place) -> None:
    with place.client("checkout") as client:
        who = client.get("/api/whoami").json()
        assert who["principal"] == "cert:clients:CN=checkout"
        assert client.get(READ).json()["value"] == "the-value"
        assert client.delete("/api/secrets/1").status_code == 403
    entries = place.server.client.get("/api/audit", params={"caller": who["principal"]}).json()
    found = [(entry["action"], entry["outcome"]) for entry in entries]
    assert found[-2:] == [("secrets.reveal", "done"), ("secrets.delete", "denied")]
    assert "the-value" not in place.server.log_text


def test_whom_nothing_is_bound_to_is_not_known(place: Place) -> None:
    with place.client("somebody") as client:
        assert client.get(READ).status_code == 401


def test_who_shows_none_needs_a_token(place: Place) -> None:
    with httpx.Client(
        base_url=place.proxy, verify=place.proxies.trusted(), trust_env=False
    ) as client:
        assert client.get(READ).status_code == 401
        forged = {"client-cert": ":AAAA:"}
        assert client.get(READ, headers=forged).status_code == 401
        token = {"authorization": f"Bearer {place.admin}"}
        assert client.get(READ, headers=token).status_code == 200


def test_a_certificate_of_a_stranger_ends_in_the_handshake(place: Place, tmp_path: Path) -> None:
    stranger = Authority(tmp_path, "clients")
    with place.client("checkout", by=stranger) as client, pytest.raises(httpx.TransportError):
        client.get(READ)


def test_a_proxy_that_was_fooled_does_not_fool_the_server(place: Place, tmp_path: Path) -> None:
    stranger = Authority(tmp_path, "clients")
    own, _ = stranger.issue("checkout", usages=CLIENT)
    der = x509.load_pem_x509_certificate(own.read_bytes()).public_bytes(Encoding.DER)
    told = {"client-cert": f":{base64.b64encode(der).decode()}:"}
    # This test reaches the server from an address of a proxy.
    with httpx.Client(base_url=place.server.url, trust_env=False) as client:
        assert client.get(READ, headers=told).status_code == 401


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("AUTH", "local", "auth"),
        ("TRUSTED_PROXIES", "", "trusted_proxies"),
        ("CLIENT_CERT_CA", "", "client_cert_ca"),
        ("CLIENT_CERT_CA", "/nowhere.crt", "/nowhere.crt"),
        ("CLIENT_CERT_HEADER", "false", "client_cert_header"),
    ],
)
def test_half_of_what_it_takes_stops_the_start(
    tmp_path: Path, name: str, value: str, told: str
) -> None:
    env = settings(Authority(tmp_path)) | {f"STRONGROOM_{name}": value}
    assert told in refused(tmp_path / "data", env=env)


def test_a_root_that_others_can_write_stops_the_start(tmp_path: Path) -> None:
    clients = Authority(tmp_path)
    clients.file.chmod(0o666)
    assert "chmod go-w" in refused(tmp_path / "data", env=settings(clients))
