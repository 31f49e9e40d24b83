"""HTTPS with real clients: versions, renewal under load, client certificates, and trying out."""

import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import httpx
import pytest
from cryptography import x509

from tests.e2e.certificates import Authority, flags
from tests.e2e.running import CHECKOUT, RunningServer, command, environment, running
from tests.e2e.test_bad_input import connection
from tests.e2e.test_secrets_api import create


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def server(
    authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningServer]:
    """One server for the tests that change nothing about its certificate."""
    pair = flags(*authority.issue("server"))
    folder = tmp_path_factory.mktemp("tls") / "data"
    env = {"STRONGROOM_HEADER_TIMEOUT_SECONDS": "1"}
    with running(folder, *pair, env=env, trust=authority.trusted()) as started:
        yield started


def handshake(server: RunningServer, context: ssl.SSLContext) -> ssl.SSLSocket:
    """Connect, and return the connection with what was agreed on."""
    raw = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    try:
        return context.wrap_socket(raw, server_hostname="localhost")
    except BaseException:
        raw.close()
        raise


def serial(server: RunningServer, context: ssl.SSLContext) -> int:
    """Return the serial number of the certificate that a new connection is shown."""
    with handshake(server, context) as stream:
        shown = stream.getpeercert(binary_form=True)
    assert shown is not None
    return x509.load_der_x509_certificate(shown).serial_number


def number_in(path: Path) -> int:
    return x509.load_pem_x509_certificate(path.read_bytes()).serial_number


def test_secrets_are_kept_and_read_over_https(server: RunningServer) -> None:
    number = create(server.client, "over-https", "a value")
    answer = server.client.get(f"/api/secrets/{number}/decrypt")
    assert answer.json()["value"] == "a value"
    assert f"https://127.0.0.1:{server.port}" in server.log_text


def test_the_newest_version_that_both_speak_is_taken(
    server: RunningServer, authority: Authority
) -> None:
    with handshake(server, authority.trusted()) as stream:
        assert stream.version() == "TLSv1.3"


@pytest.mark.parametrize(("version", "taken"), [("TLSv1_2", True), ("TLSv1_1", False)])
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_version_1_2_is_the_floor(
    server: RunningServer, authority: Authority, version: str, taken: bool
) -> None:
    context = authority.trusted()
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion[version]
    if taken:
        with handshake(server, context) as stream:
            assert stream.version() == "TLSv1.2"
    else:
        with pytest.raises(OSError):  # noqa: PT011  an alert or a reset, as the client sees it
            handshake(server, context)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl on this machine")
@pytest.mark.parametrize(
    ("offer", "agreed"),
    [
        (("-tls1_2",), "Cipher    : ECDHE-ECDSA-AES"),
        (("-tls1_2", "-cipher", "AES128-SHA:AES256-SHA256"), "Cipher    : 0000"),
        (("-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0"), "Cipher    : 0000"),
    ],
    ids=["forward secrecy", "no key exchange without it", "TLS 1.1"],
)
def test_openssl_agrees(server: RunningServer, offer: tuple[str, ...], agreed: str) -> None:
    line = ["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", *offer]
    done = subprocess.run(line, input=b"", capture_output=True, timeout=30, check=False)
    assert agreed.encode() in done.stdout


def test_plain_http_gets_no_answer(server: RunningServer) -> None:
    with connection(server) as stream:
        stream.sendall(b"GET /api/secrets HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert not stream.recv(65536).startswith(b"HTTP/")


def test_a_client_that_falls_silent_after_the_handshake_is_cut_off(
    server: RunningServer, authority: Authority
) -> None:
    with handshake(server, authority.trusted()) as stream:
        stream.settimeout(20)
        stream.sendall(b"GET / HTTP/1.1\r\n")
        while stream.recv(65536):
            pass


def test_silent_clients_do_not_use_up_the_open_files(authority: Authority, data_dir: Path) -> None:
    trust = authority.trusted()
    few = ("bash", "-c", 'ulimit -n 400; exec "$@"', "-", *CHECKOUT)
    with running(data_dir, *flags(*authority.issue("few")), trust=trust, program=few) as server:
        silent = [connection(server) for _ in range(600)]
        try:
            until(10, lambda: "open files run out" in server.log_text)
            (worker,) = server.workers()
            before = processor_seconds(worker)
            time.sleep(1)
            assert processor_seconds(worker) - before < 0.5, "it does not try again and again"
        finally:
            for stream in silent:
                stream.close()
        answer = httpx.get(f"{server.url}/health/ready", verify=trust, trust_env=False, timeout=45)
        assert answer.is_success


class Load:
    """Clients that call all the time: on kept connections, on new ones, and slow to begin."""

    def __init__(self, server: RunningServer, trust: ssl.SSLContext) -> None:
        self.outcomes: Counter[str] = Counter()
        self._server = server
        self._trust = trust
        self._end = threading.Event()
        kinds = [self._keep, self._keep, self._anew, self._anew, *[self._slowly] * 8]
        self._threads = [threading.Thread(target=self._repeat, args=(kind,)) for kind in kinds]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()

    def _repeat(self, call: Callable[[httpx.Client], str]) -> None:
        with httpx.Client(base_url=self._server.url, verify=self._trust, trust_env=False) as client:
            while not self._end.is_set():
                try:
                    self.outcomes[call(client)] += 1
                except (httpx.HTTPError, OSError) as error:
                    self.outcomes[repr(error)] += 1
                time.sleep(0.002)

    def _keep(self, client: httpx.Client, **headers: str) -> str:
        body = {"name": os.urandom(8).hex(), "value": "v"}
        return str(client.post("/api/secrets", json=body, headers=headers).status_code)

    def _anew(self, client: httpx.Client) -> str:
        return self._keep(client, connection="close")

    def _slowly(self, _: httpx.Client) -> str:
        """Let time pass between connecting and the handshake: a worker must not go meanwhile."""
        with connection(self._server) as raw:
            time.sleep(0.4)
            with self._trust.wrap_socket(raw, server_hostname="localhost") as stream:
                stream.sendall(b"GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n")
                return stream.recv(12).removeprefix(b"HTTP/1.1 ").decode()


def until(seconds: float, happened: Callable[[], object]) -> None:
    """Wait until a call is true."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def test_a_renewed_certificate_is_shown_and_no_request_fails(
    authority: Authority, data_dir: Path
) -> None:
    trust = authority.trusted()
    cert, key = authority.issue("renewed")
    with running(data_dir, "--workers", "2", *flags(cert, key), trust=trust) as server:
        before = server.workers()
        with Load(server, trust) as load:
            time.sleep(0.5)
            newer = authority.issue("newer")
            for new, old in zip(newer, (cert, key), strict=True):
                new.replace(old)
            until(30, lambda: serial(server, trust) == number_in(cert))
            until(60, lambda: not before & server.workers())
            time.sleep(0.5)
        assert {serial(server, trust) for _ in range(20)} == {number_in(cert)}
    print(dict(load.outcomes))
    assert set(load.outcomes) == {"200"}
    assert load.outcomes["200"] > 500


def processor_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_renewal_that_does_not_fit_is_told_and_not_taken(
    authority: Authority, data_dir: Path
) -> None:
    trust = authority.trusted()
    cert, key = authority.issue("kept")
    shown = number_in(cert)
    with running(data_dir, *flags(cert, key), trust=trust) as server:
        authority.issue("other")[1].replace(key)
        until(20, lambda: "does not belong" in server.log_text)
        assert serial(server, trust) == shown


def test_clients_without_a_certificate_of_the_authority_are_turned_away(
    authority: Authority, data_dir: Path, tmp_path: Path
) -> None:
    stranger = Authority(tmp_path, "stranger")
    pair = flags(*authority.issue("asking"))
    known = authority.trusted()
    known.load_cert_chain(*authority.issue("service"))
    foreign = authority.trusted()
    foreign.load_cert_chain(*stranger.issue("service"))
    env = {"STRONGROOM_TLS_CLIENT_CA": str(authority.file)}
    with running(data_dir, *pair, env=env, trust=known) as server:
        assert server.client.get("/api/secrets").is_success
        for context in (authority.trusted(), foreign):
            with pytest.raises(httpx.HTTPError):
                httpx.get(f"{server.url}/api/secrets", verify=context, trust_env=False)


@pytest.fixture(scope="module")
def trying_out(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server on a certificate that only exists once it runs."""
    untrusting = ssl.create_default_context()
    untrusting.check_hostname = False
    untrusting.verify_mode = ssl.CERT_NONE
    folder = tmp_path_factory.mktemp("trying-out") / "data"
    with running(folder, "--tls", "self-signed", trust=untrusting) as started:
        yield started


def test_the_command_line_trusts_whom_it_is_told_to(trying_out: RunningServer) -> None:
    told = ["secrets", "list", "--json"]
    env = {"STRONGROOM_ADDR": f"https://localhost:{trying_out.port}"}
    ca = str(trying_out.data_dir / "self-signed.crt")
    assert cli(*told, env=env).stderr.count(b"is not trusted") == 1
    assert cli(*told, "--ca", ca, env=env).stdout.strip() == b"[]"
    assert cli(*told, env=env | {"STRONGROOM_CA": ca}).stdout.strip() == b"[]"


def test_a_certificate_for_trying_out_is_closed_short_lived_and_told(
    trying_out: RunningServer,
) -> None:
    cert, key = (trying_out.data_dir / f"self-signed.{end}" for end in ("crt", "key"))
    assert {path.stat().st_mode & 0o777 for path in (cert, key)} == {0o600}
    made = x509.load_pem_x509_certificate(cert.read_bytes())
    assert (made.not_valid_after_utc - made.not_valid_before_utc).days == 14
    assert "for trying out only" in trying_out.log_text
    strict = ssl.create_default_context(cafile=cert)
    strict.verify_flags |= ssl.VERIFY_X509_STRICT
    assert httpx.get(f"{trying_out.url}/health/live", verify=strict, trust_env=False).is_success


def test_browsers_are_told_to_stay_with_https_but_not_on_this_machine(
    server: RunningServer,
) -> None:
    def asked(host: str) -> str | None:
        answer = server.client.get("/health/live", headers={"host": host})
        found: str | None = answer.headers.get("strict-transport-security")
        return found

    assert asked("secrets.example") == "max-age=31536000"
    assert asked("localhost") is None


def cli(*arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        command(*arguments), capture_output=True, timeout=60, env=environment(env), check=False
    )
