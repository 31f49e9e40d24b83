"""The contract of what seals backups.

class TestMySeal(BackupSealContract):
    authenticates = True

    @pytest.fixture
    def sealer(self) -> BackupSealer:
        return MySealer(...)
"""

import io
from collections.abc import Iterator
from typing import ClassVar

import pytest

from domain.errors import StrongroomError
from domain.ports.backup_seal import BackupOpener, BackupSealer

PIECES = [b"one", b"", b"x" * 300_000, b"end"]
WHOLE = b"".join(PIECES)


def sealed(sealer: BackupSealer) -> bytes:
    """Seal an example."""
    target = io.BytesIO()
    sealer.seal(iter(PIECES), target)
    return target.getvalue()


def opened(opener: BackupOpener, data: bytes) -> bytes:
    """Open something."""
    with opener.opened(io.BytesIO(data)) as pieces:
        return b"".join(pieces)


class BackupSealContract:
    """What was sealed opens, and nothing else does where the adapter authenticates."""

    authenticates: ClassVar[bool] = True

    @pytest.fixture
    def sealer(self) -> BackupSealer:
        """Return a sealer.

        Raises:
            NotImplementedError: the subclass has to give this fixture.
        """
        raise NotImplementedError

    def test_a_sealer_opens_what_it_sealed(self, sealer: BackupSealer) -> None:
        assert opened(sealer.own_opener(), sealed(sealer)) == WHOLE

    def test_what_the_pieces_raise_comes_out(self, sealer: BackupSealer) -> None:
        def pieces() -> Iterator[bytes]:
            yield b"x" * 100_000
            raise KeyError("of the pieces")

        with pytest.raises(KeyError, match="of the pieces"):
            sealer.seal(pieces(), io.BytesIO())

    def test_what_the_target_raises_comes_out(self, sealer: BackupSealer) -> None:
        class Full:
            def write(self, data: bytes, /) -> object:
                raise KeyError("of the target")

        with pytest.raises(KeyError, match="of the target"):
            sealer.seal(iter(PIECES), Full())

    def test_what_the_source_raises_comes_out(self, sealer: BackupSealer) -> None:
        class Away:
            def read(self, size: int = -1, /) -> bytes:
                raise KeyError("of the source")

        with pytest.raises(KeyError), sealer.own_opener().opened(Away()) as pieces:
            list(pieces)

    def test_whoever_stops_taking_pieces_is_not_kept(self, sealer: BackupSealer) -> None:
        data = sealed(sealer)
        with sealer.own_opener().opened(io.BytesIO(data)) as pieces:
            assert next(iter(pieces))

    def test_a_flipped_bit_anywhere_is_found(self, sealer: BackupSealer) -> None:
        if not self.authenticates:
            pytest.skip("the adapter declares that it does not authenticate")
        data = sealed(sealer)
        for place in [*range(0, 400, 7), *range(400, len(data), 9973), len(data) - 1]:
            damaged = bytearray(data)
            damaged[place] ^= 1
            with pytest.raises(StrongroomError):
                opened(sealer.own_opener(), bytes(damaged))

    def test_a_stream_that_was_cut_off_is_found(self, sealer: BackupSealer) -> None:
        if not self.authenticates:
            pytest.skip("the adapter declares that it does not authenticate")
        data = sealed(sealer)
        for size in (0, 10, 250, len(data) // 2, len(data) - 1):
            with pytest.raises(StrongroomError):
                opened(sealer.own_opener(), data[:size])
