"""The ceiling: an empty Litestar handler that answers the same bytes, on the same server."""

from litestar import Litestar, Response, get
from litestar.params import FromPath

BODY = (
    b'{"id":1,"name":"stock-1","description":null,"tags":{},"version":1,"created_at":'
    b'"2026-11-24T08:00:00.123456Z","updated_at":"2026-11-24T08:00:00.123456Z","expires_at":null,'
    b'"last_read_at":"2026-11-24T08:00:00.123456Z","value":"' + b"v" * 100 + b'"}'
)


@get("/api/secrets/{number:str}/decrypt")
async def empty(number: FromPath[str]) -> Response[bytes]:
    """Answer."""
    del number
    headers = {"cache-control": "no-store", "etag": '"1"'}
    return Response(BODY, media_type="application/json", headers=headers)


app = Litestar([empty], openapi_config=None, logging_config=None)
