"""The issuers of certificates of clients that the settings name."""

import stat
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509

from adapters.certificates.verifier import ClientCertificates
from domain.access.client_certificate import ClientCertificate
from domain.errors import StartRefused
from domain.ports.clock import Clock
from domain.ports.verifier import Verifier
from entrypoints.settings import Settings
from entrypoints.tls.files import content_of


def check_client_certs(settings: Settings) -> None:
    """See that the roots are there, and that nobody else can write them.

    Raises:
        StartRefused: they are not.
    """
    if settings.client_cert_header:
        _roots(settings)


def build_certificate_verifier(settings: Settings, clock: Clock) -> Verifier[ClientCertificate]:
    """Return what verifies certificates of clients.

    Raises:
        StartRefused: the roots cannot be read.
    """
    return ClientCertificates(_roots(settings), clock=clock)


def _roots(settings: Settings) -> Sequence[x509.Certificate]:
    """Read the roots."""
    path = Path(settings.client_cert_ca)
    content, status = content_of(path, "the client CA")
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise StartRefused(
            f"others can write the client CA {path}, and so become any client;"
            f" run: chmod go-w {path}"
        )
    try:
        return x509.load_pem_x509_certificates(content)
    except ValueError:
        raise StartRefused(f"the client CA {path} holds no certificate in PEM form") from None
