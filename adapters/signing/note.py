"""Signed notes (C2SP signed-note) with Ed25519 (RFC 8032).

A text, an empty line, and a line for each signature. Go's `sumdb/note` and other tools check it.
"""

import base64
import binascii
import hashlib
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from domain.errors import Broken
from domain.ports.key_ring import KeyRing
from domain.ports.signer import NoteReader, Signer

CONTEXT = b"strongroom/sign/ed25519"
"""What a data key of the purpose `sign` is derived with into the seed of the signing key."""

_ALGORITHM = b"\x01"
_HASH_BYTES = 4
_LINE = re.compile(r"— (?P<name>[^\s+]+) (?P<signature>[A-Za-z0-9+/]+={0,2})")


class SignatureBroken(Broken):
    """A note is malformed, or not signed with the key that it is checked against."""


class NoteSigner(Signer):
    """Signs under the name `strongroom-<id of the data key>`."""

    def __init__(self, *, key_ring: KeyRing) -> None:
        """Take the ring that holds the signing key's data key."""
        self._key_ring = key_ring

    def sign(self, text: str, *, key_id: str) -> str:
        """Return the text as a signed note.

        Raises:
            KeyUnavailable: the data key is not at hand.
            ValueError: the text does not end with a line end, or holds another control character.
        """
        lines = text.split("\n")
        if lines.pop() or not lines or not all(line.isprintable() for line in lines):
            raise ValueError("a note is made of printable lines")
        private = self._private(key_id)
        public = private.public_key().public_bytes_raw()
        signature = _key_hash(_name(key_id), public) + private.sign(text.encode())
        return f"{text}\n— {_name(key_id)} {base64.b64encode(signature).decode('ascii')}\n"

    def verifier(self, key_id: str) -> str:
        """Return the verifier key: name, key hash, and algorithm with public key.

        Raises:
            KeyUnavailable: the data key is not at hand.
        """
        public = self._private(key_id).public_key().public_bytes_raw()
        encoded = base64.b64encode(_ALGORITHM + public).decode("ascii")
        return f"{_name(key_id)}+{_key_hash(_name(key_id), public).hex()}+{encoded}"

    def _private(self, key_id: str) -> Ed25519PrivateKey:
        """Return the signing key."""
        return Ed25519PrivateKey.from_private_bytes(self._key_ring.derive(key_id, CONTEXT))


class SignedNotes(NoteReader):
    """Reads what `NoteSigner`, or anybody else with an Ed25519 key, has signed."""

    def read(self, note: str, *, verifier: str) -> str:
        """Return the text of a note that the owner of the verifier key signed.

        Raises:
            SignatureBroken: the note or the key is malformed, or the note is not signed with it.
        """
        return verify(note, verifier)


def verify(note: str, verifier: str) -> str:
    """Return the text of a note that the verifier key's owner signed.

    Raises:
        SignatureBroken: the note or the key is malformed, or the note is not signed with it.
    """
    name, key_hash, public = _parse_verifier(verifier)
    # The last empty line, because the text may hold empty lines too.
    text, separator, signatures = note.rpartition("\n\n")
    if not separator:
        raise SignatureBroken("the note has no signature")
    text += "\n"
    for line in signatures.splitlines():
        match = _LINE.fullmatch(line)
        if match is None:
            raise SignatureBroken("the note has a signature line that is malformed")
        signature = _decoded(match["signature"])
        if match["name"] == name and signature[:_HASH_BYTES] == key_hash:
            _check(public, signature[_HASH_BYTES:], text)
            return text
    raise SignatureBroken("the note is not signed with this key")


def _check(public: bytes, signature: bytes, text: str) -> None:
    """Check one signature."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text.encode())
    except (InvalidSignature, ValueError):
        raise SignatureBroken("the signature does not fit the note") from None


def _parse_verifier(verifier: str) -> tuple[str, bytes, bytes]:
    """Take a verifier key apart."""
    name, plus, rest = verifier.partition("+")
    key_hash, _, encoded = rest.partition("+")
    key = _decoded(encoded)
    public = key[1:]
    if not plus or key[:1] != _ALGORITHM or _key_hash(name, public).hex() != key_hash:
        raise SignatureBroken("the verifier key is malformed")
    return name, bytes.fromhex(key_hash), public


def _decoded(text: str) -> bytes:
    """Decode base64 (RFC 4648, section 4)."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise SignatureBroken("there is text that is not base64") from None


def _name(key_id: str) -> str:
    """Return the name that a data key signs under."""
    return f"strongroom-{key_id}"


def _key_hash(name: str, public: bytes) -> bytes:
    """Return the first four bytes of the hash that names a key."""
    return hashlib.sha256(name.encode() + b"\n" + _ALGORITHM + public).digest()[:_HASH_BYTES]
