"""A webhook goes where it may, signed, within bounds, and to nobody else."""

import base64
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.notifiers.signatures import SigningSecret
from adapters.notifiers.webhook import Webhook
from adapters.outbound.no_answer import NoAnswer
from adapters.outbound.reachable import addresses_of, may_be_reached
from adapters.testing.notifier import NotifierContract, Service
from adapters.testing.storage_outbox import notice
from domain.errors import StartRefused
from domain.ports.notifier import NotDelivered, Notifier
from domain.ports.notifier_options import NotifierOptions
from tests.e2e.certificates import Authority
from tests.receiver import SECRET, Receiver, documented

LOOPBACK = ("127.0.0.0/8", "::1/128")
NOTICE = notice()
OTHER = "whsec_" + base64.b64encode(b"another secret of a receiver").decode()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def receiver(authority: Authority) -> Iterator[Receiver]:
    with Receiver().serving(authority.issue("receiver")) as started:
        yield started


def webhook(authority: Authority, url: str, **more: Any) -> Webhook:
    options: dict[str, Any] = {"secret": SECRET, "networks": LOOPBACK, "ca": str(authority.file)}
    return Webhook(url, NotifierOptions(**(options | more)))


def now() -> datetime:
    return datetime.now(UTC)


def test_the_signature_is_that_of_the_standard() -> None:
    # The example that the standard's own libraries test with.
    secret = SigningSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_the_documentation_shows_takes_ours_and_nothing_else() -> None:
    verified, body = documented(), b'{"a":1}'
    signature = SigningSecret(SECRET).sign("msg_a", 1000, body)
    headers = {
        "webhook-id": "msg_a", "webhook-timestamp": "1000", "webhook-signature": signature,
    }  # fmt: skip
    assert verified(SECRET, headers, body, now=lambda: 1100) == "msg_a"
    for changed, sent, at in (
        (headers | {"webhook-id": "msg_b"}, body, 1100),
        (headers | {"webhook-timestamp": "1001"}, body, 1100),
        (headers | {"webhook-signature": "v1,AAAA v2,BBBB"}, body, 1100),
        (headers, b'{"a":2}', 1100),
        (headers, body, 2000),
        (headers, body, 100),
    ):
        with pytest.raises(ValueError, match="the"):
            verified(SECRET, changed, sent, now=lambda at=at: at)


def test_a_notice_arrives_signed_and_whole(authority: Authority, receiver: Receiver) -> None:
    webhook(authority, f"https://localhost:{receiver.port}/hook?a=1").send(NOTICE, now=now())
    (message,) = receiver.messages
    assert (message.path, message.body) == ("/hook?a=1", NOTICE.body.encode())
    assert message.headers["webhook-id"] == NOTICE.id
    assert message.headers["host"] == f"localhost:{receiver.port}"
    assert message.headers["content-type"] == "application/json"


def test_two_secrets_make_two_signatures(authority: Authority, receiver: Receiver) -> None:
    hook = webhook(authority, f"https://localhost:{receiver.port}", secret=f"{OTHER}\n{SECRET}\n")
    hook.send(NOTICE, now=now())
    receiver.secret = OTHER
    hook.send(NOTICE, now=now())
    assert len(receiver.messages) == 2
    assert not receiver.forged


@pytest.mark.parametrize(
    ("status", "refused"),
    [(300, False), (302, False), (400, True), (404, True), (410, True), (408, False),
     (429, False), (500, False), (503, False)],
)  # fmt: skip
def test_only_a_status_of_the_200s_is_taken(
    authority: Authority, receiver: Receiver, status: int, refused: bool
) -> None:
    with Receiver().serving() as elsewhere:
        receiver.status = status
        receiver.headers = {"location": f"http://127.0.0.1:{elsewhere.port}/"}
        with pytest.raises(NotDelivered, match=str(status)) as caught:
            webhook(authority, f"https://localhost:{receiver.port}/").send(NOTICE, now=now())
        assert caught.value.refused is refused
        assert not elsewhere.asked, "a redirect is not followed"


def test_proxies_of_the_environment_are_not_used(
    authority: Authority, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Receiver().serving() as proxy:
        for name in ("https_proxy", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        webhook(authority, f"https://localhost:{receiver.port}/").send(NOTICE, now=now())
    assert receiver.messages
    assert not proxy.asked


def answers(*hosts: str) -> Callable[..., list[Any]]:
    """Return a name service that gives one answer after another, each a list of addresses."""
    left = iter(hosts)

    def look_up(_host: str, port: int, **_more: Any) -> list[Any]:
        return [
            (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "",
             (one, port))
            for one in next(left).split()
        ]  # fmt: skip

    return look_up


def test_the_address_that_was_checked_is_the_one_that_is_connected_to(
    authority: Authority, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The second answer would be another address: a name must be asked for once.
    monkeypatch.setattr(socket, "getaddrinfo", answers("127.0.0.1", "169.254.169.254"))
    connected: list[Any] = []
    real = socket.create_connection

    def connect(address: tuple[str, int], *more: Any, **named: Any) -> socket.socket:
        connected.append(address)
        monkeypatch.undo()
        return real(address, *more, **named)

    monkeypatch.setattr(socket, "create_connection", connect)
    hook = webhook(authority, f"https://localhost:{receiver.port}/")
    hook.send(NOTICE, now=now())
    assert connected == [("127.0.0.1", receiver.port)]
    assert receiver.messages


def straight(port: int) -> Callable[..., socket.socket]:
    """Return what connects to this machine without asking a name service."""

    def connect(address: tuple[str, int], timeout: float, **_more: Any) -> socket.socket:
        assert address == ("127.0.0.1", port)
        connection = socket.socket()
        connection.settimeout(timeout)
        connection.connect(address)
        return connection

    return connect


@pytest.mark.parametrize(
    "found", ["10.0.0.1", "127.0.0.1 10.0.0.1", "169.254.169.254", "fd00::1", ""]
)
def test_one_address_that_must_not_be_is_enough_to_refuse(
    authority: Authority, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answers(found))
    with pytest.raises(NotDelivered, match="webhook_networks"):
        webhook(authority, "https://receiver.example/").send(NOTICE, now=now())


def test_a_name_that_is_not_known_is_no_receiver() -> None:
    with pytest.raises(NoAnswer, match="looked up"):
        addresses_of("receiver.invalid", 443, (), "webhook_networks")


@pytest.mark.parametrize(
    "text",
    ["127.0.0.1", "127.255.0.1", "0.0.0.0",  # noqa: S104  one that is refused
     "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1",
     "169.254.169.254", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "192.0.2.1",
     "198.18.0.1", "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1",
     "2001:db8::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "::7f00:1",
     "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::1", "2002:a00:1::",
     "2001:0:7f00:1::", "2001:0:4136:e378:8000:63bf:80ff:fffe"],
)  # fmt: skip
def test_what_is_not_public_is_not_reached(text: str) -> None:
    assert not may_be_reached(ipaddress.ip_address(text), ())


@pytest.mark.parametrize(
    "text", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"]
)
def test_what_is_public_is_reached(text: str) -> None:
    assert may_be_reached(ipaddress.ip_address(text), ())


def test_a_network_of_the_settings_is_reached_in_both_ways_to_write_it() -> None:
    allowed = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8"))
    for text in ("10.0.0.1", "::ffff:10.0.0.1", "fd00::1"):
        assert may_be_reached(ipaddress.ip_address(text), allowed)
    for text in ("127.0.0.1", "fc00::1", "64:ff9b::b00:1", "2002:a00:1::"):
        assert may_be_reached(ipaddress.ip_address(text), allowed) is (text == "64:ff9b::b00:1")


@pytest.mark.parametrize(
    "url",
    ["http://receiver.example/", "http://10.0.0.1/", "http://localhost:1/", "https:///path",
     "https://user:hidden@receiver.example/", "https://receiver.example:99999/", "https://[::1/",
     "https://receiver.example/a b", "https://receiver.example/\r\nx: y", "https://é.example/",
     "https://a b.example/"],
)  # fmt: skip
def test_an_address_that_cannot_be_is_refused_at_the_start(authority: Authority, url: str) -> None:
    with pytest.raises(StartRefused) as caught:
        webhook(authority, url)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    "secret", ["", "hidden", "whsec_", "whsec_aGlkZGVu", "whsec_!!!!", OTHER[6:]]
)
def test_a_secret_that_cannot_be_is_refused_at_the_start(authority: Authority, secret: str) -> None:
    with pytest.raises(StartRefused) as caught:
        webhook(authority, "https://receiver.example/", secret=secret)
    assert "hidden" not in str(caught.value)


def test_a_file_of_issuers_that_is_not_there_is_refused_at_the_start(authority: Authority) -> None:
    with pytest.raises(StartRefused, match="webhook_ca"):
        webhook(authority, "https://receiver.example/", ca="/nowhere")


def test_plain_http_is_for_an_allowed_address_of_this_machine(authority: Authority) -> None:
    with Receiver().serving() as receiver:
        webhook(authority, f"http://127.0.0.1:{receiver.port}/").send(NOTICE, now=now())
        assert receiver.messages
        with pytest.raises(StartRefused):
            webhook(authority, f"http://127.0.0.1:{receiver.port}/", networks=())


def test_a_certificate_of_somebody_else_is_not_trusted(
    authority: Authority, receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other", "other")
    with pytest.raises(NotDelivered, match="certificate"):
        webhook(other, f"https://localhost:{receiver.port}/").send(NOTICE, now=now())
    monkeypatch.setattr(socket, "getaddrinfo", answers("127.0.0.1"))
    monkeypatch.setattr(socket, "create_connection", straight(receiver.port))
    with pytest.raises(NotDelivered, match="certificate"):
        webhook(authority, f"https://receiver.example:{receiver.port}/").send(NOTICE, now=now())
    assert not receiver.asked


@contextmanager
def saying(*pieces: bytes, pause: float = 0.0) -> Iterator[int]:
    """Serve one connection with these bytes, whatever is asked; yield the port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                try:
                    for piece in pieces:
                        connection.sendall(piece)
                        time.sleep(pause)
                except OSError:
                    return

        threading.Thread(target=answer, daemon=True).start()
        yield server.getsockname()[1]


def test_an_answer_that_drips_ends_in_time(authority: Authority) -> None:
    with saying(*[b"H"] * 1000, pause=0.02) as port, pytest.raises(NotDelivered, match="in time"):
        webhook(authority, f"http://127.0.0.1:{port}/", seconds=0.3).send(NOTICE, now=now())


def test_an_interim_answer_is_passed_over(authority: Authority) -> None:
    answer = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 20", b"4 No Content\r\n\r\n"
    with saying(*answer) as port:
        webhook(authority, f"http://127.0.0.1:{port}/").send(NOTICE, now=now())


@pytest.mark.parametrize(
    "answer", [b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 2xx OK\r\n\r\n", b"HTTP/1.1\r\n\r\n",
               b"x" * 200_000],
)  # fmt: skip
def test_what_is_no_answer_is_not_taken_for_one(authority: Authority, answer: bytes) -> None:
    with saying(answer) as port, pytest.raises(NotDelivered):
        webhook(authority, f"http://127.0.0.1:{port}/", seconds=5).send(NOTICE, now=now())


def test_nobody_there_is_said_without_the_address(authority: Authority) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(NotDelivered) as caught:
        webhook(authority, f"https://127.0.0.1:{port}/token").send(NOTICE, now=now())
    assert "token" not in str(caught.value)
    assert not caught.value.refused


def test_tls_is_at_least_1_2(authority: Authority) -> None:
    endpoint = webhook(authority, "https://receiver.example/")._endpoint
    assert endpoint.trust.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert endpoint.trust.check_hostname
    assert endpoint.authority == "receiver.example"


@dataclass
class HookService(Service):
    """A receiver of webhooks."""

    receiver: Receiver
    authority: Authority

    def notifier(self) -> Notifier:
        return webhook(self.authority, f"https://localhost:{self.receiver.port}/")

    def arrived(self) -> int:
        assert not self.receiver.forged
        return len(self.receiver.messages)

    def refuse(self) -> None:
        self.receiver.status = 500


class TestWebhook(NotifierContract):
    @pytest.fixture
    def service(self, receiver: Receiver, authority: Authority) -> Service:
        return HookService(receiver, authority)
