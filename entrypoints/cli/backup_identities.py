"""Identity files: what opens backups, and is best kept elsewhere."""

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from adapters.backups import age
from adapters.backups.plain import PlainOpener
from domain.errors import StartRefused
from domain.ports.backup_seal import BackupOpener

MAX_BYTES = 1024 * 1024


def opener_of(name: str, identities: Sequence[Path], passphrase_file: Path | None) -> BackupOpener:
    """Return what opens a backup of this name.

    Raises:
        StartRefused: it is sealed and no identity was named, or one cannot be used.
    """
    if not name.endswith(".age"):
        return PlainOpener()
    if not identities:
        raise StartRefused("the backup is sealed; name who opens it with --identity FILE")
    found = [one for path in identities for one in _identities(path, passphrase_file)]
    return age.AgeOpener(found)


def make_identity(target: Path, *, locked: bool, passphrase_file: Path | None) -> str:
    """Write a new identity into a new file, durably, and return its recipient.

    Raises:
        StartRefused: the file cannot be made, or is there.
    """
    identity, recipient = age.new_identity()
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    text = f"# created: {moment}\n# public key: {recipient}\n{identity}\n"
    data = text.encode()
    if locked:
        data = age.lock_identity(text, _passphrase(passphrase_file, again=True))
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with open(os.open(target, flags, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StartRefused(f"the file {target} cannot be made: {error.strerror}") from None
    return recipient


def _identities(path: Path, passphrase_file: Path | None) -> Sequence[Any]:
    """Read an identity file."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES)
    except OSError as error:
        raise StartRefused(f"the file {path} cannot be read: {error.strerror}") from None
    if age.is_locked(data):
        return age.parse_identities(age.unlock_identity(data, _passphrase(passphrase_file)))
    try:
        return age.parse_identities(data.decode())
    except UnicodeDecodeError:
        raise StartRefused(f"the file {path} is no identity file") from None


def _passphrase(file: Path | None, *, again: bool = False) -> str:
    """Read a passphrase from a file, or ask for it.

    Raises:
        StartRefused: there is neither a file nor a terminal, or it is empty.
    """
    if file is not None:
        try:
            text = file.read_text("utf-8").removesuffix("\n")
        except (OSError, UnicodeDecodeError):
            raise StartRefused(f"the file {file} cannot be read") from None
    elif sys.stdin.isatty():
        text = click.prompt("passphrase", hide_input=True, confirmation_prompt=again, err=True)
    else:
        raise StartRefused("there is no terminal to ask at; name a file with --passphrase-file")
    if not text:
        raise StartRefused("the passphrase is empty")
    return text
