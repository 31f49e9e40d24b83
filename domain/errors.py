"""Every error the inside raises: one root, one branch per audience.

Messages are lower case, say what happened and then what would be right, and never repeat a
value that was sent.
"""

from enum import Enum


class StrongroomError(Exception):
    """The root of every error that Strongroom raises on purpose."""


class CallerError(StrongroomError):
    """The request cannot be done as asked; the caller can mend it."""


class InvalidInput(CallerError):
    """One field breaks its rule."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class NameTaken(CallerError):
    """Another living secret has this name."""

    def __init__(self) -> None:
        super().__init__("another secret has this name, choose another or rename that one first")


class NotFound(CallerError):
    """There is no such thing, or the caller may not see it: the two are never told apart."""

    def __init__(self, what: str = "secret") -> None:
        super().__init__(f"no such {what}")
        self.what = what


class LostRace(CallerError):
    """Somebody else changed the secret first."""

    def __init__(self) -> None:
        super().__init__("the secret has changed since it was read, read it again and retry")


class AlreadyThere(CallerError):
    """Something of this name is there already."""

    def __init__(self, what: str) -> None:
        super().__init__(f"there is a {what} of this name already, choose another")


class RoleInUse(CallerError):
    """A role cannot be removed: somebody is bound to it."""

    def __init__(self) -> None:
        super().__init__("principals are bound to the role, bind them to others first")


class TooMuchAtOnce(CallerError):
    """What was asked for together is more than one answer holds."""

    def __init__(self) -> None:
        super().__init__("the values before this one fill the answer, ask for it in another call")


class KeyNeeded(CallerError):
    """A data key cannot be destroyed: it is active, or something still needs it."""


class CannotRotate(CallerError):
    """The root key cannot be replaced in its place."""


class Cause(Enum):
    """Why nobody is known by what was shown, as the metrics count it."""

    MISSING = "missing"
    UNKNOWN = "unknown"
    REVOKED = "revoked"
    EXPIRED = "expired"
    NETWORK = "network"
    SIGNATURE = "signature"
    ISSUER = "issuer"
    UNBOUND = "unbound"
    CERTIFICATE = "certificate"
    OTHER = "other"
    """The many faults of form."""


class Unauthenticated(StrongroomError):
    """Nobody is known by what was shown: the answer is the same for whatever reason.

    `cause` is for whoever counts; `reason`, and the principal whose credential it was, are for the
    audit log only.
    """

    def __init__(
        self, reason: str, principal: str | None = None, *, cause: Cause = Cause.OTHER
    ) -> None:
        super().__init__("a valid credential is needed, send 'Authorization: Bearer <token>'")
        self.cause = cause
        self.reason = reason
        self.principal = principal


class NotAllowed(StrongroomError):
    """The caller may see the secret, but may not do this to it."""


class Denied(NotAllowed):
    """The access policy says no."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)


class Expired(NotAllowed):
    """The secret's own expiry forbids reading its value."""

    def __init__(self) -> None:
        super().__init__("the secret has expired, set a new expires_at to read its value again")


class Unavailable(StrongroomError):
    """Something that the service depends on is away; the same call may work later."""


class StorageUnavailable(Unavailable):
    """The store cannot be read or written now (locked, full, read-only, or gone)."""


class RootKeyUnavailable(Unavailable):
    """The keeper of the root key, such as a key service, does not answer now."""


class RootKeyMoved(Unavailable):
    """Another process has replaced the root key since this one looked."""

    def __init__(self) -> None:
        super().__init__("the root key has just been replaced, try again")


class AuditUnavailable(StorageUnavailable):
    """The audit log cannot be written, so nothing may be answered."""


class Broken(StrongroomError):
    """Stored data or a key is not what it must be; a person has to look."""


class SealBroken(Broken):
    """A sealed value does not authenticate: damaged, moved here from elsewhere, or forged."""


class UnknownFormat(Broken):
    """Stored text is in no format that this version knows."""


class KeyUnavailable(Broken):
    """The data key that a value was sealed under is not among the keys of this store."""


class StartRefused(StrongroomError):
    """The server must not start: starting would lose, guess or weaken something."""


class WrongRootKey(StartRefused):
    """The root key is missing, damaged, readable by others, or not the one of this store."""
