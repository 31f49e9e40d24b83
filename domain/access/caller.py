"""Who makes a call, and how the call can be found again."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The authenticated origin of a call.

    `address` is where the call came from (an IP address, or `-` inside the process);
    `request_id` stands in the answer, the log and the audit log alike.
    """

    principal: str
    address: str
    request_id: str
