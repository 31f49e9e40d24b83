"""Who a request comes from, as far as the request itself says."""

import re
from typing import Any

from adapters.access.local import LOCAL_PRINCIPAL
from adapters.http.client_certs import CERTIFICATE
from adapters.http.doorkeeper import OPEN
from adapters.http.refusals import HttpRefusal
from domain.access.caller import NOBODY, AnyCredential, Caller
from domain.access.client_certificate import ClientCertificate
from domain.access.credential import NOTHING_SHOWN, Credential
from domain.access.signed_token import SignedToken, looks_signed
from domain.errors import Cause, Unauthenticated

SHOWN = "strongroom.credential"
"""Where a request has the credential that it shows, once that has been looked at."""

HEADERS = "strongroom.headers"
"""Where the edge leaves the headers of a request: those that decide stand once."""

_BEARER = re.compile(rb"bearer +(?P<token>[A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)


def caller_of(scope: Any, *, guarded: bool) -> Caller:
    """Return the caller. In local mode that is whoever reaches the loopback address.

    Raises:
        HttpRefusal: two credentials are shown.
    """
    return Caller(
        principal=NOBODY if guarded else LOCAL_PRINCIPAL,
        address=scope["strongroom.address"],
        request_id=scope["strongroom.request_id"],
        credential=credential_of(scope) if guarded else None,
    )


def credential_of(scope: Any) -> AnyCredential | None:
    """Return what is shown, looked at once.

    Raises:
        HttpRefusal: two credentials are shown.
    """
    if SHOWN not in scope:
        scope[SHOWN] = _credential_of(scope)
    shown: AnyCredential | None = scope[SHOWN]
    return shown


def _credential_of(scope: Any) -> AnyCredential | None:
    """Return what is shown: `Authorization: Bearer` (RFC 6750, section 2.1) or `X-API-Key`.

    A signed token is told apart by its shape, and is taken as a bearer token only. Who shows
    neither shows the certificate that a proxy has seen, if there is one; nobody who shows a token
    that does not count gets a second try by it.

    Raises:
        HttpRefusal: both are.
    """
    authorization: bytes | None = scope[HEADERS].get(b"authorization")
    api_key: bytes | None = scope[HEADERS].get(b"x-api-key")
    if authorization is not None and api_key is not None:
        raise HttpRefusal(400, "show one credential, not two")
    if api_key is not None:
        return Credential(api_key.decode("latin-1"))
    if authorization is None:
        certificate: ClientCertificate | None = scope.get(CERTIFICATE)
        return certificate
    found = _BEARER.fullmatch(authorization)
    if found is None:
        return None
    text = found["token"].decode("ascii")
    return SignedToken(text) if looks_signed(text) else Credential(text)


def require_credential(scope: Any) -> None:
    """Refuse who shows nothing before anything of the request is read.

    Raises:
        Unauthenticated: no token is shown, or none that could be one.
    """
    if scope["path"].startswith(OPEN) or scope["method"] == "OPTIONS":
        return
    credential = credential_of(scope)
    if credential is None or not credential.is_well_formed:
        raise Unauthenticated(NOTHING_SHOWN, cause=Cause.MISSING)
