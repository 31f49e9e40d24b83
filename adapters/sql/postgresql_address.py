"""Where a PostgreSQL database is, and how it may be spoken of: never with a password."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from adapters.loopback import is_loopback
from domain.errors import StartRefused

_ENCRYPTED = frozenset({"require", "verify-ca", "verify-full"})

_OURS: Mapping[str, Any] = {
    "application_name": "strongroom",
    # A server that has gone without a word is noticed within half a minute.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""What is set unless the URL says otherwise."""

_VARIABLES = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "service": "PGSERVICE",
    "sslmode": "PGSSLMODE",
}
"""What libpq looks at where the URL is silent."""

_SAYINGS = (
    ("refused", "nothing listens there"),
    ("timeout expired", "it does not answer"),
    ("timed out", "it does not answer"),
    ("translate host name", "its host name is not known"),
    ("resolve host", "its host name is not known"),
    ("invalid", "the URL has a part that it cannot have"),
    ("does not support ssl", "it does not speak TLS, and the URL asks for that"),
    ("certificate", "its certificate is not trusted"),
    ("ssl", "no TLS connection can be made"),
    ("no pg_hba.conf entry", "it does not let this role in from here"),
    ("authentication failed", "it does not take the role or the password"),
    ("no password supplied", "it asks for a password, and none is given"),
    ("does not exist", "the role or the database is not there"),
    ("too many", "it has no connection left"),
    ("remaining connection slots", "it has no connection left"),
    ("starting up", "it is starting up"),
    ("shutting down", "it is shutting down"),
    ("read-write", "none of the hosts takes changes"),
    ("read-only", "none of the hosts takes changes"),
    ("hot standby", "none of the hosts takes changes"),
    ("no such file", "nothing listens there"),
)
"""What the driver says, in lower case, and what we say instead: a URL that was written wrongly can
have a part of its password where the host should be, and the driver repeats the host."""


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of the URL, as libpq reads them."""

    parts: Mapping[str, Any] = field(repr=False)

    @classmethod
    def parse(cls, url: str) -> "Address":
        """Read a URL.

        Raises:
            StartRefused: it is none that libpq understands.
        """
        try:
            address = cls({**_OURS, **conninfo_to_dict(url)})
        except psycopg.Error:
            raise StartRefused(
                "the setting 'database_url' must have the form"
                " postgresql://user:password@host:5432/database?sslmode=verify-full, with what is"
                " no letter or digit in the password percent-encoded"
            ) from None
        if len(address.hosts) == 1 and not address.is_by_service:
            return address
        # A host that only follows may lag, and would still take a token that was revoked.
        return cls({"target_session_attrs": "read-write", **address.parts})

    @property
    def hosts(self) -> tuple[str, ...]:
        """Return the hosts; a socket of this machine is a path or nothing."""
        return tuple((self._part("hostaddr") or self._part("host")).split(","))

    @property
    def is_by_service(self) -> bool:
        """Tell whether libpq takes parts from a service file, which we do not read."""
        return bool(self._part("service"))

    @property
    def is_local(self) -> bool:
        """Tell whether nothing of what is said leaves this machine."""
        if self.is_by_service and not (self.parts.get("hostaddr") or self.parts.get("host")):
            return False
        return all(_is_local(host) for host in self.hosts)

    @property
    def is_encrypted(self) -> bool:
        """Tell whether a connection without TLS is refused."""
        return self._part("sslmode") in _ENCRYPTED

    @property
    def is_verified(self) -> bool:
        """Tell whether the server has to show that it is the host of the URL."""
        return self._part("sslmode") == "verify-full"

    def _part(self, name: str) -> str:
        """Return a part of the URL, or what libpq takes in its place from the environment.

        What a service says comes before the environment, and is not known here.
        """
        said = self.parts.get(name)
        if not said and (name == "service" or not self.is_by_service):
            said = os.environ.get(_VARIABLES[name])
        return str(said or "")


def saying(error: BaseException) -> str:
    """Say why a connection cannot be made."""
    told = str(error).lower()
    reason = next((ours for theirs, ours in _SAYINGS if theirs in told), None)
    return reason or getattr(error, "sqlstate", None) or type(error).__name__


def _is_local(host: str) -> bool:
    """Tell whether a host is this machine."""
    return not host or host.startswith(("/", "@")) or is_loopback(host)
