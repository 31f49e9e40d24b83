"""The contract of a cipher.

class TestMyCipher(CipherContract):
    @pytest.fixture
    def cipher(self) -> Cipher:
        return MyCipher()
"""

import re

import pytest

from domain.errors import SealBroken
from domain.keys.seal import SealedValue
from domain.ports.cipher import Cipher

KEY = bytes(range(32))
OTHER_KEY = bytes(31) + b"\x01"
CONTEXT = b"strongroom/sr1/record/test\x00" + bytes(24)

PLAINTEXTS = {
    "empty": b"",
    "one byte": b"x",
    "a block": b"x" * 16,
    "NUL": b"\x00",
    "text": "schlüssel 🗝".encode(),
    "a megabyte": b"x" * (1 << 20),
}

MALFORMED = ["", "x", "gAAAAA", "not base64!", "é" * 80, "A" * 4, "A" * 400, "=" * 80, " " * 80]


class CipherContract:
    """What one key sealed opens with that key only, and damage is always noticed."""

    binds_context: bool = True
    """Whether the cipher itself takes the context. One that cannot relies on the derived key."""

    @pytest.fixture
    def cipher(self) -> Cipher:
        """Return the cipher.

        Raises:
            NotImplementedError: the subclass has to give this fixture.
        """
        raise NotImplementedError

    def test_its_name_can_stand_in_a_stored_value(self, cipher: Cipher) -> None:
        assert re.fullmatch(r"[a-z0-9-]{1,32}", cipher.name)

    @pytest.mark.parametrize("plaintext", PLAINTEXTS.values(), ids=PLAINTEXTS.keys())
    def test_what_was_sealed_opens(self, cipher: Cipher, plaintext: bytes) -> None:
        token = cipher.seal(plaintext, key=KEY, context=CONTEXT)
        assert cipher.open(token, key=KEY, context=CONTEXT) == plaintext

    def test_a_token_can_be_stored(self, cipher: Cipher) -> None:
        token = cipher.seal(b"value", key=KEY, context=CONTEXT)
        sealed = SealedValue(key_id="0" * 16, cipher=cipher.name, token=token)
        assert SealedValue.parse(sealed.render()) == sealed

    def test_no_two_tokens_are_alike(self, cipher: Cipher) -> None:
        tokens = {cipher.seal(b"value", key=KEY, context=CONTEXT) for _ in range(100)}
        assert len(tokens) == 100

    def test_a_token_does_not_show_the_plaintext(self, cipher: Cipher) -> None:
        assert "plainly-visible" not in cipher.seal(b"plainly-visible", key=KEY, context=CONTEXT)

    def test_another_key_does_not_open_it(self, cipher: Cipher) -> None:
        token = cipher.seal(b"value", key=KEY, context=CONTEXT)
        with pytest.raises(SealBroken):
            cipher.open(token, key=OTHER_KEY, context=CONTEXT)

    def test_another_context_does_not_open_it(self, cipher: Cipher) -> None:
        if not self.binds_context:
            pytest.skip("the cipher declares that it takes no context")
        token = cipher.seal(b"value", key=KEY, context=CONTEXT)
        with pytest.raises(SealBroken):
            cipher.open(token, key=KEY, context=CONTEXT + b"\x00")

    def test_every_changed_character_is_noticed(self, cipher: Cipher) -> None:
        token = cipher.seal(b"value", key=KEY, context=CONTEXT)
        for place, character in enumerate(token):
            other = "A" if character != "A" else "B"
            with pytest.raises(SealBroken):
                cipher.open(token[:place] + other + token[place + 1 :], key=KEY, context=CONTEXT)

    def test_every_cut_is_noticed(self, cipher: Cipher) -> None:
        token = cipher.seal(b"value", key=KEY, context=CONTEXT)
        for length in range(len(token)):
            with pytest.raises(SealBroken):
                cipher.open(token[:length], key=KEY, context=CONTEXT)

    def test_what_is_added_is_noticed(self, cipher: Cipher) -> None:
        token = cipher.seal(b"value", key=KEY, context=CONTEXT)
        for more in ("A", "AAAA", "=", "\n", " "):
            with pytest.raises(SealBroken):
                cipher.open(token + more, key=KEY, context=CONTEXT)

    @pytest.mark.parametrize("token", MALFORMED)
    def test_what_is_no_token_does_not_open(self, cipher: Cipher, token: str) -> None:
        with pytest.raises(SealBroken):
            cipher.open(token, key=KEY, context=CONTEXT)
