"""The root key in an environment variable, or in a file that one names."""

import os
from pathlib import Path

from adapters.root_keys import closed_file
from adapters.root_keys.local import LocalRootKey
from domain.errors import WrongRootKey
from domain.ports.root_key_source import RootKeySource

_WAY_BACK = "put the key there that belongs to this store"


class EnvironmentRootKeySource(RootKeySource):
    """Reads `NAME`, or the file that `NAME_FILE` names.

    The variable stays where it is, because server workers that are started later need it too.
    It is a place that cannot be written, so the key can be replaced by one of another source only.
    """

    def __init__(self, name: str) -> None:
        """Take the name of the variable.

        Raises:
            WrongRootKey: it is no name of a variable.
        """
        # No key is repeated here that somebody wrote where its variable's name belongs.
        if not name.isidentifier() or not name.isascii():
            raise WrongRootKey(
                "'env:' takes the name of an environment variable, such as env:STRONGROOM_KEY"
            )
        self._name = name

    @classmethod
    def at(cls, address: str) -> "EnvironmentRootKeySource":
        """Return the source of the URI `env:<address>`."""
        return cls(address)

    @property
    def uri(self) -> str:
        """Return `env:` and the name of the variable."""
        return f"env:{self._name}"

    def load(self) -> LocalRootKey:
        """Read the key.

        Raises:
            WrongRootKey: neither variable is set, or both; the file is missing or open to others;
                or there is no key in it.
        """
        file = f"{self._name}_FILE"
        if self._name in os.environ and file in os.environ:
            raise WrongRootKey(f"the root key is given twice, by {self._name} and by {file}")
        if self._name in os.environ:
            text = os.environb[self._name.encode("ascii")]
            return self._key(text, what=f"the environment variable {self._name}")
        if file in os.environ:
            path = Path(os.environ[file])
            content = closed_file.read_handed_in(path, what="the key file", way_back=_WAY_BACK)
            return self._key(content, what=f"the key file {path}")
        raise WrongRootKey(
            f"neither {self._name} nor {file} is set; one of them has to give the root key"
        )

    def _key(self, text: bytes, *, what: str) -> LocalRootKey:
        """Return the key of a text."""
        return LocalRootKey.of_text(text, source=self.uri, what=what, way_back=_WAY_BACK)
