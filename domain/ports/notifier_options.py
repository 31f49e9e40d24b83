"""What the settings say to every notifier."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifierOptions:
    """One that has no use for an option passes it over. They are only ever added, with a default.

    `secret` is what the receiver's messages are signed with, or several with blanks in between.
    """

    secret: str = field(default="", repr=False)
    networks: tuple[str, ...] = ()
    """Networks that may be connected to although they are not the public internet."""

    ca: str = ""
    """A file of the issuers that are trusted; empty for those of the system."""

    seconds: float = 10.0
    """How long an attempt may take."""
