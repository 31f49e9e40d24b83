"""The root key in a security module, against SoftHSM: a real module without the hardware."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.root_keys.pkcs11 import Pkcs11RootKeySource
from adapters.testing.root_key import CONTEXT, DATA_KEY, RootKeyContract
from adapters.testing.root_key_source import RootKeySourceContract
from domain.errors import RootKeyUnavailable, WrongRootKey
from domain.ports.root_key import RootKey
from domain.ports.root_key_source import RootKeySource, RootKeySuccession
from tests.root_key_use import copied, value_after_a_new_start
from tests.softhsm import made_token, needs_softhsm


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A token with two keys; returns the URI without the object."""
    folder = tmp_path_factory.mktemp("softhsm")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(folder / "conf"))
        yield made_token(folder, "one", "other")


def at(place: str, more: str = "object=one") -> Pkcs11RootKeySource:
    """Return the source of one key."""
    return Pkcs11RootKeySource.at(place.replace("?", f";{more}?"))


@needs_softhsm
class TestPkcs11(RootKeyContract):
    @pytest.fixture
    def root_key(self, place: str) -> RootKey:
        return at(place).load()

    @pytest.fixture
    def other_root_key(self, place: str) -> RootKey:
        return at(place, "object=other").load()


@needs_softhsm
class TestPkcs11Source(RootKeySourceContract):
    @pytest.fixture
    def source(self, place: str) -> RootKeySource:
        return at(place)


@needs_softhsm
def test_a_value_survives_a_new_start(place: str) -> None:
    assert value_after_a_new_start(at(place), copied(at(place))) == "the value"


@needs_softhsm
def test_a_key_can_be_named_by_its_id(place: str) -> None:
    wrapped = at(place).load().wrap(DATA_KEY, context=CONTEXT)
    root_key = at(place, "id=%6F%6Ee;type=secret-key").load()
    assert root_key.unwrap(wrapped, context=CONTEXT) == DATA_KEY


@needs_softhsm
def test_a_forked_process_begins_anew(place: str) -> None:
    script = (
        "import os, sys\n"
        "from adapters.root_keys.pkcs11 import Pkcs11RootKeySource\n"
        "source = Pkcs11RootKeySource.at(sys.argv[1])\n"
        "wrapped = source.load().wrap(bytes(32), context=b'c')\n"
        "child = os.fork()\n"
        "opened = source.load().unwrap(wrapped, context=b'c') == bytes(32)\n"
        "os._exit(not opened) if child == 0 else sys.exit(not opened or os.wait()[1])\n"
    )
    uri = at(place).uri.removeprefix("pkcs11:")
    assert subprocess.run([sys.executable, "-c", script, uri], check=False).returncode == 0


@needs_softhsm
def test_a_key_that_is_not_there_is_refused(place: str) -> None:
    with pytest.raises(WrongRootKey, match="not exactly one AES key"):
        at(place, "object=none").load()


@needs_softhsm
def test_a_token_that_is_not_there_is_unavailable(place: str) -> None:
    with pytest.raises(RootKeyUnavailable, match="NoSuchToken"):
        at(place.replace("the%20token", "none")).load()


@needs_softhsm
def test_a_wrong_pin_is_told_and_not_repeated(place: str, tmp_path: Path) -> None:
    (tmp_path / "pin").write_text("hidden-wrong")
    (tmp_path / "pin").chmod(0o600)
    wrong = f"{place.partition('&')[0]}&pin-source=file:{tmp_path}/pin"
    with pytest.raises(RootKeyUnavailable, match="refuses the PIN") as caught:
        at(wrong).load()
    assert "hidden" not in str(caught.value)


@needs_softhsm
def test_the_pin_is_not_shown(place: str) -> None:
    root_key = at(place).load()
    assert "hidden" not in f"{root_key!r} {root_key.source} {at(place)!r}"


def test_a_module_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(RootKeyUnavailable, match="see that its library"):
        Pkcs11RootKeySource.at("token=a;object=b?module-path=/nowhere.so").load()


def test_a_key_without_versions_cannot_be_replaced_in_place() -> None:
    source = Pkcs11RootKeySource.at("token=a;object=b?module-path=/nowhere.so")
    assert not isinstance(source, RootKeySuccession)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("", "needs .module-path="),
        ("token=a;object=b?module-path=relative.so", "needs .module-path="),
        ("object=b?module-path=/m.so", "has to name a token= and an object="),
        ("token=a?module-path=/m.so", "has to name a token= and an object="),
        ("token=a;token=b;object=c?module-path=/m.so", "given twice"),
        ("token=a;model=b;object=c?module-path=/m.so", "unknown"),
        ("token=%zz;object=c?module-path=/m.so", "malformed"),
        ("token=%ff;object=c?module-path=/m.so", "not text"),
        ("token=a;object=b;type=private?module-path=/m.so", "type=secret-key"),
        ("token=a;object=b?module-path=/m.so&pin-value=hidden", "put it into a file"),
        ("token=a;object=b?module-path=/m.so&pin-source=|hidden", "of the form file:/path"),
    ],
)
def test_a_uri_that_cannot_be_is_refused(address: str, message: str) -> None:
    with pytest.raises(WrongRootKey, match=message) as caught:
        Pkcs11RootKeySource.at(address)
    assert "hidden" not in str(caught.value)
