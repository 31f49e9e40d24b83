"""Sinks take what they are given, whole, or say that they did not."""

import json
import re
import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from adapters.audit_sinks import AppendedFile, StandardOutput, Syslog
from adapters.testing.examples import event
from domain.audit.encoding import entry_line
from domain.audit.event import AuditEntry, Outcome, Subject
from domain.errors import StartRefused
from domain.ports.audit_sink import SinkUnavailable

LINES = [
    entry_line(AuditEntry(number=number, event=event(subject=Subject(name="\x1b[31m\nname"))))
    for number in range(1, 6)
]
BEGINS = ('{"tag":"',)


def file_of(path: Path, **more: int) -> AppendedFile:
    return AppendedFile(path, begins=BEGINS, **more)  # type: ignore[arg-type]


def test_lines_are_appended(tmp_path: Path) -> None:
    sink = file_of(tmp_path / "log")
    sink.write(LINES[:2])
    sink.write(LINES[2:])
    assert (tmp_path / "log").read_text().splitlines() == LINES
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("cut", [1, 5, 40, -1])
def test_a_line_that_a_crash_cut_off_is_taken_away(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "log"
    path.write_text(f"{LINES[0]}\n{LINES[1][:cut]}")
    file_of(path).write(LINES[1:])
    assert path.read_text().splitlines() == LINES


def test_what_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("somebody else's words")
    file_of(path).write(LINES[:1])
    assert path.read_text().splitlines() == ["somebody else's words", LINES[0]]


def test_a_long_file_is_put_aside_and_nothing_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "log"
    sink = file_of(path, max_bytes=2 * len(LINES[0]) + 2)
    for line in LINES:
        sink.write([line])
    sink.write(LINES)
    parts = [*sorted(tmp_path.glob("log.*")), path]
    assert [len(part.read_text().splitlines()) for part in parts] == [2, 2, 2, 2, 2]
    assert [line for part in parts for line in part.read_text().splitlines()] == LINES * 2


def test_a_line_that_is_longer_than_a_file_may_be_is_written_all_the_same(tmp_path: Path) -> None:
    sink = file_of(tmp_path / "log", max_bytes=1)
    sink.write(LINES[:2])
    assert (tmp_path / "log.000001").read_text() == f"{LINES[0]}\n"
    assert (tmp_path / "log").read_text() == f"{LINES[1]}\n"


def test_a_note_that_a_crash_cut_off_leaves_no_broken_signature(tmp_path: Path) -> None:
    path = tmp_path / "notes"
    sink = AppendedFile(path, end="\n\n", begins=("strongroom-", "— strongroom-"))
    note = "strongroom-1\n1\nAAAA\n\n— strongroom-1 AAAA"
    path.write_text(f"{note}\n\n{note[:-3]}")
    sink.write([note])
    assert path.read_text() == f"{note}\n\nstrongroom-1\n1\nAAAA\n\n{note}\n\n"


def test_a_file_that_cannot_be_written_takes_nothing(tmp_path: Path) -> None:
    with pytest.raises(SinkUnavailable, match="no such file"):
        file_of(tmp_path / "nowhere" / "log").write(LINES)
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SinkUnavailable):
        file_of(tmp_path / "link").write(LINES)
    assert not (tmp_path / "elsewhere").exists()


def test_each_place_has_a_name_of_its_own(tmp_path: Path) -> None:
    names = {file_of(tmp_path / "a").name, file_of(tmp_path / "b").name, StandardOutput().name}
    names |= {Syslog("udp:127.0.0.1:514").name, Syslog("tcp:[::1]:514").name}
    assert len(names) == 5
    assert max(len(name) for name in names) <= 64


def test_standard_output_gets_lines(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    StandardOutput().write(LINES)
    assert capfdbinary.readouterr().out.decode().splitlines() == LINES


def test_standard_output_that_is_closed_takes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr("sys.stdout", full)
        with pytest.raises(SinkUnavailable):
            StandardOutput().write(LINES)


MESSAGE = re.compile(
    r"<(\d+)>1 2026-11-23T12:30:15\.123456Z \S+ strongroom - audit - (\{.*\})", re.DOTALL
)


def check_messages(messages: list[bytes]) -> None:
    """See that messages are those of RFC 5424, and hold the lines."""
    found = [MESSAGE.fullmatch(message.decode("ascii")) for message in messages]
    assert [match[2] for match in found if match] == LINES
    assert {match[1] for match in found if match} == {str(13 * 8 + 3)}


@pytest.mark.parametrize("kind", ["unix", "udp"])
def test_the_system_log_gets_a_datagram_for_each_line(tmp_path: Path, kind: str) -> None:
    family = socket.AF_UNIX if kind == "unix" else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as receiver:
        receiver.settimeout(10)
        receiver.bind(str(tmp_path / "log") if kind == "unix" else ("127.0.0.1", 0))
        place = receiver.getsockname()
        Syslog(f"unix:{place}" if kind == "unix" else f"udp:127.0.0.1:{place[1]}").write(LINES)
        check_messages([receiver.recv(65536) for _ in LINES])


@contextmanager
def receiving(handle: Callable[[socket.socket], None]) -> Iterator[str]:
    """Listen for one connection after another, and give the address."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            handle(self.request)

    with socketserver.TCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"tcp:127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def test_the_system_log_gets_counted_messages_over_a_stream() -> None:
    got = bytearray()

    def read(connection: socket.socket) -> None:
        while data := connection.recv(4096):
            got.extend(data)

    with receiving(read) as address:
        Syslog(address).write(LINES)
    messages = []
    while got:
        length, _, rest = bytes(got).partition(b" ")
        messages.append(rest[: int(length)])
        got = bytearray(rest[int(length) :])
    check_messages(messages)


def test_a_receiver_that_does_not_read_has_taken_nothing() -> None:
    def reset(connection: socket.socket) -> None:
        # Closing without lingering resets the connection, as the death of a process may.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    with receiving(reset) as address, pytest.raises(SinkUnavailable):
        Syslog(address).write(LINES * 200)


def test_a_receiver_that_is_not_there_takes_nothing(tmp_path: Path) -> None:
    with pytest.raises(SinkUnavailable):
        Syslog(f"unix:{tmp_path / 'log'}").write(LINES)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(SinkUnavailable):
            Syslog(f"tcp:127.0.0.1:{unused.getsockname()[1]}").write(LINES)


def test_an_erased_entry_is_a_message_without_a_time(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(tmp_path / "log"))
        line = json.dumps({"tag": "erased", "number": 1, "leaf": "00"})
        Syslog(f"unix:{tmp_path / 'log'}").write([line])
        assert re.match(rb"<109>1 - \S+ strongroom - audit - \{", receiver.recv(4096))


@pytest.mark.parametrize(
    "address", ["", "unix:", "udp:192.0.2.1:514", "tcp:example.com:1", "udp:127.0.0.1:0", "x:y"]
)
def test_another_address_is_refused(address: str) -> None:
    with pytest.raises(StartRefused, match="audit_syslog"):
        Syslog(address)


def test_the_outcome_decides_how_urgent_a_message_is(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(tmp_path / "log"))
        for outcome in Outcome:
            line = entry_line(AuditEntry(number=1, event=event(outcome=outcome)))
            Syslog(f"unix:{tmp_path / 'log'}").write([line])
        urgency = [int(receiver.recv(4096)[1:4]) - 13 * 8 for _ in Outcome]
    assert urgency == [6, 4, 5, 3]
