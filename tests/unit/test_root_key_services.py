"""What the root keys of services have in common."""

import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from adapters.root_keys.service import library
from domain.errors import WrongRootKey
from domain.ports.root_key_source import RootKeySource

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))[
    "project"
]
DECLARED = PROJECT["entry-points"]["strongroom.root_keys"]
ADDRESSES = {
    "azurekv": "https://the.vault.azure.net/keys/one",
    "gcpkms": "projects/p/locations/l/keyRings/r/cryptoKeys/one",
    "pkcs11": "token=t;object=o?module-path=/module.so",
    "vault": "https://vault.example:8200/transit/one",
}


def test_a_missing_library_names_the_extra_that_installs_it() -> None:
    with pytest.raises(WrongRootKey, match=r'pip install "strongroom\[aws\]"'):
        library("no_such_library", extra="aws")


@pytest.mark.parametrize("scheme", DECLARED)
def test_every_declared_scheme_gives_a_source_that_names_itself(scheme: str) -> None:
    entry = EntryPoint(name=scheme, value=DECLARED[scheme], group="strongroom.root_keys")
    address = ADDRESSES.get(scheme, "some_name")
    source = entry.load()(address)
    assert isinstance(source, RootKeySource)
    assert source.uri == f"{scheme}:{address}"
