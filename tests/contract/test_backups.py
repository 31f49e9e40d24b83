"""Stores that can be copied, places of backups, and seals keep their contracts."""

import base64
import contextlib
import hashlib
import hmac
import io
import os
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import count
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from moto.server import ThreadedMotoServer

from adapters.backups import age
from adapters.backups.folder import FolderPlace
from adapters.backups.objects import ObjectPlace
from adapters.backups.plain import PlainSealer
from adapters.sql.postgresql_store import PostgresqlStore
from adapters.sql.sqlite_store import SqliteStore
from adapters.testing.backup_place import NAMES, BackupPlaceContract, got, put
from adapters.testing.backup_seal import WHOLE, BackupSealContract, opened, sealed
from adapters.testing.store_copy import StoreCopyContract
from adapters.testing.store_move import StoreMoveContract
from domain.errors import StartRefused
from domain.ports.backup_place import BackupPlace, PlaceUnavailable
from domain.ports.backup_seal import BackupSealer, NotForUs
from domain.ports.store import Store, StoreOptions
from tests.e2e.running import free_port
from tests.postgresql import Server

_buckets = count(1)


class TestSqliteCopy(StoreCopyContract, StoreMoveContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Store:
        return SqliteStore(tmp_path / "secrets.db")

    @pytest.fixture
    def other(self, tmp_path: Path) -> Store:
        return SqliteStore(tmp_path / "other.db")


class TestPostgresqlCopy(StoreCopyContract, StoreMoveContract):
    @pytest.fixture
    def store(self, empty_database: str) -> Store:
        return PostgresqlStore.at(empty_database, StoreOptions())

    @pytest.fixture
    def other(self, postgresql: Server) -> Iterator[Store]:
        name = postgresql.new_database()
        yield PostgresqlStore.at(postgresql.url(name), StoreOptions())
        postgresql.drop(name)


class TestCopyOfAnotherKind(StoreCopyContract, StoreMoveContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Store:
        return SqliteStore(tmp_path / "secrets.db")

    @pytest.fixture
    def other(self, empty_database: str) -> Store:
        return PostgresqlStore.at(empty_database, StoreOptions())


class TestCopyBack(StoreCopyContract, StoreMoveContract):
    @pytest.fixture
    def store(self, empty_database: str) -> Store:
        return PostgresqlStore.at(empty_database, StoreOptions())

    @pytest.fixture
    def other(self, tmp_path: Path) -> Store:
        return SqliteStore(tmp_path / "secrets.db")


class TestFolderPlace(BackupPlaceContract):
    @pytest.fixture
    def place(self, tmp_path: Path) -> BackupPlace:
        return FolderPlace.at(f"file:{tmp_path}/backups")

    def test_files_are_for_the_owner_only(self, place: BackupPlace, tmp_path: Path) -> None:
        put(place, NAMES[0], b"x")
        (file,) = (tmp_path / "backups").iterdir()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600

    def test_what_a_killed_process_left_is_erased(self, place: BackupPlace, tmp_path: Path) -> None:
        put(place, NAMES[0], b"x")
        left = tmp_path / "backups" / f"{NAMES[1]}.part"
        left.write_bytes(b"half")
        put(place, NAMES[2], b"x")
        assert not left.exists()
        assert [lying.name for lying in place.list()] == [NAMES[0], NAMES[2]]

    def test_a_folder_that_is_a_file_is_said_to_be_unavailable(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"")
        with pytest.raises(PlaceUnavailable):
            put(FolderPlace(tmp_path / "file"), NAMES[0], b"x")

    def test_a_uri_without_a_folder_is_refused(self) -> None:
        with pytest.raises(StartRefused):
            FolderPlace.at("file:")


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """Return the address of a server that speaks S3."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3: str, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y", "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": s3, "AWS_ALLOW_HTTP": "true",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    name = f"backups-{next(_buckets)}"
    assert httpx.put(f"{s3}/{name}", trust_env=False).status_code == 200
    return name


class TestObjectPlace(BackupPlaceContract):
    @pytest.fixture
    def place(self, bucket: str) -> BackupPlace:
        return ObjectPlace(f"s3://{bucket}/some/path")

    def test_two_paths_of_one_bucket_are_two_places(self, place: BackupPlace, bucket: str) -> None:
        put(place, NAMES[0], b"x")
        assert list(ObjectPlace(f"s3://{bucket}/other").list()) == []
        assert [lying.name for lying in ObjectPlace(f"s3://{bucket}/some/path/").list()] == NAMES[
            :1
        ]

    def test_a_bucket_that_is_not_there_is_said_to_be_unavailable(self, bucket: str) -> None:
        del bucket
        with pytest.raises(PlaceUnavailable):
            put(ObjectPlace("s3://no-such-bucket/path"), NAMES[0], b"x")

    @pytest.mark.parametrize(
        "uri", ["s3:", "s3://", "s3://key:secret@bucket/path", "s3://bucket?x=y", "tcp://bucket/x"]
    )
    def test_a_uri_of_another_form_is_refused_without_repeating_it(self, uri: str) -> None:
        with pytest.raises(StartRefused) as caught:
            ObjectPlace(uri)
        assert "secret" not in str(caught.value)


AZURITE = shutil.which("azurite-blob")
AZURITE_ACCOUNT = "devstoreaccount1"
AZURITE_KEY = (
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)
"""Of an account that Azurite always has; both stand in its documentation."""


@pytest.fixture(scope="session")
def azurite() -> Iterator[str]:
    """Return the address of a server that speaks as Azure's blob storage does, as npm has it."""
    assert AZURITE is not None
    port = free_port()
    flags = ("--inMemoryPersistence", "--silent", "--blobPort", str(port))
    with subprocess.Popen([AZURITE, *flags]) as process:
        address = f"http://127.0.0.1:{port}/{AZURITE_ACCOUNT}"
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.TransportError):
                httpx.get(address, trust_env=False)
                break
            time.sleep(0.05)
        yield address
        process.terminate()


@pytest.mark.skipif(AZURITE is None, reason="the program 'azurite-blob' is not installed")
class TestAzurePlace(BackupPlaceContract):
    @pytest.fixture
    def place(self, azurite: str, monkeypatch: pytest.MonkeyPatch) -> BackupPlace:
        for name, value in {
            "AZURE_STORAGE_ACCOUNT_NAME": AZURITE_ACCOUNT, "AZURE_STORAGE_USE_EMULATOR": "true",
            "AZURITE_BLOB_STORAGE_URL": azurite.rpartition("/")[0],
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        name = f"backups-{next(_buckets)}"
        make_container(azurite, name)
        return ObjectPlace(f"az://{name}/some/path")

    def test_a_container_that_is_not_there_is_said_to_be_unavailable(
        self, place: BackupPlace
    ) -> None:
        del place
        with pytest.raises(PlaceUnavailable):
            put(ObjectPlace("az://no-such-container/path"), NAMES[0], b"x")


def make_container(address: str, name: str) -> None:
    """Make a container, with a request that is signed as Azure's Shared Key asks for."""
    headers = {"x-ms-date": format_datetime(datetime.now(UTC), usegmt=True)}
    headers["x-ms-version"] = "2021-12-02"
    resource = f"/{AZURITE_ACCOUNT}/{AZURITE_ACCOUNT}/{name}\nrestype:container"
    text = "\n".join(["PUT", *[""] * 11, *(f"{k}:{v}" for k, v in headers.items()), resource])
    digest = hmac.digest(base64.b64decode(AZURITE_KEY), text.encode(), "sha256")
    headers["authorization"] = f"SharedKey {AZURITE_ACCOUNT}:{base64.b64encode(digest).decode()}"
    asked = f"{address}/{name}?restype=container"
    assert httpx.put(asked, headers=headers, trust_env=False).status_code == 201


class TestPlain(BackupSealContract):
    authenticates = False

    @pytest.fixture
    def sealer(self) -> BackupSealer:
        return PlainSealer()


def cheaply_locked(text: bytes, passphrase: bytes) -> bytes:
    """Seal as the description of the format says (C2SP age), with a work factor for tests."""

    def plain(data: bytes) -> str:
        return base64.b64encode(data).decode().rstrip("=")

    def derived(salt: bytes, info: bytes) -> bytes:
        return HKDF(SHA256(), 32, salt=salt, info=info).derive(file_key)

    file_key, salt, nonce = os.urandom(16), os.urandom(16), os.urandom(16)
    label = b"age-encryption.org/v1/scrypt"
    wrapping = hashlib.scrypt(passphrase, salt=label + salt, n=2**10, r=8, p=1, dklen=32)
    body = ChaCha20Poly1305(wrapping).encrypt(bytes(12), file_key, None)
    head = f"age-encryption.org/v1\n-> scrypt {plain(salt)} 10\n{plain(body)}\n---"
    mac = hmac.digest(derived(b"", b"header"), head.encode(), "sha256")
    payload = ChaCha20Poly1305(derived(nonce, b"payload"))
    return (
        f"{head} {plain(mac)}\n".encode() + nonce + payload.encrypt(bytes(11) + b"\1", text, None)
    )


class TestAge(BackupSealContract):
    @pytest.fixture
    def sealer(self) -> BackupSealer:
        return age.AgeSealer([age.new_identity()[1]])

    def test_each_recipient_opens_it(self) -> None:
        pairs = [age.new_identity() for _ in range(3)]
        data = sealed(age.AgeSealer([recipient for _, recipient in pairs]))
        for identity, _ in pairs:
            opener = age.AgeOpener(age.parse_identities(f"# a comment\n{identity}\n"))
            assert opened(opener, data) == WHOLE

    def test_nobody_else_does(self, sealer: BackupSealer) -> None:
        other = age.AgeOpener(age.parse_identities(age.new_identity()[0]))
        with pytest.raises(NotForUs):
            opened(other, sealed(sealer))

    def test_the_own_key_of_a_sealer_is_no_other_ones(self) -> None:
        recipient = age.new_identity()[1]
        with pytest.raises(NotForUs):
            opened(age.AgeSealer([recipient]).own_opener(), sealed(age.AgeSealer([recipient])))

    @pytest.mark.parametrize("recipients", [[], ["age1nothing"], ["AGE-SECRET-KEY-1"]])
    def test_without_a_recipient_nothing_is_sealed(self, recipients: list[str]) -> None:
        with pytest.raises(StartRefused):
            age.AgeSealer(recipients)

    @pytest.mark.parametrize("text", ["", "# only a comment", "AGE-SECRET-KEY-1X", "age1x"])
    def test_a_file_without_an_identity_is_refused(self, text: str) -> None:
        with pytest.raises(StartRefused):
            age.parse_identities(text)

    def test_an_identity_file_is_locked_with_a_passphrase(self) -> None:
        identity, _ = age.new_identity()
        locked = age.lock_identity(identity, "correct horse")
        assert age.is_locked(locked)
        assert age.unlock_identity(locked, "correct horse") == identity

    def test_another_passphrase_does_not_open_it(self) -> None:
        locked = cheaply_locked(b"text", b"correct horse")
        assert age.is_locked(locked)
        assert age.unlock_identity(locked, "correct horse") == "text"
        with pytest.raises(StartRefused):
            age.unlock_identity(locked, "wrong horse")

    @pytest.mark.skipif(shutil.which("age") is None, reason="the tool 'age' is not installed")
    def test_the_tool_age_opens_it_and_is_opened(self, tmp_path: Path) -> None:
        identity, recipient = age.new_identity()
        file = tmp_path / "identity"
        file.write_text(identity)
        told = subprocess.run(
            ["age", "-d", "-i", str(file)],
            input=sealed(age.AgeSealer([recipient])), capture_output=True, check=True,
        )  # fmt: skip
        assert told.stdout == WHOLE
        theirs = subprocess.run(
            ["age", "-r", recipient], input=WHOLE, capture_output=True, check=True
        )
        assert opened(age.AgeOpener(age.parse_identities(identity)), theirs.stdout) == WHOLE

    def test_another_process_opens_it_with_the_library_alone(self, tmp_path: Path) -> None:
        # Where the tool is not installed, this is what tells that the format is age's own.
        import sys  # noqa: PLC0415

        identity, recipient = age.new_identity()
        (tmp_path / "sealed").write_bytes(sealed(age.AgeSealer([recipient])))
        code = (
            "import pyrage, sys; i = pyrage.x25519.Identity.from_str(sys.argv[1]);"
            " sys.stdout.buffer.write(pyrage.decrypt(open(sys.argv[2], 'rb').read(), [i]))"
        )
        told = subprocess.run(
            [sys.executable, "-c", code, identity, str(tmp_path / "sealed")],
            capture_output=True, check=True,
        )  # fmt: skip
        assert told.stdout == WHOLE


def test_a_source_that_is_never_read_to_its_end_lets_the_thread_go() -> None:
    sealer = age.AgeSealer([age.new_identity()[1]])
    data = io.BytesIO()
    sealer.seal((os.urandom(1000) for _ in range(1000)), data)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        with sealer.own_opener().opened(io.BytesIO(data.getvalue())):
            pass
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_place_gives_back_what_it_was_given_in_one_go(tmp_path: Path) -> None:
    place = FolderPlace(tmp_path)
    put(place, NAMES[0], WHOLE)
    assert got(place, NAMES[0]) == WHOLE
