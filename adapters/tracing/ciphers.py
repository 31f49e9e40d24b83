"""Ciphers whose sealing and opening is told of: which cipher, how long, and nothing else."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from adapters.tracing.step import CURRENT, begin
from domain.ports.cipher import Cipher

T = TypeVar("T")


class TracedCipher(Cipher):
    """Passes everything on."""

    def __init__(self, inside: Cipher) -> None:
        """Take the cipher."""
        self._inside = inside
        self._facts = {"strongroom.cipher": inside.name}

    @property
    def name(self) -> str:
        """Return the name of the cipher."""
        return self._inside.name

    def seal(self, plaintext: bytes, *, key: bytes, context: bytes) -> str:
        """Seal."""
        if CURRENT.get() is None:
            return self._inside.seal(plaintext, key=key, context=context)
        return self._step(
            "value.seal", lambda: self._inside.seal(plaintext, key=key, context=context)
        )

    def open(self, token: str, *, key: bytes, context: bytes) -> bytes:
        """Open.

        Raises:
            SealBroken: the token is malformed, or does not authenticate.
        """
        if CURRENT.get() is None:
            return self._inside.open(token, key=key, context=context)
        return self._step("value.open", lambda: self._inside.open(token, key=key, context=context))

    def _step(self, name: str, call: Callable[[], T]) -> T:
        """Do it, within a step where there is one to be told."""
        step = begin(name, self._facts)
        if step is None:
            return call()
        try:
            done = call()
        except BaseException as error:
            step.end(error)
            raise
        step.end()
        return done


class TracedCiphers(Mapping[str, Cipher]):
    """All ciphers, each traced when it is first asked for."""

    def __init__(self, inside: Mapping[str, Cipher]) -> None:
        """Take the ciphers."""
        self._inside = inside
        self._traced: dict[str, TracedCipher] = {}

    def __getitem__(self, name: str) -> Cipher:
        """Return a cipher.

        Raises:
            KeyError: there is none of this name.
            UnknownFormat: it cannot be loaded.
        """
        traced = self._traced.get(name)
        if traced is None:
            traced = self._traced[name] = TracedCipher(self._inside[name])
        return traced

    def __iter__(self) -> Iterator[str]:
        """Go through the names."""
        return iter(self._inside)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._inside)
