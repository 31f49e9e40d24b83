from collections.abc import Iterator

import pytest
from pytest_socket import disable_socket, enable_socket

from adapters.memory import MemoryStorage
from tests.house import House


@pytest.fixture(autouse=True)
def no_sockets() -> Iterator[None]:
    """A unit test that reaches for the network is no unit test."""
    disable_socket()
    yield
    enable_socket()


@pytest.fixture
def house() -> House:
    return House(MemoryStorage()).opened()
