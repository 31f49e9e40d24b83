"""The policy for certificates of clients: the roles that what they say is bound to."""

from application.access.claim_bindings import rights_by
from domain.access.caller import Caller
from domain.access.client_certificate import ClientCertificate
from domain.access.rights import Rights
from domain.errors import Cause, Unauthenticated
from domain.ports.access_policy import AccessPolicy
from domain.ports.certificate_verifier import CertificateVerifier
from domain.ports.storage import Session


class CertificatePolicy(AccessPolicy):
    """Has the certificate verified, and reads in the snapshot what its names are bound to."""

    def __init__(self, *, verifier: CertificateVerifier) -> None:
        """Take what verifies."""
        self._verifier = verifier

    def rights(self, caller: Caller, session: Session) -> Rights:
        """Return the rights of whoever the certificate names.

        Raises:
            Unauthenticated: the certificate does not count, or no binding fits it.
        """
        certificate = caller.credential
        if not isinstance(certificate, ClientCertificate) or not certificate.is_well_formed:
            raise Unauthenticated(
                "no certificate is shown, or none that could be one", cause=Cause.MISSING
            )
        return rights_by(self._verifier.verify(certificate), session, shown="certificate")
