"""Loading a library without those that it loads wherever they are installed, but can do without."""

import contextlib
import sys
from collections.abc import Collection, Iterator
from importlib.abc import MetaPathFinder


class _Absent(MetaPathFinder):
    """Says of some libraries that they are not installed.

    `None` in `sys.modules` says so to Python, but what Cython has compiled takes it for the module.
    """

    def __init__(self, names: Collection[str]) -> None:
        """Take their names."""
        self._names = names

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        """Find nothing, and keep others from finding one of them.

        Raises:
            ModuleNotFoundError: it is one.
        """
        if fullname in self._names:
            raise ModuleNotFoundError(f"{fullname} is not needed here", name=fullname)


@contextlib.contextmanager
def absent(*names: str) -> Iterator[None]:
    """Load within this what is to find that these libraries are not installed.

    Those that are loaded already stay; afterwards all are there again for whoever asks.
    """
    finder = _Absent(frozenset(names))
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
