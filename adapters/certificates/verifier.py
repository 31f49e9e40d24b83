"""Verifying certificates of clients (RFC 5280, section 6), and remembering those that were good."""

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from adapters.certificates.names import identity_of, refused
from domain.access.client_certificate import MAX_CHAIN, ClientCertificate
from domain.access.identity import Identity
from domain.errors import Cause, Unauthenticated
from domain.ports.clock import Clock
from domain.ports.verifier import Verifier

REMEMBERED = 4096
"""Certificates whose chain need not be built again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verified:
    """What came of a certificate: good as long as every certificate of its chain counts."""

    identity: Identity
    begins: datetime
    ends: datetime


class ClientCertificates(Verifier[ClientCertificate]):
    """Verifies certificates against some roots.

    What is remembered is what certificates and their signatures say, which never changes. Whether
    the time of all of them has come and not run out is looked at with each use.
    """

    def __init__(
        self, roots: Sequence[x509.Certificate], *, clock: Clock, remembered: int = REMEMBERED
    ) -> None:
        """Take the roots, what knows the time, and how many certificates to remember."""
        self._store = Store(list(roots))
        self._clock = clock
        self._most = remembered
        self._verified: dict[bytes, _Verified] = {}
        self._lock = threading.Lock()

    def verify(self, shown: ClientCertificate) -> Identity:
        """Return whom it names, as of now.

        Raises:
            Unauthenticated: it counts for nothing.
        """
        now = self._clock.now()
        digest = _digest(shown)
        known = self._verified.get(digest)
        if known is not None and known.begins <= now < known.ends:
            return known.identity
        verified = self._verify(shown, now)
        self._remember(digest, verified)
        return verified.identity

    def _verify(self, certificate: ClientCertificate, now: datetime) -> _Verified:
        """Verify a certificate that is not known."""
        own, *between = (_parsed(der) for der in (certificate.own, *certificate.chain))
        verifier = (
            PolicyBuilder()
            .store(self._store)
            .time(now)
            .max_chain_depth(MAX_CHAIN)
            .extension_policies(ca_policy=_ISSUERS, ee_policy=_OWN)
            .build_client_verifier()
        )
        try:
            chain = verifier.verify(own, between).chain
        except VerificationError:
            raise Unauthenticated(
                "no root of the settings vouches for the certificate", cause=Cause.CERTIFICATE
            ) from None
        ends = min(one.not_valid_after_utc for one in chain)
        return _Verified(
            identity=identity_of(own, expires_at=ends),
            begins=max(one.not_valid_before_utc for one in chain),
            ends=ends,
        )

    def _remember(self, digest: bytes, verified: _Verified) -> None:
        """Remember a certificate; the oldest gives way."""
        with self._lock:
            while len(self._verified) >= self._most:
                del self._verified[next(iter(self._verified))]
            self._verified[digest] = verified


def _digest(certificate: ClientCertificate) -> bytes:
    """Return what stands for a certificate and its chain; lengths keep the parts apart."""
    hashed = hashlib.sha256()
    for der in (certificate.own, *certificate.chain):
        hashed.update(b"%d:" % len(der))
        hashed.update(der)
    return hashed.digest()


def _parsed(der: bytes) -> x509.Certificate:
    """Read a certificate."""
    try:
        return x509.load_der_x509_certificate(der)
    except ValueError:
        raise refused("cannot be read") from None


def _for_clients(
    _policy: Policy, _certificate: x509.Certificate, usage: x509.ExtendedKeyUsage | None
) -> None:
    """Refuse a certificate that is not meant for clients, as that of a server."""
    if usage is None or ExtendedKeyUsageOID.CLIENT_AUTH not in usage:
        raise ValueError("not for clients")


def _for_issuers(
    _policy: Policy, _certificate: x509.Certificate, usage: x509.KeyUsage | None
) -> None:
    """Refuse an issuer whose key is meant for something else (RFC 5280, section 4.2.1.3)."""
    if usage is not None and not usage.key_cert_sign:
        raise ValueError("not for issuers")


# The defaults are those of the public web. Authorities of one's own, as `openssl req -x509` makes
# them, say less: which key they are, and what it is for. That they are authorities they must say.
_ISSUERS = (
    ExtensionPolicy.webpki_defaults_ca()
    .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _for_issuers)
    .may_be_present(x509.AuthorityKeyIdentifier, Criticality.AGNOSTIC, None)
    .may_be_present(x509.SubjectKeyIdentifier, Criticality.AGNOSTIC, None)
)
_OWN = (
    ExtensionPolicy.webpki_defaults_ee()
    # A name may stand in the subject alone.
    .may_be_present(x509.SubjectAlternativeName, Criticality.AGNOSTIC, None)
    .may_be_present(x509.AuthorityKeyIdentifier, Criticality.AGNOSTIC, None)
    .require_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _for_clients)
)
"""What a client's own certificate must be like."""
