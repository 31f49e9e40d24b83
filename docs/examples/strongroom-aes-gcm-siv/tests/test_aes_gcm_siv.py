"""The cipher keeps the contract, and is the algorithm of the RFC."""

import base64

import pytest
from strongroom_aes_gcm_siv import AesGcmSivCipher

from adapters.testing.cipher import CipherContract
from domain.ports.cipher import Cipher


class TestAesGcmSiv(CipherContract):
    @pytest.fixture
    def cipher(self) -> Cipher:
        return AesGcmSivCipher()


@pytest.mark.parametrize(
    ("plaintext", "context", "sealed"),
    [
        ("0100000000000000", "", "c2ef328e5c71c83b843122130f7364b761e0b97427e3df28"),
        ("0200000000000000", "01", "1de22967237a813291213f267e3b452f02d01ae33e4ec854"),
    ],
)
def test_it_opens_what_the_rfc_sealed(plaintext: str, context: str, sealed: str) -> None:
    # RFC 8452, appendix C.2; keys and nonces there are a one or a three and then zeros.
    key, nonce = b"\x01" + bytes(31), b"\x03" + bytes(11)
    token = base64.urlsafe_b64encode(nonce + bytes.fromhex(sealed)).decode()
    opened = AesGcmSivCipher().open(token, key=key, context=bytes.fromhex(context))
    assert opened.hex() == plaintext
