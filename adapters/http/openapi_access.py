"""The description of the routes of access."""

from collections.abc import Sequence
from typing import Any

from adapters.http import access_structs as structs
from adapters.http.openapi_parts import Operation, limit, parameter, ref
from domain.access.principal import MAX_PRINCIPAL
from domain.access.role import MAX_ROLE_NAME
from domain.secrets.listing import DEFAULT_LIMIT, MAX_LIMIT
from domain.secrets.secret import MAX_ID

TYPES: Sequence[Any] = (
    structs.NewRole,
    structs.RoleBody,
    structs.Role,
    structs.NewPrincipal,
    structs.PrincipalBody,
    structs.Principal,
    structs.NewClaimBinding,
    structs.ClaimBinding,
    structs.TokenBody,
    structs.Token,
    structs.NewToken,
    structs.WhoAmI,
    structs.Explanation,
)

_ROLE_NAME = {"type": "string", "pattern": f"^[a-z][a-z0-9-]{{0,{MAX_ROLE_NAME - 1}}}$"}
_PRINCIPAL_NAME = {
    "type": "string",
    "pattern": f"^[a-z0-9][a-z0-9._@+-]{{0,{MAX_PRINCIPAL - 1}}}$",
}

TOKEN = parameter(
    "path", "token", {"type": "integer", "minimum": 1, "maximum": 10**18 - 1}, "the id of a token"
)
BINDING = parameter(
    "path", "binding", {"type": "integer", "minimum": 1, "maximum": 10**18 - 1},
    "the id of a binding",
)  # fmt: skip
ROLE = parameter("path", "role", _ROLE_NAME, "the name of a role")
PRINCIPAL = parameter("path", "principal", _PRINCIPAL_NAME, "the name of a principal")
LIMIT = limit(default=DEFAULT_LIMIT, most=MAX_LIMIT)
AFTER_ID = parameter(
    "query", "after", {"type": "integer", "minimum": 0, "maximum": MAX_ID}, "only ids above this"
)
AFTER_NAME = parameter("query", "after", {"type": "string"}, "only names above this one")
QUESTION = (
    parameter("query", "action", {"type": "string"}, "an action, such as `secrets.reveal`"),
    parameter("query", "name", {"type": "string"}, "the name of a secret, if the action is on one"),
    parameter(
        "query", "principal", {"type": "string"}, "one principal, or `binding:7`, instead of all"
    ),
    AFTER_NAME,
    LIMIT,
)

_BODY = (400, 408, 413, 415, 503)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="get", path="/api/whoami", name="whoAmI", answer=ref("WhoAmI"), tag="access",
        summary="Tell who the caller is taken for", problems=(400, 503),
    ),
    Operation(
        method="get", path="/api/explain", name="explainAccess", answer=ref("Explanation"),
        summary="Tell which rule decides on an action, for one principal or all", tag="access",
        parameters=QUESTION, problems=(400, 404, 503),
    ),
    Operation(
        method="post", path="/api/tokens", name="createToken", body="TokenBody", tag="access",
        summary="Make a token, which is shown once", answer=ref("NewToken"),
        problems=(404, *_BODY),
    ),
    Operation(
        method="get", path="/api/tokens", name="listTokens", parameters=(AFTER_ID, LIMIT),
        summary="List what is known of tokens", tag="access",
        answer={"type": "array", "items": ref("Token")}, problems=(400, 503),
    ),
    Operation(
        method="delete", path="/api/tokens/{token}", name="revokeToken", parameters=(TOKEN,),
        summary="Have a token count no longer", answer=ref("Message"), tag="access",
        problems=(400, 404, 503),
    ),
    Operation(
        method="get", path="/api/roles", name="listRoles", tag="access", summary="List all roles",
        answer={"type": "array", "items": ref("Role")}, problems=(400, 503),
    ),
    Operation(
        method="post", path="/api/roles", name="createRole", body="NewRole", tag="access",
        summary="Make a role", answer=ref("Role"), problems=_BODY,
    ),
    Operation(
        method="put", path="/api/roles/{role}", name="replaceRole", body="RoleBody",
        summary="Change what a role allows", answer=ref("Role"), parameters=(ROLE,), tag="access",
        problems=(404, *_BODY),
    ),
    Operation(
        method="delete", path="/api/roles/{role}", name="removeRole", parameters=(ROLE,),
        summary="Remove a role that nobody is bound to", answer=ref("Message"), tag="access",
        problems=(400, 404, 503),
    ),
    Operation(
        method="get", path="/api/principals", name="listPrincipals", tag="access",
        parameters=(AFTER_NAME, LIMIT), summary="List principals with their roles",
        answer={"type": "array", "items": ref("Principal")}, problems=(400, 503),
    ),
    Operation(
        method="post", path="/api/principals", name="createPrincipal", body="NewPrincipal",
        summary="Take in a person or a service", answer=ref("Principal"), tag="access",
        problems=_BODY,
    ),
    Operation(
        method="put", path="/api/principals/{principal}", name="bindRoles", body="PrincipalBody",
        summary="Have a principal hold exactly these roles", answer=ref("Principal"),
        parameters=(PRINCIPAL,), problems=(404, *_BODY), tag="access",
    ),
    Operation(
        method="delete", path="/api/principals/{principal}", name="removePrincipal",
        parameters=(PRINCIPAL,), summary="Let a principal go, with its tokens",
        answer=ref("Message"), problems=(400, 404, 503), tag="access",
    ),
    Operation(
        method="get", path="/api/claim-bindings", name="listClaimBindings", tag="access",
        parameters=(AFTER_ID, LIMIT), summary="List which claims stand for which roles",
        answer={"type": "array", "items": ref("ClaimBinding")}, problems=(400, 503),
    ),
    Operation(
        method="post", path="/api/claim-bindings", name="createClaimBinding", tag="access",
        summary="Bind claims of an issuer to roles", body="NewClaimBinding",
        answer=ref("ClaimBinding"), problems=_BODY,
    ),
    Operation(
        method="delete", path="/api/claim-bindings/{binding}", name="removeClaimBinding",
        summary="Have claims stand for no roles any more", parameters=(BINDING,),
        answer=ref("Message"), problems=(400, 404, 503), tag="access",
    ),
)  # fmt: skip
