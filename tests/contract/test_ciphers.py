"""Every cipher that ships keeps the contract and opens what was sealed long ago."""

import base64
import hmac
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet, InvalidToken
from hypothesis import given
from hypothesis import strategies as st

from adapters.ciphers import AesGcmCipher, ChaCha20Cipher, FernetCipher
from adapters.testing.cipher import CipherContract
from domain.errors import SealBroken
from domain.ports.cipher import Cipher

CIPHERS: dict[str, Cipher] = {
    cipher.name: cipher for cipher in (FernetCipher(), AesGcmCipher(), ChaCha20Cipher())
}
VECTORS = json.loads((Path(__file__).parent / "vectors" / "ciphers.json").read_text("utf-8"))[
    "vectors"
]


class TestFernet(CipherContract):
    binds_context = False

    @pytest.fixture
    def cipher(self) -> Cipher:
        return FernetCipher()


@given(
    key=st.binary(min_size=32, max_size=32),
    version=st.sampled_from([b"\x80", b"\x81", b""]),
    rest=st.binary(max_size=72),
    whole=st.booleans(),
)
def test_fernet_opens_what_the_library_opens_and_nothing_else(
    key: bytes, version: bytes, rest: bytes, whole: bool
) -> None:
    signed = version + rest[: len(rest) // 16 * 16 + 8 if whole else None]
    token = base64.urlsafe_b64encode(signed + hmac.digest(key[:16], signed, "sha256")).decode()
    try:
        expected = Fernet(base64.urlsafe_b64encode(key)).decrypt(token)
    except InvalidToken:
        with pytest.raises(SealBroken):
            CIPHERS["fernet"].open(token, key=key, context=b"")
    else:
        assert CIPHERS["fernet"].open(token, key=key, context=b"") == expected


@given(key=st.binary(min_size=32, max_size=32), plaintext=st.binary(max_size=200))
def test_fernet_opens_what_the_library_sealed(key: bytes, plaintext: bytes) -> None:
    token = Fernet(base64.urlsafe_b64encode(key)).encrypt(plaintext).decode()
    assert CIPHERS["fernet"].open(token, key=key, context=b"") == plaintext


@given(key=st.binary(min_size=32, max_size=32), plaintext=st.binary(max_size=5000))
def test_the_library_opens_what_fernet_sealed(key: bytes, plaintext: bytes) -> None:
    token = CIPHERS["fernet"].seal(plaintext, key=key, context=b"")
    assert Fernet(base64.urlsafe_b64encode(key)).decrypt(token) == plaintext


@pytest.mark.parametrize("length", range(101))
def test_a_fernet_of_any_length_is_of_now_and_is_opened_by_both(length: int) -> None:
    key, plaintext = bytes(range(32)), bytes(range(length))
    library, before = Fernet(base64.urlsafe_b64encode(key)), int(time.time())
    token = CIPHERS["fernet"].seal(plaintext, key=key, context=b"")
    assert before <= library.extract_timestamp(token) <= time.time()
    assert library.decrypt(token) == plaintext
    assert CIPHERS["fernet"].open(token, key=key, context=b"") == plaintext
    assert len(token) == len(library.encrypt(plaintext))


def test_two_fernets_of_one_second_share_no_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1e9)
    one, two = (
        base64.urlsafe_b64decode(CIPHERS["fernet"].seal(bytes(64), key=bytes(32), context=b""))
        for _ in range(2)
    )
    assert one[:9] == two[:9] == b"\x80" + (10**9).to_bytes(8, "big")
    blocks = [sealed[at : at + 16] for sealed in (one, two) for at in range(9, len(sealed), 16)]
    assert len(set(blocks)) == len(blocks)


def test_fernet_seals_the_example_of_its_specification(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 499162800.9)
    monkeypatch.setattr(os, "urandom", lambda count: bytes(range(count)))
    key = base64.urlsafe_b64decode("cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=")
    assert CIPHERS["fernet"].seal(b"hello", key=key, context=b"") == (
        "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF"
        "_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA=="
    )


@pytest.mark.parametrize("length", [0, 16, 31, 33, 40, 64])
def test_a_key_of_another_length_seals_no_fernet(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        CIPHERS["fernet"].seal(b"value", key=bytes(length), context=b"")


class TestAesGcm(CipherContract):
    @pytest.fixture
    def cipher(self) -> Cipher:
        return AesGcmCipher()


class TestChaCha20(CipherContract):
    @pytest.fixture
    def cipher(self) -> Cipher:
        return ChaCha20Cipher()


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["is"])
def test_a_known_answer_stays_the_same(vector: dict[str, Any]) -> None:
    key, context = bytes.fromhex(vector["key"]), bytes.fromhex(vector["context"])
    cipher = CIPHERS[vector["cipher"]]
    if vector["plaintext"] is None:
        with pytest.raises(SealBroken):
            cipher.open(vector["token"], key=key, context=context)
        return
    assert cipher.open(vector["token"], key=key, context=context).hex() == vector["plaintext"]
