"""The token that a Vault or OpenBao service is shown, from where its own tools look for it."""

import os
from pathlib import Path

from adapters.root_keys import closed_file
from domain.errors import WrongRootKey

_WAY_BACK = "set VAULT_TOKEN or VAULT_TOKEN_FILE"


def read() -> str:
    """Return `VAULT_TOKEN`, what the file of `VAULT_TOKEN_FILE` holds, or `~/.vault-token`.

    Raises:
        WrongRootKey: there is none, or its file is open to others. The message does not show it.
    """
    if "VAULT_TOKEN" in os.environ:
        return _checked(os.environ["VAULT_TOKEN"])
    named = os.environ.get("VAULT_TOKEN_FILE")
    path = Path(named) if named else Path.home() / ".vault-token"
    content = closed_file.read_handed_in(path, what="the Vault token file", way_back=_WAY_BACK)
    return _checked(content.decode("utf-8", "replace").strip())


def _checked(token: str) -> str:
    """Refuse what is no token: an error about a header would show it."""
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise WrongRootKey(f"the Vault token is empty or is no token; {_WAY_BACK}")
    return token
