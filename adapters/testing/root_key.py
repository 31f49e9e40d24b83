"""The contract of a root key.

class TestMyRootKey(RootKeyContract):
    @pytest.fixture
    def root_key(self) -> RootKey:
        return MyRootKey(...)

    @pytest.fixture
    def other_root_key(self) -> RootKey:
        return MyRootKey(... of another key ...)
"""

import pytest

from domain.errors import WrongRootKey
from domain.ports.root_key import RootKey

DATA_KEY = bytes(range(32))
CONTEXT = b"strongroom/sr1/data-key/0000000000000001"


class RootKeyContract:
    """What one root key wrapped, only that root key unwraps."""

    @pytest.fixture
    def root_key(self) -> RootKey:
        """Return the root key.

        Raises:
            NotImplementedError: the subclass has to give this fixture.
        """
        raise NotImplementedError

    @pytest.fixture
    def other_root_key(self) -> RootKey:
        """Return another root key of the same kind.

        Raises:
            NotImplementedError: the subclass has to give this fixture.
        """
        raise NotImplementedError

    def test_what_was_wrapped_unwraps(self, root_key: RootKey) -> None:
        wrapped = root_key.wrap(DATA_KEY, context=CONTEXT)
        assert root_key.unwrap(wrapped, context=CONTEXT) == DATA_KEY

    def test_what_was_wrapped_is_printable(self, root_key: RootKey) -> None:
        wrapped = root_key.wrap(DATA_KEY, context=CONTEXT)
        assert wrapped.isascii()
        assert wrapped.isprintable()

    def test_another_root_key_does_not_unwrap_it(
        self, root_key: RootKey, other_root_key: RootKey
    ) -> None:
        wrapped = root_key.wrap(DATA_KEY, context=CONTEXT)
        with pytest.raises(WrongRootKey):
            other_root_key.unwrap(wrapped, context=CONTEXT)

    def test_another_context_does_not_unwrap_it(self, root_key: RootKey) -> None:
        wrapped = root_key.wrap(DATA_KEY, context=CONTEXT)
        with pytest.raises(WrongRootKey):
            root_key.unwrap(wrapped, context=CONTEXT[:-1] + b"2")

    def test_every_cut_and_change_is_noticed(self, root_key: RootKey) -> None:
        wrapped = root_key.wrap(DATA_KEY, context=CONTEXT)
        for place, character in enumerate(wrapped):
            other = "A" if character != "A" else "B"
            for damaged in (wrapped[:place], wrapped[:place] + other + wrapped[place + 1 :]):
                with pytest.raises(WrongRootKey):
                    root_key.unwrap(damaged, context=CONTEXT)

    def test_neither_repr_nor_source_shows_key_material(self, root_key: RootKey) -> None:
        wrapped = root_key.wrap(DATA_KEY, context=CONTEXT)
        assert DATA_KEY.hex() not in repr(root_key) + root_key.source
        assert wrapped not in repr(root_key) + root_key.source
