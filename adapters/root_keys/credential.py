"""The root key as a credential that systemd hands to the service (`LoadCredential=`)."""

import os
import re
from pathlib import Path

from adapters.root_keys import closed_file
from adapters.root_keys.local import LocalRootKey
from domain.errors import WrongRootKey
from domain.ports.root_key_source import RootKeySource

DIRECTORY = "CREDENTIALS_DIRECTORY"

_NAME = re.compile(r"(?!\.\.?$)[A-Za-z0-9_.@-]{1,255}", re.ASCII)
_WAY_BACK = "name it in the unit with LoadCredential= or LoadCredentialEncrypted="


class CredentialRootKeySource(RootKeySource):
    """Reads one file of the folder that systemd made for this service alone."""

    def __init__(self, name: str) -> None:
        """Take the name of the credential.

        Raises:
            WrongRootKey: it is not the name of one file.
        """
        if not _NAME.fullmatch(name):
            raise WrongRootKey("'credential:' takes the name of a credential, without a path")
        self._name = name

    @classmethod
    def at(cls, address: str) -> "CredentialRootKeySource":
        """Return the source of the URI `credential:<address>`."""
        return cls(address)

    @property
    def uri(self) -> str:
        """Return `credential:` and the name."""
        return f"credential:{self._name}"

    def load(self) -> LocalRootKey:
        """Read the key.

        Raises:
            WrongRootKey: there is no such credential, it is open to others, or holds no key.
        """
        folder = os.environ.get(DIRECTORY)
        if not folder:
            raise WrongRootKey(
                f"{DIRECTORY} is not set, so systemd handed no credential to this process;"
                f" {_WAY_BACK}"
            )
        # systemd lets the service's user in by an access-control list. The mask of such a list
        # stands where the group's bits would, so those say nothing about a group.
        content = closed_file.read(
            Path(folder) / self._name,
            what="the credential",
            way_back=_WAY_BACK,
            closed_to=closed_file.OTHERS,
        )
        what = f"the credential {self._name}"
        return LocalRootKey.of_text(content, source=self.uri, what=what, way_back=_WAY_BACK)
