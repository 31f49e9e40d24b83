"""What a certificate says of whom it is for, as texts that bindings compare.

A kind of name of which there are several fits nothing, as a list in a signed token does not: then
two bindings with different texts for one claim exclude each other.
"""

from collections.abc import Mapping
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from adapters.certificates.issuer import ISSUER
from domain.access.claims import MAX_CLAIM
from domain.access.identity import MAX_SUBJECT, Identity
from domain.errors import Cause, Unauthenticated
from domain.text import has_invisible, has_lone_surrogate

KIND = "cert"


def identity_of(certificate: x509.Certificate, *, expires_at: datetime) -> Identity:
    """Return whom a certificate names.

    Raises:
        Unauthenticated: nobody, or nobody who could be written down.
    """
    try:
        texts = _texts(certificate)
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        raise refused("has names that cannot be read") from None
    return Identity(
        kind=KIND,
        issuer=ISSUER,
        subject=_subject(texts),
        expires_at=expires_at,
        texts={(name,): text for name, text in texts.items() if _can_be_compared(text)},
    )


def refused(what: str) -> Unauthenticated:
    """Say for the audit log why a certificate counts for nothing."""
    return Unauthenticated(f"the certificate {what}", cause=Cause.CERTIFICATE)


def _texts(certificate: x509.Certificate) -> dict[str, str]:
    """Return what it says, by the name of the claim."""
    found = {
        "fingerprint": certificate.fingerprint(SHA256()).hex(),
        "subject": certificate.subject.rfc4514_string(),
        **_alternatives(certificate),
    }
    return {name: text for name, text in found.items() if text}


def _alternatives(certificate: x509.Certificate) -> Mapping[str, str]:
    """Return the alternative names, of each kind the only one (RFC 5280, section 4.2.1.6)."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return {}
    kinds = {
        # Names of hosts are compared without regard to case (RFC 5280, section 7.2).
        "dns": [name.lower() for name in names.get_values_for_type(x509.DNSName)],
        "uri": names.get_values_for_type(x509.UniformResourceIdentifier),
        "email": names.get_values_for_type(x509.RFC822Name),
    }
    return {kind: found[0] for kind, found in kinds.items() if len(found) == 1}


def _subject(texts: Mapping[str, str]) -> str:
    """Return how the audit log calls it: by its subject, or else by another name that it has."""
    for claim in ("subject", "uri", "dns", "email", "fingerprint"):
        if claim in texts:
            break
    subject = texts[claim] if claim == "subject" else f"{claim}:{texts[claim]}"
    if len(subject) > MAX_SUBJECT or has_lone_surrogate(subject) or has_invisible(subject):
        raise refused("has a subject that cannot be written down")
    return subject


def _can_be_compared(text: str) -> bool:
    """Tell whether a binding could say the same."""
    return len(text) <= MAX_CLAIM and not has_lone_surrogate(text) and not has_invisible(text)
