"""Walks over everything that is declared, so that nothing can be added and left out."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from typing import Any, get_type_hints

import application
from adapters.http import problems
from adapters.http.app import HANDLERS
from adapters.http.openapi import OPERATIONS, document
from application.use_case import RightsUseCase, UseCase
from domain import errors
from domain.access.action import Action
from entrypoints.settings import Settings
from tests.house import House

NOT_ASKED_BY_CALLERS = {Action.ADOPT, Action.REPLACE_KEY}
"""Actions that only a start takes, or a command of whoever has the root key."""


def _described(parameter: re.Match[str]) -> str:
    """Return how the description names a parameter of a route."""
    names = {"reference": "{id}", "number": "{version}", "rotation_id": "{rotation}"}
    return names.get(parameter[1], f"{{{parameter[1]}}}")


def modules(package: Any) -> Iterator[Any]:
    yield package
    for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(info.name)


def declared_use_cases() -> set[type]:
    return {
        cls
        for module in modules(application)
        for _, cls in inspect.getmembers(module, inspect.isclass)
        if issubclass(cls, UseCase) and not inspect.isabstract(cls)
    }


def test_every_use_case_stands_behind_the_gate(house: House) -> None:
    assert {type(use_case) for use_case in house.gate.use_cases.values()} == declared_use_cases()


def test_every_use_case_declares_an_action_of_its_own(house: House) -> None:
    actions = [use_case.action for use_case in house.gate.use_cases.values()]
    assert len(set(actions)) == len(actions)
    assert set(actions) == set(Action) - NOT_ASKED_BY_CALLERS


def test_every_use_case_serves_the_command_that_it_is_kept_under(house: House) -> None:
    for command, use_case in house.gate.use_cases.items():
        kind = type(use_case)
        performs = kind.perform_for if isinstance(use_case, RightsUseCase) else kind.perform
        assert get_type_hints(performs)["command"] is command


def test_every_error_of_ours_has_a_status() -> None:
    ours = [
        cls for _, cls in inspect.getmembers(errors, inspect.isclass)
        if issubclass(cls, errors.StrongroomError)
    ]  # fmt: skip
    # A refused start is told to the operator and never reaches a caller.
    told = [cls for cls in ours if not issubclass(cls, errors.StartRefused)]
    generic = {errors.StrongroomError, errors.Broken}
    concealed = [cls for cls in told if any(c in problems.TABLE for c in cls.__mro__) is False]
    assert set(concealed) == generic


def test_every_route_is_in_the_description() -> None:
    served = {
        (method.lower(), re.sub(r"\{(\w+):\w+\}", _described, path))
        for handler in HANDLERS
        for path in handler.paths
        for method in handler.http_methods
    }
    described = {(operation.method, operation.path) for operation in OPERATIONS}
    pages = {("get", page) for page in ("/openapi.json", "/docs", "/docs/docs.css", "/metrics")}
    by_name = ("get", "/api/secrets/name/{name}")
    # One route reads the name and the verb behind it; the description shows the two calls.
    assert by_name in described
    assert described - {(by_name[0], f"{by_name[1]}/decrypt")} == {
        (method, path) for method, path in served if (method, path) not in pages
    }


def test_every_call_describes_its_refusals() -> None:
    for path, operations in document()["paths"].items():
        for method, operation in operations.items():
            described = set(operation["responses"])
            expected = {"200"}
            if path.startswith("/api/"):
                expected |= {"400", "403", "406", "503"}
            if "{" in path:
                expected |= {"404"}
            if "requestBody" in operation:
                expected |= {"413", "415"}
            assert expected <= described, f"{method} {path}"


def test_every_call_describes_the_parameters_of_its_path() -> None:
    for path, operations in document()["paths"].items():
        for operation in operations.values():
            described = {item["name"] for item in operation["parameters"] if item["in"] == "path"}
            assert described == set(re.findall(r"\{(\w+)\}", path)), path


def test_every_setting_says_what_it_is() -> None:
    source = inspect.getsource(Settings)
    for name in Settings.__struct_fields__:
        declaration = source.index(f"    {name}:")
        following = source[declaration:].split('"""', 2)
        assert len(following[1]) > 10, name
        assert "\n\n" not in following[0], f"{name} has no docstring of its own"
