"""The examples of the user's document against a server; only their port 8000 is exchanged."""

import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.e2e.running import RunningServer, running

METADATA = {
    "id", "name", "description", "tags", "version", "created_at", "updated_at", "expires_at",
    "last_read_at",
}  # fmt: skip

PYTHON_EXAMPLE = """
import requests

# Create a secret
response = requests.post('http://localhost:8000/api/secrets', json={
    'name': 'db-password',
    'value': 'super-secret-password',
    'description': 'Database connection password'
})

secret_id = response.json()['id']

# Get decrypted value
response = requests.get(f'http://localhost:8000/api/secrets/{secret_id}/decrypt')
secret_value = response.json()['value']
"""

JAVASCRIPT_EXAMPLE = """
// Create a secret
const response = await fetch('http://localhost:8000/api/secrets', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
        name: 'api-key',
        value: 'sk-1234567890',
        description: 'External API key'
    })
});

const secret = await response.json();

// Get all secrets (without values)
const secretsList = await fetch('http://localhost:8000/api/secrets')
    .then(r => r.json());
"""

CREATE_EXAMPLE = """
curl -X POST "http://localhost:8000/api/secrets" \\
     -H "Content-Type: application/json" \\
     -d '{"name":"test","value":"password","description":"Test secret"}'
"""
LIST_EXAMPLE = 'curl "http://localhost:8000/api/secrets"'
DECRYPT_EXAMPLE = 'curl "http://localhost:8000/api/secrets/1/decrypt"'


@pytest.fixture
def server(data_dir: Path) -> Iterator[RunningServer]:
    with running(data_dir) as started:
        yield started


def adapted(example: str, server: RunningServer) -> str:
    """Return the example for the port that was free; nothing else of it is changed."""
    return example.replace("localhost:8000", f"localhost:{server.port}")


WITH_CURL = pytest.mark.skipif(
    shutil.which("curl") is None, reason="there is no curl on this machine"
)


def shell(example: str, server: RunningServer) -> Any:
    done = subprocess.run(
        ["bash", "-c", adapted(example, server)], capture_output=True, timeout=60, check=True
    )
    return msgspec.json.decode(done.stdout)


@WITH_CURL
def test_the_curl_examples_give_what_the_document_promises(server: RunningServer) -> None:
    created = shell(CREATE_EXAMPLE, server)
    assert created["id"] == 1
    assert set(created) == METADATA
    assert [item["name"] for item in shell(LIST_EXAMPLE, server)] == ["test"]
    assert shell(DECRYPT_EXAMPLE, server)["value"] == "password"


def test_the_python_client_reads_back_what_it_stored(server: RunningServer) -> None:
    script = adapted(PYTHON_EXAMPLE, server) + textwrap.dedent("""
        print(secret_value)
    """)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "super-secret-password"


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node on this machine")
def test_the_javascript_client_creates_and_lists(server: RunningServer, tmp_path: Path) -> None:
    script = tmp_path / "example.mjs"
    print_both = "console.log(JSON.stringify([secret, secretsList]));"
    script.write_text(adapted(JAVASCRIPT_EXAMPLE, server) + print_both)
    done = subprocess.run(["node", str(script)], capture_output=True, timeout=60, check=True)
    created, listed = msgspec.json.decode(done.stdout)
    assert set(created) == METADATA
    assert listed == [created]


@WITH_CURL
def test_what_was_stored_is_there_after_a_restart(data_dir: Path) -> None:
    with running(data_dir) as first:
        shell(CREATE_EXAMPLE, first)
    with running(data_dir) as second:
        assert shell(DECRYPT_EXAMPLE, second)["value"] == "password"


@pytest.mark.sqlite("the document names the file of the store")
def test_the_documents_files_are_where_it_says_and_closed_to_others(data_dir: Path) -> None:
    with running(data_dir):
        modes = {path.name: path.stat().st_mode & 0o777 for path in data_dir.iterdir()}
    assert {"secrets.db", "secret.key"} <= set(modes)
    assert set(modes.values()) == {0o600}
    assert data_dir.stat().st_mode & 0o777 == 0o700
    assert len((data_dir / "secret.key").read_text()) == 44
