"""dependency-injector, without the frameworks that it loads wherever they are installed.

It looks for their marks in what it wires. Nothing is wired here, and a server of secrets has no use
for the code of another framework that happens to lie beside it, nor for the time to load that.
"""

from entrypoints.absent import absent

with absent("fast_depends", "fastapi", "pydantic", "pydantic_settings", "starlette", "werkzeug"):
    from dependency_injector import containers, providers

__all__ = ["containers", "providers"]
