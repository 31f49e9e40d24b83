"""Checking the proofs that a server gives, so that nobody has to believe it."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from domain.audit.proofs import verify_consistency, verify_inclusion
from domain.errors import Broken


def check_inclusion(proof: Mapping[str, Any]) -> str:
    """Check that an entry is in the log, and say so.

    Raises:
        Broken: the proof does not show it.
    """
    hashes = [_bytes(text) for text in proof["hashes"]]
    leaf, root = _bytes(proof["leaf"]), _bytes(proof["root"])
    verify_inclusion(leaf, proof["number"] - 1, proof["size"], hashes, root)
    return (
        f"entry {proof['number']}, with the leaf hash {leaf.hex()}, is among the"
        f" {proof['size']} entries of the root {root.hex()}"
    )


def check_consistency(proof: Mapping[str, Any]) -> str:
    """Check that a log is the beginning of another, and say so.

    Raises:
        Broken: the proof does not show it.
    """
    first, second = proof["first"], proof["second"]
    roots = _bytes(proof["first_root"]), _bytes(proof["second_root"])
    verify_consistency(first, second, [_bytes(text) for text in proof["hashes"]], *roots)
    return (
        f"the log of {first} entries and the root {roots[0].hex()} is the beginning of that of"
        f" {second} entries and the root {roots[1].hex()}"
    )


def _bytes(text: str) -> bytes:
    """Read a hash."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Broken("the server answered with something that is no hash") from None
