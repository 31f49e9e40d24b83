"""What the root keys of services have in common."""

import pytest

from adapters.root_keys.service import library
from domain.errors import WrongRootKey


def test_a_missing_library_names_the_extra_that_installs_it() -> None:
    with pytest.raises(WrongRootKey, match=r'pip install "strongroom\[aws\]"'):
        library("no_such_library", extra="aws")
