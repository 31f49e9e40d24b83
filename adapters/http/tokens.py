"""The routes of tokens."""

import re
from typing import Any

from litestar import Request, delete, get, post
from litestar.params import FromPath

from adapters.http.access import page_of
from adapters.http.access_mapping import new_token, token
from adapters.http.access_structs import TokenBody
from adapters.http.backend import backend_of
from adapters.http.bodies import JsonBody
from adapters.http.queries import Query
from adapters.http.replies import Reply, json_reply
from adapters.http.secret_structs import Message
from application.access.create_token import CreateToken
from application.access.list_tokens import ListTokens
from application.access.mint_token import TokenLimits
from application.access.revoke_token import RevokeToken
from domain.errors import InvalidInput, NotFound
from domain.secrets.secret import MAX_ID

AnyRequest = Request[Any, Any, Any]

_token_body = JsonBody(TokenBody)
_NUMBER = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


@post("/api/tokens", status_code=200)
async def create_token(request: AnyRequest) -> Reply:
    """Make a token. The answer shows it, and nothing does again."""
    Query(request).finish()
    body = await _token_body.read(request)
    command = CreateToken(
        principal=body.principal,
        limits=TokenLimits(
            description=body.description,
            expires_at=body.expires_at,
            networks=tuple(body.networks),
        ),
    )
    return json_reply(new_token(await backend_of(request).run(request, command)))


@get("/api/tokens")
async def list_tokens(request: AnyRequest) -> Reply:
    """List tokens: what is known of them, never one itself."""
    query = Query(request)
    after = query.number("after") or 0
    if after > MAX_ID:
        raise InvalidInput("after", f"must be at most {MAX_ID}")
    command = ListTokens(after=after, page=page_of(query))
    query.finish()
    return json_reply([token(item) for item in await backend_of(request).run(request, command)])


@delete("/api/tokens/{token:str}", status_code=200)
async def revoke_token(request: AnyRequest, token: FromPath[str]) -> Reply:
    """Have a token count no longer, from the next call on."""
    Query(request).finish()
    if not _NUMBER.fullmatch(token):
        raise NotFound("token")
    await backend_of(request).run(request, RevokeToken(number=int(token)))
    return json_reply(Message(message="token revoked"))


HANDLERS = [create_token, list_tokens, revoke_token]
