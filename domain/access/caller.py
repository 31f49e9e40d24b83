"""Who makes a call, and how the call can be found again."""

from dataclasses import dataclass, field

from domain.access.client_certificate import ClientCertificate
from domain.access.credential import Credential
from domain.access.signed_token import SignedToken

AnyCredential = Credential | SignedToken | ClientCertificate
"""Every kind of thing that is shown to be known."""

NOBODY = "nobody"
"""Who calls with a credential before anybody has looked at it, and who shows none."""

INSIDE = "-"
"""The address of what the server, or a command at the store, does by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The origin of a call.

    `principal` is who it is before anybody has looked at the `credential`: the policy finds out
    who it really is. `address` is where the call came from (an IP address, or `INSIDE`);
    `request_id` stands in the answer, the log and the audit log alike.
    """

    principal: str
    address: str
    request_id: str
    credential: AnyCredential | None = field(default=None, repr=False)
