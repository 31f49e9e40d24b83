"""Our HMAC-SHA256 is that of the standard, and that of the library."""

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.hmac_sha256 import BLOCK_BYTES, HmacSha256


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        pytest.param(
            b"\x0b" * 20, b"Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            id="RFC 4231, section 4.2",
        ),
        pytest.param(
            b"Jefe", b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            id="RFC 4231, section 4.3, a key shorter than the hash",
        ),
        pytest.param(
            b"\xaa" * 20, b"\xdd" * 50,
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
            id="RFC 4231, section 4.4, more than one block",
        ),
    ],
)  # fmt: skip
def test_the_vectors_of_the_standard_come_out(key: bytes, text: bytes, expected: str) -> None:
    assert HmacSha256(key).digest(text).hex() == expected


@given(key=st.binary(max_size=BLOCK_BYTES), texts=st.lists(st.binary(max_size=300), max_size=3))
def test_one_key_gives_for_each_text_what_the_library_gives(key: bytes, texts: list[bytes]) -> None:
    keyed = HmacSha256(key)
    assert [keyed.digest(text) for text in texts] == [
        hmac.digest(key, text, "sha256") for text in texts
    ]


def test_a_key_longer_than_a_block_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 64 bytes"):
        HmacSha256(bytes(BLOCK_BYTES + 1))
