"""A value does not open in the place of another secret or version, whoever writes the database.

Names and ids are not bound: that a whole row was exchanged or set back, only `audit verify` finds.
"""

from collections.abc import Iterator

import httpx
import pytest

from tests.e2e import stores
from tests.e2e.running import RunningServer, running
from tests.e2e.test_secrets_api import create, problem


@pytest.fixture(scope="module", params=["fernet", "aes-256-gcm", "chacha20-poly1305"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningServer]:
    """One server for each cipher; every test has secrets of its own."""
    folder = tmp_path_factory.mktemp("tampering") / "data"
    with running(folder, env={"STRONGROOM_CIPHER": request.param}) as started:
        yield started


def stored(server: RunningServer, number: int) -> str:
    statement = "SELECT encrypted_value FROM secrets WHERE id = :number"
    ((text,),) = stores.execute(server.data_dir, statement, number=number)
    return str(text)


def store(server: RunningServer, number: int, text: str) -> None:
    statement = "UPDATE secrets SET encrypted_value = :text WHERE id = :number"
    stores.execute(server.data_dir, statement, text=text, number=number)


def does_not_open(server: RunningServer, number: int, *values: str) -> None:
    answer = server.client.get(f"/api/secrets/{number}/decrypt")
    detail = problem(answer, 500)
    assert "stored value" in detail
    assert answer.json()["request_id"] in server.log_text
    for value in values:
        assert value not in answer.text
        assert value not in server.log_text


def test_swapped_rows_do_not_open(server: RunningServer, client: httpx.Client, name: str) -> None:
    one, two = (create(client, f"{name}-{n}", f"value-of-{n}") for n in ("one", "two"))
    first, second = stored(server, one), stored(server, two)
    store(server, one, second)
    store(server, two, first)
    for number in (one, two):
        does_not_open(server, number, "value-of-one", "value-of-two")
    store(server, one, first)
    assert client.get(f"/api/secrets/{one}/decrypt").json()["value"] == "value-of-one"


def test_an_old_version_over_the_new_one_does_not_open(
    server: RunningServer, client: httpx.Client, name: str
) -> None:
    number = create(client, name, "old-value")
    client.put(f"/api/secrets/{number}", json={"value": "new-value"})
    statement = "SELECT encrypted_value FROM secret_versions WHERE secret_id = :number"
    ((old,),) = stores.execute(server.data_dir, statement, number=number)
    store(server, number, str(old))
    does_not_open(server, number, "old-value", "new-value")


def test_a_version_number_that_was_set_back_does_not_open(
    server: RunningServer, client: httpx.Client, name: str
) -> None:
    number = create(client, name, "old-value")
    client.put(f"/api/secrets/{number}", json={"value": "new-value"})
    statement = "UPDATE secrets SET version = 1 WHERE id = :number"
    stores.execute(server.data_dir, statement, number=number)
    does_not_open(server, number, "old-value", "new-value")


def test_a_flipped_character_does_not_open(
    server: RunningServer, client: httpx.Client, name: str
) -> None:
    number = create(client, name, "the-value")
    text = stored(server, number)
    for place in (0, 4, len(text) // 2, len(text) - 20):
        store(server, number, text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :])
        does_not_open(server, number, "the-value")


def test_a_damaged_value_is_one_error_among_many_results(
    server: RunningServer, client: httpx.Client, name: str
) -> None:
    bad, good = create(client, f"{name}-bad", "v"), create(client, f"{name}-good", "v")
    store(server, bad, stored(server, good))
    answer = client.post("/api/secrets/decrypt", json={"secrets": [bad, good]})
    assert [item["status"] for item in answer.json()["results"]] == [500, 200]


def test_a_damaged_value_can_be_replaced(
    server: RunningServer, client: httpx.Client, name: str
) -> None:
    number = create(client, name, "v")
    store(server, number, "nonsense")
    client.put(f"/api/secrets/{number}", json={"value": "new"})
    assert client.get(f"/api/secrets/{number}/decrypt").json()["value"] == "new"
    problem(client.post(f"/api/secrets/{number}/versions/1/restore"), 500)
