"""The certificate of the server, and its key: read once, and checked before anybody is served."""

import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from domain.errors import StartRefused
from entrypoints.tls.files import TlsFiles, content_of, is_closed

SMALLEST_RSA = 2048
"""Bits of the smallest RSA key that the server's TLS library takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What a server shows, in the one form that its TLS library is handed: PEM, key in PKCS #8."""

    chain: bytes
    key: bytes
    client_ca: bytes
    names: tuple[str, ...]
    expires: datetime

    def __repr__(self) -> str:
        """Leave the key out."""
        return f"Certificate(names={self.names}, expires={self.expires})"


def read(files: TlsFiles) -> Certificate:
    """Read the files and see that they fit together, now.

    Raises:
        StartRefused: one is missing, unreadable, none, open to others, expired, or of another pair.
    """
    chain = _certificates(files.cert, "the certificate")
    key = _key(files.key)
    own = chain[0]
    _check_time(own, files.cert)
    if _spki(own.public_key()) != _spki(key.public_key()):
        raise StartRefused(
            f"the key {files.key} does not belong to the first certificate in {files.cert};"
            " the server's own comes before those of its issuers"
        )
    client_ca = () if files.client_ca is None else _certificates(files.client_ca, "the client CA")
    return Certificate(
        chain=_pem(chain),
        key=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        client_ca=_pem(client_ca),
        names=_names(own),
        expires=own.not_valid_after_utc,
    )


def _certificates(path: Path, what: str) -> tuple[x509.Certificate, ...]:
    """Read all certificates of a file."""
    try:
        return tuple(x509.load_pem_x509_certificates(content_of(path, what)[0]))
    except ValueError:
        raise StartRefused(f"{what} {path} holds no certificate in PEM form") from None


def _key(path: Path) -> PrivateKeyTypes:
    """Read the key."""
    content, status = content_of(path, "the TLS key")
    if not is_closed(status):
        mode = stat.S_IMODE(status.st_mode)
        raise StartRefused(
            f"the TLS key {path} can be read by others (mode {mode:04o});"
            f" mend it with: chmod 600 {path}"
        )
    try:
        key = load_pem_private_key(content, None)
    except TypeError:
        raise StartRefused(
            f"the TLS key {path} is encrypted; give one that is not, closed to others"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise StartRefused(f"the TLS key {path} holds no private key in PEM form") from None
    if not _is_taken(key):
        raise StartRefused(
            f"the TLS key {path} is of a kind that the server cannot use; take RSA of 2048 bits"
            " or more, ECDSA on P-256 or P-384, or Ed25519"
        )
    return key


def _is_taken(key: PrivateKeyTypes) -> bool:
    """Tell whether the server's TLS library signs with such a key."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.key_size >= SMALLEST_RSA
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return isinstance(key.curve, ec.SECP256R1 | ec.SECP384R1)
    return isinstance(key, ed25519.Ed25519PrivateKey)


def _check_time(certificate: x509.Certificate, path: Path) -> None:
    """See that the certificate holds now."""
    now = datetime.now(UTC)
    if certificate.not_valid_after_utc <= now:
        ended = certificate.not_valid_after_utc.isoformat()
        raise StartRefused(f"the certificate {path} expired at {ended}; renew it")
    if certificate.not_valid_before_utc > now:
        begins = certificate.not_valid_before_utc.isoformat()
        raise StartRefused(f"the certificate {path} is not valid before {begins}; check the clock")


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    """Return the names that clients compare with."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ()
    addresses = found.get_values_for_type(x509.IPAddress)
    return (*found.get_values_for_type(x509.DNSName), *map(str, addresses))


def _spki(key: object) -> bytes:
    """Return a public key in the form that stands in certificates."""
    encoded: bytes = key.public_bytes(  # type: ignore[attr-defined]
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    return encoded


def _pem(certificates: tuple[x509.Certificate, ...]) -> bytes:
    """Write certificates one after another."""
    return b"".join(one.public_bytes(Encoding.PEM) for one in certificates)
