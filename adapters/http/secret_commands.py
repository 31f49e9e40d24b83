"""From bodies to commands."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import UNSET, UnsetType

from adapters.http.secret_structs import CreateBody, Generate, UpdateBody
from application.secrets.create_secret import CreateSecret
from application.secrets.update_secret import KEEP, Keep, UpdateSecret
from domain.errors import InvalidInput
from domain.secrets.generation import Recipe
from domain.secrets.name import SecretName
from domain.secrets.reference import SecretId
from domain.secrets.secret import NO_TAGS
from domain.secrets.value import SecretValue


def creation(body: CreateBody, *, max_bytes: int) -> CreateSecret:
    """Return the command that creates.

    Raises:
        InvalidInput: a field breaks its rule, or there is not exactly one source of the value.
    """
    value = _value(body.value, body.generate, max_bytes=max_bytes)
    if isinstance(value, Keep):
        raise InvalidInput("value", "is missing; send a value, or 'generate' instead of it")
    return CreateSecret(
        name=SecretName(body.name),
        value=value,
        description=body.description,
        tags=NO_TAGS if body.tags is None else body.tags,
        expires_at=body.expires_at,
    )


def update(
    reference: SecretId, body: UpdateBody, *, revision: int | None, max_bytes: int
) -> UpdateSecret:
    """Return the command that changes.

    Raises:
        InvalidInput: a field breaks its rule, both sources of a value are given, or nothing is.
    """
    description: str | Keep | None = KEEP if body.description is UNSET else body.description
    tags: Mapping[str, str] | Keep | None = KEEP if body.tags is UNSET else body.tags
    expires_at: datetime | Keep | None = KEEP if body.expires_at is UNSET else body.expires_at
    return UpdateSecret(
        reference=reference,
        name=KEEP if body.name is UNSET else SecretName(body.name),
        value=_value(body.value, body.generate, max_bytes=max_bytes),
        description=description,
        tags=tags,
        expires_at=expires_at,
        revision=revision,
    )


def _value(
    value: str | UnsetType, generate: Generate | UnsetType, *, max_bytes: int
) -> SecretValue | Recipe | Keep:
    """Return the value that was sent, or the recipe for one, or `KEEP` for neither."""
    if value is not UNSET and generate is not UNSET:
        raise InvalidInput("generate", "must not stand beside a value")
    if generate is not UNSET:
        return Recipe(length=generate.length, alphabet=generate.alphabet)
    if value is not UNSET:
        return SecretValue.accept(value, max_bytes=max_bytes)
    return KEEP
