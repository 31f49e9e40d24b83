"""Keys of issuers over real sockets and in real files: fetched when needed, never for ever."""

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from adapters.jwt import issuer as inside
from adapters.jwt.fetched_keys import ASK_AGAIN_SECONDS, FetchedKeys, Times
from adapters.jwt.issuer_keys import IssuerKeys, KeysAway
from adapters.jwt.keys_in_file import KeysInFile
from adapters.jwt.verifier import JwtVerifier
from adapters.memory import MemoryStorage
from adapters.outbound import document as documents
from adapters.outbound.document import Document
from adapters.outbound.no_answer import NoAnswer
from adapters.outbound.reachable import addresses_of
from application.absent import Absent
from application.access.create_binding import CreateBinding
from application.access.who_am_i import WhoAmI
from domain.errors import Unauthenticated
from tests import issuing
from tests.contract.loopback import made_certificate, serving
from tests.fakes import FixedClock
from tests.house import SOMEBODY, House
from tests.issuing import Issuer

LOOPBACK = (ip_network("127.0.0.0/8"),)
BOUND = 60
"""Seconds after which a test that hangs ends."""


class KeyServer:
    """Answers with whatever it is told to."""

    def __init__(self) -> None:
        self.body = b""
        self.status = 200
        self.headers: dict[str, str] = {}
        self.asked = 0
        self.hosts: list[str | None] = []
        self.hold: threading.Event | None = None


@pytest.fixture
def server() -> Iterator[tuple[KeyServer, str]]:
    state = KeyServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked += 1
            state.hosts.append(self.headers.get("host"))
            if state.hold is not None:
                state.hold.wait(BOUND)
            self.send_response(state.status)
            for name, value in state.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(state.body)))
            self.end_headers()
            self.wfile.write(state.body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class's name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.02,))
        thread.start()
        yield state, f"http://127.0.0.1:{listening.server_port}/keys?a=b"
        listening.shutdown()
        thread.join()


@pytest.fixture
def elsewhere() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


class Watch:
    """A monotonic clock that goes on only when told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def document(url: str, **more: Any) -> Document:
    return Document(
        url, **{"allowed": LOOPBACK, "setting": "jwks_networks", "max_bytes": 10_000, **more}
    )


def fetched(url: str, elsewhere: ThreadPoolExecutor, watch: Watch) -> FetchedKeys:
    times = Times(refresh=300, keep=3600)
    return FetchedKeys(document(url), issuer="github", times=times, elsewhere=elsewhere, now=watch)


def house_of(keys: IssuerKeys) -> House:
    """Return a house that trusts the keys, and where claims of `acme/shop` are bound."""
    clock = FixedClock()
    issuer = inside.Issuer(
        name="github", issuer=issuing.ISSUER, audience=issuing.AUDIENCE,
        algorithms=frozenset({"ES256"}), max_age=3600, leeway=30, typ="", required={}, keys=keys,
    )  # fmt: skip
    verifier = JwtVerifier([issuer], clock=clock)
    house = House(MemoryStorage(), clock=clock, guarded=True, verifier=verifier).opened()
    claims = {"repository": "acme/shop"}
    house.run_within(CreateBinding(issuer="github", claims=claims, roles=("reader",)))
    return house


def jwks(*issuers: Issuer) -> bytes:
    return json.dumps({"keys": [issuer.jwk for issuer in issuers]}).encode()


def cause(house: House, token: Any) -> str | None:
    """Return why a token is refused, as the audit log has it."""
    with pytest.raises(Unauthenticated):
        house.run_as(token, WhoAmI())
    return house.events()[-1].reason


NO_KEY = "the issuer has no key that the token could mean"
AWAY = "the keys of the issuer cannot be had"


def test_keys_are_fetched_once_and_kept(
    server: tuple[KeyServer, str], elsewhere: ThreadPoolExecutor
) -> None:
    state, url = server
    us, watch = Issuer(), Watch()
    state.body = jwks(us)
    house = house_of(fetched(url, elsewhere, watch))
    for number in range(5):
        token = us.token({"jti": str(number)})
        assert house.run_as(token, WhoAmI()).principal.startswith("jwt:github:")
    watch.seconds += 299
    house.run_as(us.token(), WhoAmI())
    assert state.asked == 1
    watch.seconds += 2
    house.run_as(us.token(), WhoAmI())
    assert state.asked == 2
    assert state.hosts[0] == url.split("/")[2]


def test_a_new_key_is_found_and_a_removed_one_ends(
    server: tuple[KeyServer, str], elsewhere: ThreadPoolExecutor
) -> None:
    state, url = server
    old, new, watch = Issuer(kid="old"), Issuer(kid="new"), Watch()
    state.body = jwks(old)
    house = house_of(fetched(url, elsewhere, watch))
    remembered = old.token()
    house.run_as(remembered, WhoAmI())
    state.body = jwks(old, new)
    assert cause(house, new.token()) == NO_KEY  # asked a moment ago
    watch.seconds += ASK_AGAIN_SECONDS
    assert house.run_as(new.token(), WhoAmI()).identity.issuer == "github"
    state.body = jwks(new)
    house.run_as(remembered, WhoAmI())
    watch.seconds += 301
    # A token whose signature was found good before ends with its key all the same.
    assert cause(house, remembered) == NO_KEY
    assert house.run_as(new.token(), WhoAmI()).identity.issuer == "github"
    state.body = b'{"keys": []}'
    watch.seconds += 301
    assert cause(house, new.token()) == NO_KEY


def test_invented_key_ids_make_nobody_ask_more_than_now_and_then(
    server: tuple[KeyServer, str], elsewhere: ThreadPoolExecutor
) -> None:
    state, url = server
    us, watch = Issuer(), Watch()
    state.body = jwks(us)
    house = house_of(fetched(url, elsewhere, watch))
    for number in range(200):
        assert cause(house, us.token(header={"kid": f"k{number}"})) == NO_KEY
    assert state.asked == 1
    watch.seconds += ASK_AGAIN_SECONDS
    for number in range(200):
        assert cause(house, us.token(header={"kid": f"k{number}"})) == NO_KEY
    assert state.asked == 2


def test_many_who_come_at_once_ask_once(
    server: tuple[KeyServer, str], elsewhere: ThreadPoolExecutor
) -> None:
    state, url = server
    us, watch = Issuer(), Watch()
    state.body, state.hold = jwks(us), threading.Event()
    house = house_of(fetched(url, elsewhere, watch))
    futures: list[Future[Any]] = [
        house.gate.submit(replace(SOMEBODY, credential=us.token({"jti": str(number)})), WhoAmI())
        for number in range(50)
    ]
    assert not any(future.done() for future in futures)
    # The store is free while they wait.
    assert house.create("meanwhile").name == "meanwhile"
    state.hold.set()
    assert {future.result(BOUND).identity.issuer for future in futures} == {"github"}
    assert state.asked == 1


def test_an_issuer_that_is_down_ends_what_was_had_before(
    server: tuple[KeyServer, str], elsewhere: ThreadPoolExecutor
) -> None:
    state, url = server
    us, watch = Issuer(), Watch()
    state.body = jwks(us)
    house = house_of(fetched(url, elsewhere, watch))
    token = us.token()
    house.run_as(token, WhoAmI())
    state.status = 503
    watch.seconds += 301
    with capture_logs() as logs:
        house.run_as(token, WhoAmI())
    assert [(line["event"], line["detail"]) for line in logs] == [
        ("keys of an issuer cannot be fetched", "the answer has the status 503")
    ]
    watch.seconds += 3600 - 302
    house.run_as(token, WhoAmI())
    watch.seconds += 2
    assert cause(house, token) == AWAY
    assert cause(house, us.token({"jti": "new"})) == AWAY
    state.status = 200
    watch.seconds += ASK_AGAIN_SECONDS
    house.run_as(token, WhoAmI())


def test_an_issuer_that_was_never_there_lets_nobody_in(elsewhere: ThreadPoolExecutor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    watch = Watch()
    house = house_of(fetched(f"http://127.0.0.1:{port}/", elsewhere, watch))
    assert cause(house, Issuer().token()) == AWAY
    assert cause(house, Issuer().token()) == AWAY


def test_whoever_must_not_wait_for_an_issuer_does_not(
    server: tuple[KeyServer, str], elsewhere: ThreadPoolExecutor
) -> None:
    state, url = server
    us, watch = Issuer(), Watch()
    state.body = jwks(us)
    keys = fetched(url, elsewhere, watch)
    house = house_of(keys)
    house.run_as(us.token(), WhoAmI())
    state.status = 500
    watch.seconds += 301
    house.run_as(us.token(), WhoAmI())
    state.hold = threading.Event()
    watch.seconds += ASK_AGAIN_SECONDS
    assert house.run_as(us.token(), WhoAmI()).identity.issuer == "github"
    state.hold.set()


@pytest.mark.parametrize(
    ("status", "headers", "body", "why"),
    [
        (302, {"location": "http://127.0.0.1:1/"}, b"{}", "the answer has the status 302"),
        (404, {}, b"", "the answer has the status 404"),
        (200, {}, b"x" * 10_001, "the answer is larger than 10000 bytes"),
    ],
)
def test_an_answer_that_is_none_is_refused(
    server: tuple[KeyServer, str], status: int, headers: dict[str, str], body: bytes, why: str
) -> None:
    state, url = server
    state.status, state.headers, state.body = status, headers, body
    with pytest.raises(NoAnswer) as caught:
        document(url).get()
    assert str(caught.value) == why
    assert state.asked == 1


@pytest.mark.parametrize(
    "begun",
    [b"HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n",
     b"HTTP/1.1 200 OK\r\nx: "],
    ids=["a body of a length", "a body until the end", "the headers"],
)  # fmt: skip
def test_what_comes_drop_by_drop_ends(monkeypatch: pytest.MonkeyPatch, begun: bytes) -> None:
    monkeypatch.setattr(documents, "TOTAL_SECONDS", 0.2)
    ends = threading.Event()

    def drip(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(begun)
            while not ends.is_set():
                try:
                    connection.sendall(b"a")
                except OSError:
                    return
                time.sleep(0.02)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=drip, args=(listening,))
        thread.start()
        try:
            with pytest.raises(NoAnswer, match="in time"):
                document(f"http://127.0.0.1:{listening.getsockname()[1]}/").get()
        finally:
            ends.set()
            thread.join(BOUND)


def test_a_certificate_must_be_for_the_name_and_of_who_is_trusted(tmp_path: Path) -> None:
    class Keys:
        def answer(self, *_: Any) -> Any:
            return 200, {}, Issuer().jwks

    certificate = made_certificate(tmp_path)
    with serving(Keys(), certificate=certificate) as url:
        assert b"keys" in document(url, ca_file=str(certificate)).get()
        for wrong in (document(url), document(url.replace("127.0.0.1", "localhost"))):
            with pytest.raises(NoAnswer):
                wrong.get()
        named = url.replace("127.0.0.1", "localhost")
        with pytest.raises(NoAnswer):
            document(named, ca_file=str(certificate)).get()


def test_no_call_goes_to_where_the_settings_do_not_let_it() -> None:
    for host in ("127.0.0.1", "10.0.0.1", "169.254.169.254", "::", "::1", "::ffff:10.0.0.1"):
        with pytest.raises(NoAnswer, match="not public and not in 'jwks_networks'"):
            addresses_of(host, 443, (), "jwks_networks")
    found = addresses_of("127.0.0.1", 443, LOOPBACK, "jwks_networks")
    assert [str(address) for address in found] == ["127.0.0.1"]
    with pytest.raises(NoAnswer, match="not public"):
        document("https://10.0.0.1/").get()
    with pytest.raises(NoAnswer, match="looked up"):
        document("https://nowhere.invalid/").get()


def test_a_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    one, two, path = Issuer(kid="one"), Issuer(kid="two"), tmp_path / "keys.json"
    keys = KeysInFile(path, issuer="cluster")
    house = house_of(keys)
    assert cause(house, one.token()) == AWAY
    path.write_bytes(jwks(one))
    token = one.token()
    house.run_as(token, WhoAmI())
    assert cause(house, two.token()) == NO_KEY
    other = tmp_path / "new.json"
    other.write_bytes(jwks(two))
    os.replace(other, path)  # noqa: PTH105  as a deployment does it
    assert cause(house, token) == NO_KEY
    assert house.run_as(two.token(), WhoAmI()).identity.issuer == "github"
    with capture_logs() as logs:
        path.write_bytes(b"half a fi")
        assert cause(house, two.token()) == AWAY
    assert logs[0]["detail"] == "is no JSON, or has a name twice"
    path.unlink()
    with pytest.raises(KeysAway):
        keys.current()
    path.write_bytes(jwks(two))
    assert house.run_as(two.token(), WhoAmI()).identity.issuer == "github"


def test_a_file_without_an_end_is_not_read_to_it(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(b" " * 300_000 + jwks(Issuer()))
    with pytest.raises(KeysAway):
        KeysInFile(path, issuer="cluster").current()


def test_what_goes_wrong_inside_keeps_nobody_waiting(
    elsewhere: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = fetched("http://127.0.0.1:1/", elsewhere, Watch())
    monkeypatch.setattr(keys, "_document", None)
    with pytest.raises(Absent) as absent:
        keys.current()
    absent.value.fetch().result(BOUND)
    with pytest.raises(KeysAway):
        keys.current()
    # Whoever comes a moment too late to wait is not made to ask again.
    absent.value.fetch().result(BOUND)


def test_keys_change_under_load_and_nobody_with_a_good_token_is_refused(
    server: tuple[KeyServer, str], elsewhere: ThreadPoolExecutor
) -> None:
    """The issuer publishes a new key, signs with it after a while, and takes the old one away."""
    state, url = server
    now, later, watch = Issuer(kid="k0"), Issuer(kid="k1"), Watch()
    state.body = jwks(now, later)
    house = house_of(fetched(url, elsewhere, watch))
    signing, done, answered = [now], threading.Event(), [0] * 4

    def work(place: int) -> None:
        while not done.is_set():
            token = signing[0].token({"jti": f"{place} {answered[place]}"})
            assert house.run_as(token, WhoAmI()).identity.issuer == "github"
            answered[place] += 1

    def all_went_on() -> bool:
        """Wait until each has had answers to tokens that it made after this, or one has failed."""
        upto, until = [count + 5 for count in answered], time.monotonic() + BOUND
        while any(map(int.__lt__, answered, upto)) and time.monotonic() < until:
            for failed in (future for future in working if future.done()):
                failed.result()
            time.sleep(0.01)
        return not any(map(int.__lt__, answered, upto))

    with ThreadPoolExecutor(4) as pool:
        working = [pool.submit(work, place) for place in range(4)]
        try:
            for round_ in range(2, 5):
                assert all_went_on()  # or a token of the key that is taken away is on its way
                now, later = later, Issuer(kid=f"k{round_}")
                state.body = jwks(signing[0], now, later)
                watch.seconds += 301
                assert all_went_on()  # with keys that were fetched anew
                signing[0] = now
            assert all_went_on()
        finally:
            done.set()
        for future in working:
            future.result(BOUND)
    assert state.asked == 4
