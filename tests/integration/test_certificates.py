"""A certificate or key that would not serve is refused before anything is, with the way back."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption as Encrypted
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat

from domain.errors import StartRefused
from entrypoints.configuration import load
from entrypoints.tls import self_signed
from entrypoints.tls.certificate import read
from entrypoints.tls.files import TlsFiles, files_of
from tests.e2e.certificates import Authority


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def pair(authority: Authority) -> TlsFiles:
    cert, key = authority.issue("server")
    return TlsFiles(cert=cert, key=key)


def refusal(files: TlsFiles) -> str:
    with pytest.raises(StartRefused) as refused:
        read(files)
    line = str(refused.value)
    assert "\n" not in line
    return line


def missing(files: TlsFiles) -> None:
    files.key.unlink()


def no_certificate(files: TlsFiles) -> None:
    files.cert.write_bytes(b"-----BEGIN NOTHING-----")


def no_key(files: TlsFiles) -> None:
    files.key.write_bytes(files.cert.read_bytes())


def open_to_others(files: TlsFiles) -> None:
    files.key.chmod(0o644)


def open_to_a_strangers_group(files: TlsFiles) -> None:
    os.chown(files.key, 65534, 65534)
    files.key.chmod(0o640)


def pipe(files: TlsFiles) -> None:
    files.key.unlink()
    os.mkfifo(files.key, 0o600)


def folder(files: TlsFiles) -> None:
    files.cert.unlink()
    files.cert.mkdir()


def encrypted(files: TlsFiles) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    files.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, Encrypted(b"word")))


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (missing, "is missing"),
        (no_certificate, "no certificate"),
        (no_key, "no private key"),
        (open_to_others, "chmod 600"),
        (open_to_a_strangers_group, "chmod 600"),
        (pipe, "not a regular file"),
        (folder, "cannot be read"),
        (encrypted, "is encrypted"),
    ],
)
def test_files_that_cannot_serve_are_refused(
    pair: TlsFiles, spoil: Callable[[TlsFiles], None], told: str
) -> None:
    try:
        spoil(pair)
    except PermissionError:
        pytest.skip("only root gives files away")
    assert told in refusal(pair)


def test_a_key_of_another_pair_is_refused(authority: Authority, pair: TlsFiles) -> None:
    other = authority.issue("other")[1]
    assert "does not belong" in refusal(TlsFiles(cert=pair.cert, key=other))


@pytest.mark.parametrize(
    ("begun", "left", "told"),
    [(timedelta(2), -timedelta(1), "expired"), (-timedelta(1), timedelta(2), "not valid before")],
)
def test_a_certificate_that_does_not_hold_now_is_refused(
    authority: Authority, begun: timedelta, left: timedelta, told: str
) -> None:
    cert, key = authority.issue("late", begun=begun, left=left)
    assert told in refusal(TlsFiles(cert=cert, key=key))


def test_a_key_that_the_server_cannot_use_is_refused(authority: Authority) -> None:
    cert, key = authority.issue("curve", key=ec.generate_private_key(ec.SECP521R1()))
    assert "P-256" in refusal(TlsFiles(cert=cert, key=key))


@pytest.mark.parametrize(
    "make",
    [
        lambda: rsa.generate_private_key(65537, 2048),
        lambda: ec.generate_private_key(ec.SECP384R1()),
        ed25519.Ed25519PrivateKey.generate,
    ],
    ids=["RSA", "P-384", "Ed25519"],
)
def test_the_usual_keys_are_taken(
    authority: Authority, make: Callable[[], ec.EllipticCurvePrivateKey]
) -> None:
    cert, key = authority.issue("usual", key=make())
    assert read(TlsFiles(cert=cert, key=key)).names == ("localhost", "127.0.0.1")


def test_the_key_stays_out_of_what_is_shown(pair: TlsFiles) -> None:
    assert "PRIVATE" not in repr(read(pair))


@pytest.mark.parametrize(
    ("env", "told"),
    [
        ({"STRONGROOM_TLS_CERT": "c"}, "go together"),
        ({"STRONGROOM_TLS_KEY": "k"}, "go together"),
        ({"STRONGROOM_TLS_CLIENT_CA": "a"}, "needs"),
        ({"STRONGROOM_TLS": "self-signed", "STRONGROOM_TLS_CERT": "c"}, "leave"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(env: dict[str, str], told: str) -> None:
    with pytest.raises(StartRefused, match=told):
        files_of(load(env))


def test_a_certificate_for_trying_out_is_kept_while_it_holds(tmp_path: Path) -> None:
    files = TlsFiles(cert=tmp_path / "a.crt", key=tmp_path / "a.key")
    self_signed.ensure(files)
    first = files.cert.read_bytes()
    self_signed.ensure(files)
    assert files.cert.read_bytes() == first
    files.key.unlink()
    self_signed.ensure(files)
    assert read(files).chain != first
