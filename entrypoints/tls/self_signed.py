"""A certificate for trying out, that only whoever is handed it will trust."""

import ipaddress
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from domain.errors import StartRefused
from entrypoints import folder
from entrypoints.tls.certificate import read
from entrypoints.tls.files import TlsFiles

DAYS = 14
"""How long it is valid: long enough to try out, too short to rely on."""

NAMES = ("localhost",)
ADDRESSES = ("127.0.0.1", "::1")


def ensure(files: TlsFiles) -> None:
    """Make the certificate and its key, unless those that are there hold for half their time."""
    with folder.locked(files.cert.parent):
        try:
            remaining = read(TlsFiles(cert=files.cert, key=files.key)).expires - datetime.now(UTC)
        except StartRefused:
            remaining = timedelta()
        if remaining < timedelta(days=DAYS) / 2:
            _make(files, datetime.now(UTC))


def _make(files: TlsFiles, now: datetime) -> None:
    """Write a new pair."""
    key = ec.generate_private_key(ec.SECP256R1())
    _write(files.key, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    _write(files.cert, _signed(key, now).public_bytes(Encoding.PEM))


def _signed(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    """Return a certificate that its own key has signed, and that cannot sign others."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Strongroom, self-signed")])
    alternatives = [
        *map(x509.DNSName, NAMES),
        *(x509.IPAddress(ipaddress.ip_address(address)) for address in ADDRESSES),
    ]
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=False, crl_sign=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(identifier, critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )


def _write(path: Path, content: bytes) -> None:
    """Put a file in its place at once, for the owner only."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(fresh, flags, 0o600), "wb") as file:
        file.write(content)
    fresh.replace(path)
