"""Who a request comes from."""

from typing import Any

from litestar import Request

from adapters.access.local import LOCAL_PRINCIPAL
from domain.access.caller import Caller


def caller_of(request: Request[Any, Any, Any]) -> Caller:
    """Return the caller of local mode: whoever reaches the loopback address."""
    return Caller(
        principal=LOCAL_PRINCIPAL,
        address=request.scope["strongroom.address"],  # type: ignore[typeddict-item]
        request_id=request.scope["strongroom.request_id"],  # type: ignore[typeddict-item]
    )
