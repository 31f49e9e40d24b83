"""Who a request comes from, as far as the request itself says."""

import re
from typing import Any

from litestar import Request

from adapters.access.local import LOCAL_PRINCIPAL
from adapters.http.refusals import HttpRefusal
from domain.access.caller import AnyCredential, Caller
from domain.access.credential import Credential
from domain.access.signed_token import SignedToken, looks_signed

NOBODY = "nobody"
"""Who calls before the policy has looked at the credential."""

_BEARER = re.compile(r"bearer +(?P<token>[A-Za-z0-9._~+/-]+=*)", re.IGNORECASE | re.ASCII)


def caller_of(request: Request[Any, Any, Any], *, guarded: bool) -> Caller:
    """Return the caller. In local mode that is whoever reaches the loopback address.

    Raises:
        HttpRefusal: two credentials are shown.
    """
    return Caller(
        principal=NOBODY if guarded else LOCAL_PRINCIPAL,
        address=request.scope["strongroom.address"],  # type: ignore[typeddict-item]
        request_id=request.scope["strongroom.request_id"],  # type: ignore[typeddict-item]
        credential=credential_of(request) if guarded else None,
    )


def credential_of(request: Request[Any, Any, Any]) -> AnyCredential | None:
    """Return what is shown: `Authorization: Bearer` (RFC 6750, section 2.1) or `X-API-Key`.

    A signed token is told apart by its shape, and is taken as a bearer token only.

    Raises:
        HttpRefusal: both are.
    """
    authorization = request.headers.get("authorization")
    api_key = request.headers.get("x-api-key")
    if authorization is not None and api_key is not None:
        raise HttpRefusal(400, "show one credential, not two")
    if api_key is not None:
        return Credential(api_key)
    found = _BEARER.fullmatch(authorization or "")
    if found is None:
        return None
    text = found["token"]
    return SignedToken(text) if looks_signed(text) else Credential(text)
