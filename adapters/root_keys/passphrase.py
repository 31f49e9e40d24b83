"""The root key as a passphrase that a person knows, typed at the start or read from a file."""

import getpass
import hmac
import unicodedata
import warnings
from collections.abc import Callable
from pathlib import Path

from adapters.root_keys import closed_file
from adapters.root_keys.stretched import RECOMMENDED, Costs, StretchedRootKey
from domain.errors import WrongRootKey
from domain.ports.root_key_source import FirstRootKey, RootKeySource

MIN_CHARACTERS = 15
"""What NIST SP 800-63B-4 asks of a password that stands alone."""

MAX_BYTES = 1024
TRIES = 3


class PassphraseRootKeySource(RootKeySource, FirstRootKey):
    """Asks on the terminal once, or reads a file; what was typed goes on to server workers.

    So a pickled copy of this source holds the passphrase, and belongs nowhere but in a pipe to a
    process of our own.
    """

    def __init__(
        self,
        path: Path | None,
        *,
        ask: Callable[[str], str] | None = None,
        costs: Costs = RECOMMENDED,
    ) -> None:
        """Take the file, or `None` for the terminal.

        Args:
            path: the file that holds the passphrase.
            ask: what shows a prompt and returns what was typed; the terminal unless given.
            costs: what stretching costs.
        """
        self._path = path
        self._ask = ask or ask_on_terminal
        self._costs = costs
        self._root_key: StretchedRootKey | None = None

    @classmethod
    def at(cls, address: str) -> "PassphraseRootKeySource":
        """Return the source of the URI `passphrase:<address>`; an empty address asks."""
        return cls(Path(address) if address else None)

    def __repr__(self) -> str:
        """Show where the passphrase comes from, and nothing of it."""
        return f"PassphraseRootKeySource({self.uri})"

    @property
    def uri(self) -> str:
        """Return `passphrase:` and the path of the file, if there is one."""
        return f"passphrase:{self._path or ''}"

    def exists(self) -> bool:
        """Tell whether the file is there, or the passphrase has been typed."""
        return self._path.exists() if self._path else self._root_key is not None

    def create(self) -> None:
        """Ask twice for the passphrase of a new store. A file has to be there already.

        Raises:
            WrongRootKey: there is no file or terminal, or the passphrase cannot be one.
        """
        if self._path or self._root_key:
            self.load()
            return
        passphrase = self._asked("new passphrase of the root key: ")
        if not hmac.compare_digest(passphrase, self._asked("the same again: ")):
            raise WrongRootKey("the two passphrases differ, nothing was made; start again")
        self._keep(passphrase)

    def load(self) -> StretchedRootKey:
        """Return the root key; asks when nothing has been typed in this process or its parent.

        Whether a passphrase fits only a wrapped key can tell.

        Raises:
            WrongRootKey: there is no file or terminal, or the passphrase cannot be one.
        """
        if self._path:
            return self._keep(_read(self._path))
        return self._root_key or self._keep(self._asked("passphrase of the root key: "))

    def _keep(self, passphrase: bytes) -> StretchedRootKey:
        """Return the root key of a passphrase: the one at hand, which is stretched already."""
        if self._root_key is None or not self._root_key.is_of(passphrase):
            self._root_key = StretchedRootKey(passphrase, source=self.uri, costs=self._costs)
        return self._root_key

    def _asked(self, prompt: str) -> bytes:
        """Ask until something is typed that can be a passphrase."""
        for _ in range(TRIES - 1):
            try:
                return canonical(self._ask(prompt))
            except ValueError as error:
                prompt = f"{error}; {prompt.rpartition('; ')[2]}"
        try:
            return canonical(self._ask(prompt))
        except ValueError as error:
            raise WrongRootKey(str(error)) from None


def canonical(text: str) -> bytes:
    """Return what is stretched: UTF-8 of the text in Unicode form C (RFC 8265, section 4.2).

    The same characters typed on two keyboards come out the same.

    Raises:
        ValueError: it is too short or too long, or holds a control character or what is no text.
    """
    normal = unicodedata.normalize("NFC", text)
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in normal):
        raise ValueError("a passphrase holds no line ends or control characters")
    if len(normal) < MIN_CHARACTERS:
        raise ValueError(f"a passphrase has at least {MIN_CHARACTERS} characters")
    data = normal.encode()
    if len(data) > MAX_BYTES:
        raise ValueError(f"a passphrase has at most {MAX_BYTES} bytes")
    return data


def ask_on_terminal(prompt: str) -> str:
    """Show the prompt on the terminal and return what is typed, without showing it.

    Raises:
        WrongRootKey: there is no terminal.
    """
    with warnings.catch_warnings():
        # Without a terminal `getpass` warns, and would read what then stands on the screen.
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass(prompt)
        except (getpass.GetPassWarning, EOFError):
            raise WrongRootKey(
                "there is no terminal to ask for the passphrase; start from one, or name a file"
                " with passphrase:/path/to/file"
            ) from None


def _read(path: Path) -> bytes:
    """Read the passphrase of a file."""
    content = closed_file.read_handed_in(
        path, what="the passphrase file", way_back="put the passphrase of this store there"
    )
    try:
        return canonical(content.decode().removesuffix("\n").removesuffix("\r"))
    except UnicodeDecodeError:
        raise WrongRootKey(f"the passphrase file {path} is not text in UTF-8") from None
    except ValueError as error:
        raise WrongRootKey(f"the passphrase file {path} cannot be used: {error}") from None
