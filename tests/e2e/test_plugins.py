"""Adapters of somebody else: built, installed, certified and served from."""

import json
import os
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e import stores
from tests.e2e.installation import CHECKOUT, EXAMPLES, Installation, install
from tests.e2e.running import refused, running
from tests.e2e.test_secrets_api import create
from tests.packages import WORKING, put

CIPHER = EXAMPLES / "strongroom-aes-gcm-siv"
STORE = EXAMPLES / "strongroom-journal"
SIV = {"STRONGROOM_CIPHER": "aes-256-gcm-siv"}

ASKING = """
import os
from pathlib import Path
from adapters.root_keys.file import FileRootKeySource

def at(address):
    with open(Path(address) / "asked", "a") as asked:
        asked.write(f"{os.getpid()}\\n")
    return FileRootKeySource(Path(address) / "key")
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Strongroom and both examples."""
    return install(tmp_path_factory.mktemp("installed"), CHECKOUT, CIPHER, STORE)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder for packages that a server of the checkout finds, too."""
    folder = tmp_path / "site"
    folder.mkdir()
    return folder


def journal_of(data_dir: Path) -> Mapping[str, str]:
    """Return the setting that names the example store."""
    return {"STRONGROOM_DATABASE_URL": f"journal:///{data_dir / 'secrets.journal'}"}


def test_nothing_of_the_checkout_is_installed(installed: Installation) -> None:
    imported = "import adapters, application, domain, entrypoints, migrations, sys"
    places = "[m.__file__ for m in (adapters, application, domain, entrypoints, migrations)]"
    shown = installed.run(str(installed.python), "-c", f"{imported}; print({places}, sys.path)")
    assert str(CHECKOUT) not in shown
    assert shown.count(str(installed.folder)) >= 5


@pytest.mark.parametrize("example", [CIPHER, STORE], ids=lambda example: example.name)
def test_the_kit_certifies_it(installed: Installation, example: Path, tmp_path: Path) -> None:
    tests = shutil.copytree(example / "tests", tmp_path / "tests")
    options = ("-q", "-p", "no:cacheprovider", "--rootdir", str(tests), "-W", "error")
    shown = installed.run(str(installed.python), "-m", "pytest", *options, str(tests))
    assert " passed" in shown


def test_the_adapters_are_listed_with_their_packages(installed: Installation) -> None:
    listed = json.loads(installed.run(*installed.program, "plugins", "--json"))
    found = {row["name"]: (row["package"], row["version"], row["in_use"]) for row in listed}
    assert found["aes-256-gcm-siv"] == ("strongroom-aes-gcm-siv", "1.0.0", False)
    assert found["journal"] == ("strongroom-journal", "1.0.0", False)
    assert found["fernet"][2]


def test_a_value_of_the_cipher_opens_after_a_restart_and_under_another(
    installed: Installation, data_dir: Path
) -> None:
    with running(data_dir, env=SIV, program=installed.program) as server:
        number = create(server.client, "n", "välue")
    ((stored,),) = stores.execute(data_dir, "SELECT encrypted_value FROM secrets")
    assert ":aes-256-gcm-siv:" in stored
    for env in (SIV, {}):
        with running(data_dir, env=env, program=installed.program) as server:
            answer = server.client.get(f"/api/secrets/{number}/decrypt")
            assert answer.json()["value"] == "välue"


def test_without_its_package_a_value_does_not_open_and_all_others_do(
    installed: Installation, data_dir: Path
) -> None:
    with running(data_dir, env=SIV, program=installed.program) as server:
        sealed = create(server.client, "sealed", "v")
    with running(data_dir) as server:
        other = create(server.client, "other", "v")
        answer = server.client.get(f"/api/secrets/{sealed}/decrypt")
        assert answer.status_code == 500
        assert "cipher" in answer.json()["detail"]
        assert server.client.get(f"/api/secrets/{other}/decrypt").json()["value"] == "v"
    assert "known are aes-256-gcm, chacha20-poly1305, fernet" in refused(data_dir, env=SIV)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_the_store_has_what_it_acknowledged_after_a_restart(
    installed: Installation, data_dir: Path, how: signal.Signals
) -> None:
    env = journal_of(data_dir)
    with running(data_dir, env=env, program=installed.program) as server:
        numbers = [create(server.client, f"n{number}", "välue") for number in range(20)]
        for worker in server.workers():
            os.kill(worker, how)
        server.stop(how)
    with running(data_dir, env=env, program=installed.program) as server:
        for number in numbers:
            answer = server.client.get(f"/api/secrets/{number}/decrypt")
            assert answer.json()["value"] == "välue"
    assert not (data_dir / "secrets.db").exists()


def test_the_store_that_is_for_one_process_gets_no_second(
    installed: Installation, data_dir: Path
) -> None:
    env = journal_of(data_dir)
    line = refused(data_dir, "--workers", "2", env=env, program=installed.program)
    assert "'workers'" in line
    assert not data_dir.exists()
    with running(data_dir, env=env, program=installed.program):
        assert "another process" in refused(data_dir, env=env, program=installed.program)


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        (["raise ValueError('at import')"], "ValueError: at import"),
        (["At = dict"], "no Cipher"),
        ([WORKING, WORKING], "the same name"),
    ],
    ids=["one that fails", "one of another port", "two of one name"],
)
def test_a_package_that_will_not_do_stops_the_start(
    site: Path, data_dir: Path, codes: list[str], told: str
) -> None:
    names = [f"package-{number}" for number in range(len(codes))]
    for name, code in zip(names, codes, strict=True):
        place = f"{name.replace('-', '_')}:At"
        put(site, name, code=code, offers={"strongroom.ciphers": {"theirs": place}})
    env = {"PYTHONPATH": str(site), "STRONGROOM_CIPHER": "theirs"}
    line = refused(data_dir, env=env)
    assert told in line
    assert all(name in line for name in names)
    assert not data_dir.exists()


def test_a_source_is_asked_for_the_root_key_once(site: Path, data_dir: Path) -> None:
    offers = {"strongroom.root_keys": {"asking": "asking_source:at"}}
    put(site, "asking-source", code=ASKING, offers=offers)
    env = {"PYTHONPATH": str(site), "STRONGROOM_ROOT_KEY": f"asking:{site}"}
    with running(data_dir, "--workers", "2", env=env) as server:
        number = create(server.client, "n", "v")
        for _ in range(10):
            # A new connection each time, so that both workers get some.
            answer = server.client.get(
                f"/api/secrets/{number}/decrypt", headers={"connection": "close"}
            )
            assert answer.json()["value"] == "v"
    assert (site / "asked").read_text().split() == [str(server.process.pid)]
