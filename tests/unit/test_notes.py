"""Signed notes: what was signed verifies, and nothing else does."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.key_ring import HkdfKeyRing
from adapters.root_keys.local import LocalRootKey
from adapters.signing.note import NoteSigner, SignatureBroken, verify
from domain.keys.data_key import DataKey, KeyPurpose, KeyState
from tests.fakes import START, FixedClock, KnownRootKey, SeededRandomness

KEY_ID = "0123456789abcdef"
VECTOR = json.loads((Path(__file__).parent / "vectors" / "note.json").read_text("utf-8"))


def signer_of(seed: bytes) -> NoteSigner:
    """Return a signer whose data key has these bytes."""
    root_key = LocalRootKey(bytes(range(32)), source="test")
    wrapped = root_key.wrap(seed, context=f"strongroom/sr1/signing-key/{KEY_ID}".encode())
    ring = HkdfKeyRing(source=KnownRootKey(), clock=FixedClock(), randomness=SeededRandomness())
    key = DataKey(
        id=KEY_ID, purpose=KeyPurpose.SIGN, state=KeyState.ACTIVE, created_at=START,
        wrapped=wrapped,
    )  # fmt: skip
    ring.fetch(key).result()
    return NoteSigner(key_ring=ring)


SIGNER = signer_of(bytes(range(32, 64)))
TEXTS = st.lists(
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=20), min_size=1
).map(lambda lines: "".join(f"{line}\n" for line in lines))


@given(TEXTS)
def test_what_was_signed_verifies(text: str) -> None:
    note = SIGNER.sign(text, key_id=KEY_ID)
    assert verify(note, SIGNER.verifier(KEY_ID)) == text


def test_a_note_of_long_ago_still_verifies() -> None:
    assert verify(VECTOR["note"], VECTOR["verifier"]) == VECTOR["text"]
    assert SIGNER.verifier(KEY_ID) == VECTOR["verifier"]
    # Ed25519 is deterministic (RFC 8032, section 5.1.6), so the note comes out the same.
    assert SIGNER.sign(VECTOR["text"], key_id=KEY_ID) == VECTOR["note"]


def test_a_note_of_others_verifies() -> None:
    # The example of Go's golang.org/x/mod/sumdb/note documentation.
    verifier = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    note = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngo"
        "tpRZb6KE6RyyBwJnAM=\n"
    )
    assert verify(note, verifier).startswith("If you think")


def test_every_changed_character_is_noticed() -> None:
    note = VECTOR["note"]
    for place, character in enumerate(note):
        damaged = note[:place] + ("A" if character != "A" else "B") + note[place + 1 :]
        with pytest.raises(SignatureBroken):
            verify(damaged, VECTOR["verifier"])


def test_a_note_of_another_key_does_not_verify() -> None:
    with pytest.raises(SignatureBroken):
        verify(VECTOR["note"], signer_of(bytes(32)).verifier(KEY_ID))


@pytest.mark.parametrize(
    "verifier",
    ["", "name", "name+0+", "name+00000000+AAAA", "name+zz+!!", VECTOR["verifier"][:-4] + "AAA="],
)
def test_a_malformed_verifier_is_refused(verifier: str) -> None:
    with pytest.raises(SignatureBroken):
        verify(VECTOR["note"], verifier)


@pytest.mark.parametrize("text", ["", "no line end", "a\rb\n", "a\x00\n", "\u2028\n"])
def test_what_is_no_note_is_not_signed(text: str) -> None:
    with pytest.raises(ValueError, match="printable"):
        SIGNER.sign(text, key_id=KEY_ID)
