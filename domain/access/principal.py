"""Principals: the people and services that hold roles."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from domain.errors import InvalidInput

MAX_PRINCIPAL = 128
MAX_BOUND = 8
"""Roles that one principal is bound to."""

RESERVED = frozenset({"local", "schedule", "strongroom", "everybody", "nobody"})
"""Names that the audit log has for callers that are no principals."""

_NAME = re.compile(rf"[a-z0-9][a-z0-9._@+-]{{0,{MAX_PRINCIPAL - 1}}}", re.ASCII)


class PrincipalKind(Enum):
    """What a principal is. The words are stored: only ever add to them."""

    PERSON = "person"
    SERVICE = "service"


def accept_principal(name: str) -> str:
    """Return the name of a principal. There is one spelling: letters are lower case.

    Raises:
        InvalidInput: it breaks the rule.
    """
    if not _NAME.fullmatch(name) or name in RESERVED:
        raise InvalidInput(
            "principal",
            f"must be 1 to {MAX_PRINCIPAL} lower-case letters, digits and '.', '_', '@', '+', '-',"
            " a letter or digit first, and no word of the server's own",
        )
    return name


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Somebody, or something, that may be given credentials and roles.

    Raises:
        InvalidInput: the name breaks the rule.
    """

    name: str
    kind: PrincipalKind
    created_at: datetime

    def __post_init__(self) -> None:
        """Refuse a name that breaks the rule."""
        accept_principal(self.name)
