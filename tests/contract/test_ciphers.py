"""Every cipher that ships keeps the contract and opens what was sealed long ago."""

import json
from pathlib import Path
from typing import Any

import pytest

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
