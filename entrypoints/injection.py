"""dependency-injector, without the frameworks that it loads wherever they are installed.

It looks for their marks in what it wires. Nothing is wired here, and a server of secrets has no use
for the code of another framework that happens to lie beside it, nor for the time to load that.
"""

import sys
from importlib.abc import MetaPathFinder

_FRAMEWORKS = {"fast_depends", "fastapi", "pydantic", "pydantic_settings", "starlette", "werkzeug"}


class _Absent(MetaPathFinder):
    """Says of the frameworks that they are not installed."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        """Find nothing, and keep others from finding a framework.

        Raises:
            ModuleNotFoundError: it is one.
        """
        if fullname in _FRAMEWORKS:
            raise ModuleNotFoundError(f"{fullname} is not needed here", name=fullname)


_absent = _Absent()
sys.meta_path.insert(0, _absent)
try:
    from dependency_injector import containers, providers
finally:
    sys.meta_path.remove(_absent)

__all__ = ["containers", "providers"]
