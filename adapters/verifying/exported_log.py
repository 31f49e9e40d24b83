"""Verifies exported lines of the audit log with nothing but this file and `cryptography`.

    python exported_log.py entries.jsonl checkpoints.txt 'strongroom-…+…+…'

It shares no code with the server on purpose: what one of them gets wrong the other one finds.
Hashes are those of RFC 9162, section 2.1; checkpoints are signed notes (C2SP tlog-checkpoint).
"""

import base64
import hashlib
import json
import re
import sys
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_KEY_BYTES = 33
"""A byte for the kind and a public key of Ed25519 (C2SP signed-note)."""


class Refuted(Exception):
    """The log is not what was signed, or something is in no form that it must have."""


def verify(lines: Iterable[str], notes: str, verifiers: Sequence[str]) -> tuple[int, int]:
    """See that lines are the log that the checkpoints were signed of; return both counts.

    Args:
        lines: the exported lines in order, with or without their line ends.
        notes: one or more checkpoints, one after the other.
        verifiers: the verifier keys that are trusted.

    Raises:
        Refuted: the message says where.
    """
    for verifier in verifiers:
        _check(verifier)
    claims = sorted(_claims(notes, verifiers))
    if not claims:
        raise Refuted("there is no checkpoint that a trusted key has signed")
    peaks, count, signed, waiting = list[tuple[int, bytes]](), 0, 0, list(claims)
    for count, line in enumerate(lines, 1):
        _push(peaks, _leaf(line.removesuffix("\n"), count))
        while waiting and waiting[0][0] == count:
            size, root = waiting.pop(0)
            if _root(peaks) != root:
                raise Refuted(
                    f"among entries {signed + 1} to {size} is one that is not as it was signed"
                )
            signed = size
    if waiting:
        raise Refuted(f"entries {count + 1} to {waiting[-1][0]} are missing: they were signed")
    if count > signed:
        raise Refuted(f"entries {signed + 1} to {count} are not signed yet; take them away, or a"
                      " newer checkpoint")  # fmt: skip
    return count, len(claims)


def _leaf(line: str, number: int) -> bytes:
    """Return the leaf hash of a line, which must be the one of this number."""
    try:
        entry = json.loads(line)
        if entry["number"] != number:
            raise Refuted(f"entry {number} is missing: entry {entry['number']} stands there")
        if entry["tag"] == "erased":
            return bytes.fromhex(entry["leaf"])
        if entry["tag"] == "damaged":
            raise Refuted(f"entry {number} could not be read when the log was exported")
        return hashlib.sha256(b"\x00" + line.encode("ascii")).digest()
    except (ValueError, KeyError, TypeError):
        raise Refuted(f"line {number} is not an entry") from None


def _push(peaks: list[tuple[int, bytes]], leaf: bytes) -> None:
    """Add a leaf to the complete subtrees that are there, the largest first."""
    height, grown = 0, leaf
    while peaks and peaks[-1][0] == height:
        grown = hashlib.sha256(b"\x01" + peaks.pop()[1] + grown).digest()
        height += 1
    peaks.append((height, grown))


def _root(peaks: Sequence[tuple[int, bytes]]) -> bytes:
    """Return the root over the complete subtrees."""
    root = peaks[-1][1]
    for _, left in reversed(peaks[:-1]):
        root = hashlib.sha256(b"\x01" + left + root).digest()
    return root


def split_notes(text: str) -> Sequence[str]:
    """Return the signed notes of a file that holds one after the other."""
    return [
        f"{body}\n\n{signatures}\n"
        for body, signatures in pairwise(_blocks(text))
        if signatures.startswith("— ") and not body.startswith("— ")
    ]


def is_whole(text: str) -> bool:
    """Tell whether a file holds nothing but whole notes; one that was cut off may not."""
    return len(_blocks(text)) == 2 * len(split_notes(text))


def _blocks(text: str) -> Sequence[str]:
    """Return what stands between empty lines."""
    return [block for block in re.split(r"\n{2,}", text.strip("\n")) if block]


def _claims(notes: str, verifiers: Sequence[str]) -> Iterable[tuple[int, bytes]]:
    """Return the size and the root of every checkpoint, all of which must be signed."""
    for place, note in enumerate(split_notes(notes), 1):
        if not any(_is_signed(note, verifier) for verifier in verifiers):
            raise Refuted(f"checkpoint {place} is not signed with a trusted key")
        found = re.match(r"[^\n]+\n(0|[1-9][0-9]*)\n([A-Za-z0-9+/]{43}=)\n", note)
        if found is None:
            raise Refuted(f"checkpoint {place} is in another form")
        yield int(found[1]), base64.b64decode(found[2])


def _check(verifier: str) -> None:
    """Refuse what can be no verifier key, and one that was not copied whole."""
    name, _, rest = verifier.strip().partition("+")
    key_hash, _, encoded = rest.partition("+")
    try:
        key = _decoded(encoded)
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES or key[:1] != b"\x01":
        raise Refuted(f"the key '{verifier}' is no verifier key, such as export prints")
    if hashlib.sha256(f"{name}\n".encode() + key).hexdigest()[:8] != key_hash:
        raise Refuted(f"the key '{verifier}' is damaged: its hash is that of another name or key")


def _is_signed(note: str, verifier: str) -> bool:
    """Tell whether the owner of a verifier key has signed a note under its own name."""
    name, _, rest = verifier.strip().partition("+")
    key_hash, _, encoded = rest.partition("+")
    try:
        key = _decoded(encoded)
    except ValueError:
        return False
    text, _, signatures = note.rpartition("\n\n")
    fits = hashlib.sha256(f"{name}\n".encode() + key).hexdigest()[:8] == key_hash
    if not fits or key[:1] != b"\x01" or not text.startswith(f"{name}\n"):
        return False
    for line in signatures.splitlines():
        if line.startswith(f"— {name} "):
            try:
                signature = _decoded(line.rpartition(" ")[2])
                public = Ed25519PublicKey.from_public_bytes(key[1:])
                public.verify(signature[4:], f"{text}\n".encode())
            except (ValueError, InvalidSignature):
                return False
            return signature[:4].hex() == key_hash
    return False


def _decoded(text: str) -> bytes:
    """Decode base64 (RFC 4648, section 4), in its one canonical form.

    Otherwise a note could be changed in bits that nothing hangs on, and would still be believed.
    """
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode("ascii") != text:
        raise ValueError("the text is not canonical base64")
    return data


def main() -> None:
    """Verify what the arguments name."""
    entries, notes, *verifiers = sys.argv[1:]
    with Path(entries).open(encoding="ascii") as lines:
        try:
            count, checkpoints = verify(lines, Path(notes).read_text("utf-8"), verifiers)
        except Refuted as error:
            sys.exit(f"refuted: {error}")
    sys.stdout.write(f"{count} entries are those that {checkpoints} checkpoints were signed of\n")


if __name__ == "__main__":
    main()
