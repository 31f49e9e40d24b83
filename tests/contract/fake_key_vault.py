"""A stand-in for Azure Key Vault: getKey, wrapKey and unwrapKey of its REST reference."""

import secrets
from typing import Any

from cryptography.hazmat.primitives import keywrap
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from adapters import base64url
from tests.contract.loopback import Answer, Body

TOKEN = "hidden-token"
CHALLENGE = (
    'Bearer authorization="https://login.microsoftonline.com/tenant",'
    ' resource="https://vault.azure.net"'
)
OAEP = padding.OAEP(padding.MGF1(SHA256()), SHA256(), None)

Secret = rsa.RSAPrivateKey | bytes


class FakeKeyVault:
    """Keeps versions of keys; without a token it answers with a challenge, as the service does."""

    def __init__(self) -> None:
        self._keys: dict[str, dict[str, Secret]] = {}
        self.forbidden = False

    def make(self, name: str, secret: Secret) -> str:
        """Add a version of a key."""
        version = secrets.token_hex(16)
        self._keys.setdefault(name, {})[version] = secret
        return version

    def answer(self, method: str, path: str, token: str, body: Body) -> Answer:
        if token != TOKEN:
            return 401, {"WWW-Authenticate": CHALLENGE}, _error("Unauthorized")
        if self.forbidden:
            return 403, {}, _error("Forbidden")
        _, _, name, version, *operation = [*path.partition("?")[0].split("/"), ""][:6]
        versions = self._keys.get(name, {})
        version = version or next(reversed(versions), "")
        if version not in versions:
            return 404, {}, _error("KeyNotFound")
        kid = f"https://the.vault/keys/{name}/{version}"
        try:
            return self._done(method, kid, versions[version], "".join(operation), body)
        except (ValueError, keywrap.InvalidUnwrap):
            return 400, {}, _error("BadParameter")

    def _done(self, method: str, kid: str, secret: Secret, operation: str, body: Body) -> Answer:
        if method == "GET" and not operation:
            return (
                200,
                {},
                {"key": {"kid": kid, **_public(secret)}, "attributes": {"enabled": True}},
            )
        expected = "RSA-OAEP-256" if isinstance(secret, rsa.RSAPrivateKey) else "A256KW"
        if body.get("alg") != expected:
            raise ValueError("the key does not do this")
        value = _decoded(body["value"])
        result = _wrapped(secret, value) if operation == "wrapkey" else _unwrapped(secret, value)
        return 200, {}, {"kid": kid, "value": _encoded(result)}


def _public(secret: Secret) -> Body:
    """Return what the service tells of a key."""
    if isinstance(secret, bytes):
        return {"kty": "oct-HSM", "key_ops": ["wrapKey", "unwrapKey"]}
    numbers = secret.public_key().public_numbers()
    return {
        "kty": "RSA",
        "key_ops": ["wrapKey", "unwrapKey"],
        "n": _encoded(numbers.n.to_bytes(secret.key_size // 8)),
        "e": _encoded(numbers.e.to_bytes(3)),
    }


def _wrapped(secret: Secret, value: bytes) -> bytes:
    if isinstance(secret, bytes):
        return keywrap.aes_key_wrap(secret, value)
    return secret.public_key().encrypt(value, OAEP)


def _unwrapped(secret: Secret, value: bytes) -> bytes:
    if isinstance(secret, bytes):
        return keywrap.aes_key_unwrap(secret, value)
    return secret.decrypt(value, OAEP)


def _encoded(data: bytes) -> str:
    return base64url.encode(data).rstrip("=")


def _decoded(text: str) -> bytes:
    return base64url.decode(text + "=" * (-len(text) % 4))


def _error(code: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": code}}
