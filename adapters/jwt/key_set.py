"""Sets of public keys (JWKS, RFC 7517): which of them verify what."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, import_key

from adapters.jwt.strict_json import NotReadable, read_object

MAX_BYTES = 256 * 1024
"""How large a set may be; that of a large issuer has about 10 KiB."""

MAX_KEYS = 64
MIN_RSA_BITS = 2048
"""RFC 7518, section 3.3."""
MAX_RSA_BITS = 8192
"""Verifying takes longer with the square of the length."""

ALGORITHMS: dict[str, tuple[str, str | None]] = {
    "RS256": ("RSA", None), "RS384": ("RSA", None), "RS512": ("RSA", None),
    "PS256": ("RSA", None), "PS384": ("RSA", None), "PS512": ("RSA", None),
    "ES256": ("EC", "P-256"), "ES384": ("EC", "P-384"), "ES512": ("EC", "P-521"),
    "EdDSA": ("OKP", "Ed25519"), "Ed25519": ("OKP", "Ed25519"),
}  # fmt: skip
"""The kind of key, and the curve, that each algorithm takes: of public keys only.

With HMAC the verifier could sign, and a public key taken for a secret would let everybody sign
(RFC 8725, section 2.1).
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """One key. Two are the same when their id, their algorithm and their thumbprint are."""

    kid: str | None
    alg: str | None
    kind: str
    curve: str | None
    thumbprint: str
    key: Key = field(compare=False, repr=False)

    def fits(self, alg: str) -> bool:
        """Tell whether the key is one for an algorithm."""
        kind, curve = ALGORITHMS[alg]
        return self.kind == kind and curve in {None, self.curve} and self.alg in {None, alg}


@dataclass(frozen=True, slots=True)
class KeySet:
    """The keys of an issuer at one time."""

    keys: frozenset[PublicKey]

    def find(self, kid: str | None, alg: str) -> PublicKey | None:
        """Return the one key that a token names, or `None` if there is none or more than one.

        A token that names none can only mean the only one.
        """
        fitting = [key for key in self.keys if key.fits(alg) and (kid is None or key.kid == kid)]
        return fitting[0] if len(fitting) == 1 else None


def read_key_set(text: bytes) -> KeySet:
    """Return the keys of a set that can verify. Others are passed over (RFC 7517, section 5).

    Raises:
        NotReadable: it is no set.
    """
    members = read_object(text).get("keys")
    if not isinstance(members, list) or len(members) > MAX_KEYS:
        raise NotReadable(f"has no list of at most {MAX_KEYS} keys")
    return KeySet(frozenset(_usable(members)))


def _usable(members: Iterable[Any]) -> Iterable[PublicKey]:
    """Go through the keys that can verify."""
    for member in members:
        if isinstance(member, dict) and _is_for_us(member):
            key = _imported(member)
            if key is not None:
                yield key


def _is_for_us(member: dict[str, Any]) -> bool:
    """Tell whether a key is public, and meant to verify signatures.

    A private key in a set is known to everybody; what it signs proves nothing.
    """
    operations = member.get("key_ops", ["verify"])
    return (
        member.get("kty") in {"RSA", "EC", "OKP"}
        and "d" not in member
        and member.get("use", "sig") == "sig"
        and isinstance(operations, list)
        and "verify" in operations
        and isinstance(member.get("kid"), str | None)
        and isinstance(member.get("alg"), str | None)
    )


def _imported(member: dict[str, Any]) -> PublicKey | None:
    """Return a key, or `None` if it is none that we use."""
    try:
        if member["kty"] == "RSA" and not MIN_RSA_BITS <= _bits(member["n"]) <= MAX_RSA_BITS:
            return None
        key = import_key(member)
        curve = key.curve_name if isinstance(key, ECKey | OKPKey) else None
        if (member["kty"], curve) not in ALGORITHMS.values():
            return None
        return PublicKey(
            kid=member.get("kid"),
            alg=member.get("alg"),
            kind=member["kty"],
            curve=curve,
            thumbprint=key.thumbprint(),
            key=key,
        )
    except (JoseError, ValueError, TypeError, KeyError, ArithmeticError):
        return None


def _bits(modulus: str) -> int:
    """Return how long a modulus is."""
    return int.from_bytes(base64.urlsafe_b64decode(modulus + "=="), "big").bit_length()
