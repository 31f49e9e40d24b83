"""Every cipher that ships keeps the contract and opens what was sealed long ago."""

import base64
import hmac
import json
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
