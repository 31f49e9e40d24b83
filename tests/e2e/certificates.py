"""Issuing certificates for tests, as an authority of one's own would."""

import ipaddress
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)

SIGNS = x509.KeyUsage(
    digital_signature=True, content_commitment=False, key_encipherment=False,
    data_encipherment=False, key_agreement=False, key_cert_sign=True, crl_sign=True,
    encipher_only=False, decipher_only=False,
)  # fmt: skip


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def write_key(path: Path, key: CertificateIssuerPrivateKeyTypes) -> None:
    """Write a key, closed to others from its first byte on."""
    path.touch(0o600)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


class Authority:
    """Issues certificates into a folder."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self.folder = folder
        self.file = folder / f"{name}.crt"
        self._name = named(name)
        self._key = ec.generate_private_key(ec.SECP256R1())
        own = (
            self._builder(self._name, self._key, DAY, DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(SIGNS, critical=True)
        )
        self.file.write_bytes(own.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM))

    def issue(
        self,
        name: str,
        *,
        key: CertificateIssuerPrivateKeyTypes | None = None,
        begun: timedelta = DAY,
        left: timedelta = DAY,
        usages: Sequence[x509.ObjectIdentifier] = (),
    ) -> tuple[Path, Path]:
        """Write a certificate for localhost and its key, and return where they are."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        alternatives = x509.SubjectAlternativeName(
            [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        )
        builder = self._builder(named(name), key, begun, left)
        if usages:
            builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        signed = builder.add_extension(alternatives, critical=False).sign(
            self._key, hashes.SHA256()
        )
        cert, key_file = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        cert.write_bytes(signed.public_bytes(Encoding.PEM))
        write_key(key_file, key)
        return cert, key_file

    def trusted(self) -> ssl.SSLContext:
        """Return what a client needs that trusts this authority."""
        return ssl.create_default_context(cafile=self.file)

    def _builder(
        self,
        subject: x509.Name,
        key: CertificateIssuerPrivateKeyTypes,
        begun: timedelta,
        left: timedelta,
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - begun)
            .not_valid_after(now + left)
            # RFC 5280, section 4.2.1: newer Pythons verify strictly and refuse to do without.
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
                critical=False,
            )
        )


def flags(cert: Path, key: Path) -> tuple[str, ...]:
    """Return the flags of the server for a pair."""
    return ("--tls-cert", str(cert), "--tls-key", str(key))
