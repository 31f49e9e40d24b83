"""The contract of a source of the root key.

class TestMySource(RootKeySourceContract):
    @pytest.fixture
    def source(self) -> RootKeySource:
        return MySource(... a place that has a key ...)
"""

import pickle
import re

import pytest

from adapters.testing.root_key import CONTEXT, DATA_KEY
from domain.ports.root_key import RootKey
from domain.ports.root_key_source import FirstRootKey, RootKeySource, RootKeySuccession


def fit(wrapping: RootKey, unwrapping: RootKey) -> bool:
    """Tell whether one key unwraps what the other has wrapped."""
    wrapped = wrapping.wrap(DATA_KEY, context=CONTEXT)
    return unwrapping.unwrap(wrapped, context=CONTEXT) == DATA_KEY


def succession_of(source: RootKeySource) -> RootKeySuccession:
    """Return the source as one that replaces its key in place, or skip the test."""
    if not isinstance(source, RootKeySuccession):
        pytest.skip("the source declares that it does not replace its key in place")
    return source


class RootKeySourceContract:
    """A source gives the same key to every process, and loses none when it gets another."""

    @pytest.fixture
    def source(self) -> RootKeySource:
        """Return a source whose place has a key.

        Raises:
            NotImplementedError: the subclass has to give this fixture.
        """
        raise NotImplementedError

    def test_its_uri_begins_with_a_scheme(self, source: RootKeySource) -> None:
        assert re.match(r"[a-z0-9][a-z0-9+.-]*:", source.uri)
        assert source.uri.isprintable()

    def test_it_loads_the_same_key_each_time(self, source: RootKeySource) -> None:
        assert fit(source.load(), source.load())

    def test_the_copy_that_a_worker_is_handed_loads_the_same_key(
        self, source: RootKeySource
    ) -> None:
        copy = pickle.loads(pickle.dumps(source))  # noqa: S301  the bytes are ours
        assert copy.uri == source.uri
        assert fit(source.load(), copy.load())
        assert fit(copy.load(), source.load())

    def test_a_key_that_is_there_is_not_made_anew(self, source: RootKeySource) -> None:
        if not isinstance(source, FirstRootKey):
            pytest.skip("the source declares that it makes no key")
        before = source.load()
        assert source.exists()
        source.create()
        assert fit(before, source.load())

    def test_a_successor_is_proposed_once(self, source: RootKeySource) -> None:
        succession = succession_of(source)
        assert fit(succession.propose(), succession.propose())

    def test_the_key_stays_until_its_successor_is_adopted(self, source: RootKeySource) -> None:
        succession = succession_of(source)
        before = source.load()
        successor = succession.propose()
        assert fit(before, source.load())
        assert fit(successor, succession.proposed() or source.load())

    def test_an_adopted_successor_is_the_key(self, source: RootKeySource) -> None:
        succession = succession_of(source)
        successor = succession.propose()
        for _ in range(2):  # the second one finds it done
            succession.adopt(successor)
            assert fit(successor, source.load())
        assert succession.proposed() is None
