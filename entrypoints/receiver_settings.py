"""The settings of receivers: who is told what."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class ReceiverSettings(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Who is told what happens.

    A list of these is written `[[receivers]]` in the settings file, and as JSON in the environment.
    """

    name: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,31}\Z")]
    """What it is called in what is shown; with another name it is another receiver."""

    url: str
    """Where notices go: `https://…`, `apprise:…`, or a URI of another installed adapter."""

    secret: str = ""
    """What `https` signs with: `whsec_` and 24 to 64 random bytes in base64; several with blanks in
    between while one takes the place of another."""

    secret_file: str = ""
    """A file that holds the secret, instead."""

    sends: tuple[Literal["alerts", "changes", "checkpoints"], ...]
    """What it is told."""

    names: tuple[str, ...] = ("**",)
    """Patterns of the secrets that it is told about."""

    def __repr__(self) -> str:
        """Show nothing that opens a door: a URL may hold a token."""
        return f"ReceiverSettings(name={self.name!r})"
