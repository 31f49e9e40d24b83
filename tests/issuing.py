"""An issuer of signed tokens with real keys, which can also be made to sign what it should not."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from domain.access.signed_token import SignedToken
from tests.fakes import START

ISSUER = "https://issuer.example.org"
AUDIENCE = "https://vault.example.org"
NOW = int(START.timestamp())

SigningKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "repo:acme/shop:ref:refs/heads/main",
    "iat": NOW - 10,
    "nbf": NOW - 10,
    "exp": NOW + 300,
    "repository": "acme/shop",
    "ref": "refs/heads/main",
}
"""A token that counts."""


def b64(data: bytes) -> str:
    """Write bytes as a part of a token."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value: int, size: int | None = None) -> str:
    """Write a number as a part of a key."""
    return b64(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


def public_jwk(key: SigningKey, **more: Any) -> dict[str, Any]:
    """Return the public key of a set."""
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = key.public_key().public_numbers()
        return {"kty": "RSA", "n": number(numbers.n), "e": number(numbers.e), **more}
    if isinstance(key, ec.EllipticCurvePrivateKey):
        point = key.public_key().public_numbers()
        size = (key.curve.key_size + 7) // 8
        name = {256: "P-256", 384: "P-384", 521: "P-521"}[key.curve.key_size]
        x, y = number(point.x, size), number(point.y, size)
        return {"kty": "EC", "crv": name, "x": x, "y": y, **more}
    raw = key.public_key().public_bytes_raw()
    return {"kty": "OKP", "crv": "Ed25519", "x": b64(raw), **more}


HASHES: dict[str, type[hashes.SHA256 | hashes.SHA384 | hashes.SHA512]] = {
    "256": hashes.SHA256,
    "384": hashes.SHA384,
    "512": hashes.SHA512,
}


def signature(key: SigningKey, alg: str, signed: bytes) -> bytes:
    """Sign as an algorithm says."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(signed)
    digest = HASHES[alg[2:]]()
    if isinstance(key, ec.EllipticCurvePrivateKey):
        r, s = decode_dss_signature(key.sign(signed, ec.ECDSA(digest)))
        size = (key.curve.key_size + 7) // 8
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")
    if alg.startswith("PS"):
        pss = padding.PSS(mgf=padding.MGF1(digest), salt_length=digest.digest_size)
        return key.sign(signed, pss, digest)
    return key.sign(signed, padding.PKCS1v15(), digest)


def joined(header: object, claims: object, signed_by: Any) -> str:
    """Return a token of any header and claims; text stands as it is."""
    parts = [
        b64(part.encode() if isinstance(part, str) else json.dumps(part).encode())
        for part in (header, claims)
    ]
    text = ".".join(parts)
    return f"{text}.{b64(signed_by(text.encode()))}"


class Issuer:
    """Signs tokens with ES256 under the key id `one`, unless told otherwise."""

    def __init__(self, key: SigningKey | None = None, alg: str = "ES256", kid: str = "one") -> None:
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        self.alg = alg
        self.kid = kid

    @property
    def jwk(self) -> dict[str, Any]:
        """Return its public key as a member of a set."""
        return public_jwk(self.key, kid=self.kid, use="sig", alg=self.alg)

    @property
    def jwks(self) -> dict[str, Any]:
        """Return its set."""
        return {"keys": [self.jwk]}

    def text(
        self, claims: Mapping[str, Any] | None = None, header: Mapping[str, Any] | None = None
    ) -> str:
        """Return a token that counts, but for the changes; `None` takes a member away."""
        changed = {**CLAIMS, **(claims or {})}
        top = {"alg": self.alg, "typ": "JWT", "kid": self.kid, **(header or {})}
        return joined(
            {name: value for name, value in top.items() if value is not None},
            {name: value for name, value in changed.items() if value is not None},
            lambda signed: signature(self.key, self.alg, signed),
        )

    def token(
        self, claims: Mapping[str, Any] | None = None, header: Mapping[str, Any] | None = None
    ) -> SignedToken:
        """Return the same as what a workload shows."""
        return SignedToken(self.text(claims, header))
