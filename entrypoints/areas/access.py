"""Access, put together."""

from collections.abc import Collection, Mapping
from typing import Any

from adapters.access.local import LocalPolicy
from adapters.access.tokens import TokenPolicy
from adapters.access.vouched import VouchedPolicy
from adapters.access.ways import ByCredential
from application.access.bind_roles import BindRoles, BindRolesUseCase
from application.access.create_binding import CreateBinding, CreateBindingUseCase
from application.access.create_principal import CreatePrincipal, CreatePrincipalUseCase
from application.access.create_role import CreateRole, CreateRoleUseCase
from application.access.create_token import CreateToken, CreateTokenUseCase
from application.access.explain_access import ExplainAccess, ExplainAccessUseCase
from application.access.first_administrator import (
    MakeFirstAdministrator,
    MakeFirstAdministratorUseCase,
)
from application.access.list_bindings import ListBindings, ListBindingsUseCase
from application.access.list_principals import ListPrincipals, ListPrincipalsUseCase
from application.access.list_roles import ListRoles, ListRolesUseCase
from application.access.list_tokens import ListTokens, ListTokensUseCase
from application.access.mint_token import MintToken
from application.access.read_metrics import ReadMetrics, ReadMetricsUseCase
from application.access.remove_binding import RemoveBinding, RemoveBindingUseCase
from application.access.remove_principal import RemovePrincipal, RemovePrincipalUseCase
from application.access.remove_role import RemoveRole, RemoveRoleUseCase
from application.access.replace_role import ReplaceRole, ReplaceRoleUseCase
from application.access.revoke_token import RevokeToken, RevokeTokenUseCase
from application.access.who_am_i import WhoAmI, WhoAmIUseCase
from application.use_case import UseCase
from domain.access.caller import AnyCredential
from domain.access.client_certificate import ClientCertificate
from domain.access.credential import Credential
from domain.access.signed_token import SignedToken
from domain.ports.access_policy import AccessPolicy
from domain.ports.clock import Clock
from domain.ports.key_ring import KeyRing
from domain.ports.randomness import Randomness
from domain.ports.token_hasher import TokenHasher
from entrypoints.settings import Settings


def access_use_cases(
    clock: Clock,
    randomness: Randomness,
    key_ring: KeyRing,
    hasher: TokenHasher,
    issuers: Collection[str],
) -> Mapping[type, UseCase[Any, Any]]:
    """Return the use cases by command."""
    mint = MintToken(clock=clock, randomness=randomness, hasher=hasher, key_ring=key_ring)
    return {
        WhoAmI: WhoAmIUseCase(),
        ReadMetrics: ReadMetricsUseCase(),
        ExplainAccess: ExplainAccessUseCase(),
        MakeFirstAdministrator: MakeFirstAdministratorUseCase(mint=mint, clock=clock),
        CreateToken: CreateTokenUseCase(mint=mint),
        ListTokens: ListTokensUseCase(),
        RevokeToken: RevokeTokenUseCase(clock=clock),
        ListRoles: ListRolesUseCase(),
        CreateRole: CreateRoleUseCase(),
        ReplaceRole: ReplaceRoleUseCase(),
        RemoveRole: RemoveRoleUseCase(),
        ListPrincipals: ListPrincipalsUseCase(),
        CreatePrincipal: CreatePrincipalUseCase(clock=clock),
        BindRoles: BindRolesUseCase(),
        RemovePrincipal: RemovePrincipalUseCase(),
        ListBindings: ListBindingsUseCase(),
        CreateBinding: CreateBindingUseCase(clock=clock, issuers=issuers),
        RemoveBinding: RemoveBindingUseCase(),
    }


def build_policy(
    settings: Settings, hasher: TokenHasher, key_ring: KeyRing, clock: Clock
) -> AccessPolicy:
    """Return the policy of the mode that the settings name."""
    if not settings.is_guarded:
        return LocalPolicy()
    tokens = TokenPolicy(hasher=hasher, key_ring=key_ring, clock=clock)
    ways: dict[type[AnyCredential], AccessPolicy] = {Credential: tokens}
    if settings.issuers:
        # Loaded here, so that nobody waits for the libraries who takes no signed tokens.
        from entrypoints.issuers import build_verifier  # noqa: PLC0415

        ways[SignedToken] = VouchedPolicy(
            SignedToken, verifier=build_verifier(settings, clock), called="token"
        )
    if settings.client_cert_header:
        # And here, so that nobody waits for them who takes no certificates.
        from entrypoints.client_certs import build_certificate_verifier  # noqa: PLC0415

        certificates = build_certificate_verifier(settings, clock)
        ways[ClientCertificate] = VouchedPolicy(
            ClientCertificate, verifier=certificates, called="certificate"
        )
    return ByCredential(ways) if len(ways) > 1 else tokens
