"""The root key in a hardware security module that speaks PKCS #11."""

import contextlib
import fcntl
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from adapters import base64url
from adapters.root_keys import closed_file
from adapters.root_keys.pkcs11_uri import Pkcs11Uri
from adapters.root_keys.service import library
from domain.errors import RootKeyUnavailable, WrongRootKey
from domain.ports.root_key import RootKey
from domain.ports.root_key_source import RootKeySource

TAG = "pkcs11-1"
"""Format tag of wrapped data keys. Formats are only ever added."""

EXTRA = "pkcs11"

_NONCE_BYTES = 12
_TAG_BYTES = 16

_TURN = threading.Lock()
_begun_by: dict[str, int] = {}


class Pkcs11RootKeySource(RootKeySource):
    """Names an AES key by the URI of RFC 7512. It has no versions, so it has no succession."""

    def __init__(self, uri: Pkcs11Uri) -> None:
        """Take the URI."""
        self._uri = uri

    @classmethod
    def at(cls, address: str) -> "Pkcs11RootKeySource":
        """Return the source of the URI `pkcs11:<address>`."""
        return cls(Pkcs11Uri.parse(address))

    @property
    def uri(self) -> str:
        """Return `pkcs11:` and the rest; the PIN stands in a file that it names."""
        return f"pkcs11:{self._uri.text}"

    def load(self) -> RootKey:
        """Return the key, after one look at it.

        Raises:
            WrongRootKey: there is no such key on the token, or its file of the PIN is not closed.
            RootKeyUnavailable: the module or its token is not there, or refuses the PIN.
        """
        pin = None
        if self._uri.pin_file:
            read = closed_file.read_handed_in(
                self._uri.pin_file, what="the PIN file", way_back="put the token's PIN there"
            )
            pin = read.decode("utf-8", "replace").rstrip("\r\n")
        root_key = Pkcs11RootKey(self._uri, pin=pin)
        root_key.look()
        return root_key


class Pkcs11RootKey(RootKey):
    """Has the module encrypt data keys with AES-GCM; the context is associated data."""

    def __init__(self, uri: Pkcs11Uri, *, pin: str | None) -> None:
        """Take where the key is, and the PIN of its token if it needs one."""
        self._uri = uri
        self._pin = pin
        self._library = library("pkcs11", extra=EXTRA)

    def __repr__(self) -> str:
        """Show where the key is."""
        return f"Pkcs11RootKey({self.source})"

    @property
    def source(self) -> str:
        """Return where the key is."""
        return f"pkcs11:{self._uri.text}"

    def look(self) -> None:
        """See that the key is there.

        Raises:
            WrongRootKey: there is no such key.
            RootKeyUnavailable: the module or its token is not there, or refuses the PIN.
        """
        with self._key():
            pass

    def wrap(self, data_key: bytes, *, context: bytes) -> str:
        """Wrap a data key, bound to the context.

        Raises:
            WrongRootKey: there is no such key any more.
            RootKeyUnavailable: the module does not do it.
        """
        nonce = os.urandom(_NONCE_BYTES)
        with self._key() as key:
            sealed = key.encrypt(data_key, **self._gcm(nonce, context))
        return f"{TAG}:{base64url.encode(nonce + sealed)}"

    def unwrap(self, wrapped: str, *, context: bytes) -> bytes:
        """Return the data key.

        Raises:
            WrongRootKey: it was wrapped under another root key or context, or is damaged.
            RootKeyUnavailable: the module or its token is not there, or refuses the PIN.
        """
        nonce, sealed = self._parsed(wrapped)
        errors = self._library
        with self._key() as key:
            try:
                data_key: bytes = key.decrypt(sealed, **self._gcm(nonce, context))
            except (
                errors.EncryptedDataInvalid,
                errors.EncryptedDataLenRange,
                errors.FunctionFailed,
                errors.GeneralError,
            ) as error:
                # The standard has an error of its own for this; not every module uses it.
                raise self._wrong(f"the module answered {type(error).__name__}") from error
        return data_key

    def _parsed(self, wrapped: str) -> tuple[bytes, bytes]:
        """Take the stored form apart."""
        tag, _, text = wrapped.partition(":")
        try:
            data = base64url.decode(text)
        except ValueError as error:
            raise self._wrong("it is damaged, or of another kind of root key") from error
        if tag != TAG or len(data) <= _NONCE_BYTES + _TAG_BYTES:
            raise self._wrong("it is damaged, or of another kind of root key")
        return data[:_NONCE_BYTES], data[_NONCE_BYTES:]

    def _gcm(self, nonce: bytes, context: bytes) -> dict[str, Any]:
        """Return the mechanism, with its parameters."""
        parameters = library("pkcs11.mechanisms", extra=EXTRA).GCMParams(nonce, aad=context)
        mechanism = self._library.Mechanism.AES_GCM
        return {"mechanism": mechanism, "mechanism_param": parameters}

    @contextlib.contextmanager
    def _key(self) -> Iterator[Any]:
        """Open a session, find the key, and log out again."""
        errors = self._library
        with _turn(self._uri.pin_file):
            try:
                with self._token().open(user_pin=self._pin) as session:
                    yield session.get_key(
                        object_class=errors.ObjectClass.SECRET_KEY,
                        key_type=errors.KeyType.AES,
                        label=self._uri.label,
                        id=self._uri.id,
                    )
            except (errors.NoSuchKey, errors.MultipleObjectsReturned):
                raise WrongRootKey(
                    f"the token has not exactly one AES key of this name ({self.source}); name it"
                    " with object= or id=, and the file of the token's PIN with pin-source="
                ) from None
            except (errors.PinIncorrect, errors.PinInvalid, errors.PinLenRange, errors.PinLocked):
                raise RootKeyUnavailable(
                    f"the token refuses the PIN ({self.source}); mend the file of the PIN before"
                    " the next try, a token locks itself after a few"
                ) from None
            except errors.PKCS11Error as error:
                raise RootKeyUnavailable(
                    f"the security module ({self.source}) cannot be used: {type(error).__name__};"
                    " see that its library and its token are there"
                ) from error

    def _token(self) -> Any:
        """Return the token."""
        module = self._module()
        return module.get_token(token_label=self._uri.token, token_serial=self._uri.serial)

    def _module(self) -> Any:
        """Return the library. One that was begun before a fork is begun anew."""
        name = str(self._uri.module)
        module = self._library.lib(name)
        if _begun_by.setdefault(name, os.getpid()) != os.getpid():
            try:
                module.reinitialize()
            except self._library.PKCS11Error:
                module.initialize()
            _begun_by[name] = os.getpid()
        return module

    def _wrong(self, why: str) -> WrongRootKey:
        """Return the error for what does not open."""
        return WrongRootKey(
            f"the root key ({self.source}) does not open this store ({why}); name the key that"
            " belongs to it, nothing was changed"
        )


@contextlib.contextmanager
def _turn(pin_file: Path | None) -> Iterator[None]:
    """Have one session at a time.

    A login is the whole process's, not a session's, so threads wait for each other. So do the
    workers, which start together, as long as there is a file of the PIN to agree on: a module in
    software shows others a damaged token while one logs in.
    """
    with _TURN, contextlib.ExitStack() as stack:
        if pin_file is not None and pin_file.exists():
            file = stack.enter_context(open(pin_file, "rb"))
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
