"""The contract of the API, call by call, against a real server."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import httpx
import pytest


def create(client: httpx.Client, name: str, value: str = "v1", **more: object) -> int:
    answer = client.post("/api/secrets", json={"name": name, "value": value, **more})
    assert answer.status_code == 200, answer.text
    created: int = answer.json()["id"]
    return created


def problem(answer: httpx.Response, status: int) -> str:
    """Check that the answer is a problem document, and return its detail."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert {"type", "title", "status", "detail"} <= set(document)
    assert document["status"] == status
    detail: str = document["detail"]
    return detail


def test_no_answer_but_decrypt_holds_a_value(client: httpx.Client, name: str) -> None:
    number = create(client, name, "unmistakable-value", description="d")
    for answer in (
        client.get(f"/api/secrets/{number}"),
        client.get(f"/api/secrets/name/{name}"),
        client.get("/api/secrets", params={"prefix": name}),
        client.put(f"/api/secrets/{number}", json={"value": "unmistakable-value"}),
        client.get(f"/api/secrets/{number}/versions"),
    ):
        assert answer.status_code == 200
        assert "unmistakable-value" not in answer.text
        assert "sr1:" not in answer.text


def test_decrypt_by_id_and_by_name_give_the_value(client: httpx.Client, name: str) -> None:
    number = create(client, name, "väl\x00ue 🗝")
    for path in (f"/api/secrets/{number}/decrypt", f"/api/secrets/name/{name}/decrypt"):
        answer = client.get(path)
        assert answer.json()["value"] == "väl\x00ue 🗝"
        assert answer.headers["cache-control"] == "no-store"


def test_a_name_that_ends_like_the_verb_is_told_apart(client: httpx.Client, name: str) -> None:
    create(client, name, "of the short name")
    create(client, f"{name}/decrypt", "of the long name")
    metadata = client.get(f"/api/secrets/name/{name}%2Fdecrypt").json()
    assert metadata["name"] == f"{name}/decrypt"
    assert "value" not in metadata
    assert client.get(f"/api/secrets/name/{name}/decrypt").json()["value"] == "of the short name"
    for path in (f"{name}/decrypt/decrypt", f"{name}%2Fdecrypt/decrypt"):
        assert client.get(f"/api/secrets/name/{path}").json()["value"] == "of the long name"


def test_names_of_any_script_are_found_again(client: httpx.Client, name: str) -> None:
    text = f"{name}/schlüssel 鍵 🗝 100%?#&+"
    create(client, text, "v")
    assert client.get(f"/api/secrets/name/{quote(text, safe='')}").json()["name"] == text


def test_the_last_reading_is_remembered(client: httpx.Client, name: str) -> None:
    number = create(client, name)
    assert client.get(f"/api/secrets/{number}").json()["last_read_at"] is None
    client.get(f"/api/secrets/{number}/decrypt")
    assert client.get(f"/api/secrets/{number}").json()["last_read_at"].endswith("Z")


def test_a_generated_value_follows_its_recipe(client: httpx.Client, name: str) -> None:
    answer = client.post(
        "/api/secrets", json={"name": name, "generate": {"length": 40, "alphabet": "hex"}}
    )
    value = client.get(f"/api/secrets/{answer.json()['id']}/decrypt").json()["value"]
    assert len(value) == 40
    assert set(value) <= set("0123456789abcdef")


def test_an_update_changes_only_what_it_names(client: httpx.Client, name: str) -> None:
    number = create(client, name, "kept", description="old", tags={"env": "prod"})
    changed = client.put(f"/api/secrets/{number}", json={"description": "new"}).json()
    assert (changed["description"], changed["tags"], changed["version"]) == (
        "new",
        {"env": "prod"},
        1,
    )
    assert client.get(f"/api/secrets/{number}/decrypt").json()["value"] == "kept"


def test_null_clears_what_may_be_empty(client: httpx.Client, name: str) -> None:
    number = create(client, name, description="d", tags={"a": "b"})
    cleared = client.put(
        f"/api/secrets/{number}", json={"description": None, "tags": None, "expires_at": None}
    ).json()
    assert (cleared["description"], cleared["tags"], cleared["expires_at"]) == (None, {}, None)


@pytest.mark.parametrize("field", ["name", "value"])
def test_null_does_not_clear_what_must_be_there(
    client: httpx.Client, name: str, field: str
) -> None:
    number = create(client, name)
    problem(client.put(f"/api/secrets/{number}", json={field: None}), 400)


def test_a_stale_if_match_loses(client: httpx.Client, name: str) -> None:
    number = create(client, name)
    tag = client.get(f"/api/secrets/{number}").headers["etag"]
    assert client.put(
        f"/api/secrets/{number}", json={"value": "second"}, headers={"if-match": tag}
    ).is_success
    late = client.put(f"/api/secrets/{number}", json={"value": "x"}, headers={"if-match": tag})
    problem(late, 412)
    assert client.get(f"/api/secrets/{number}/decrypt").json()["value"] == "second"


def test_a_name_is_taken_once(client: httpx.Client, name: str) -> None:
    create(client, name)
    other = create(client, f"{name}-other")
    problem(client.post("/api/secrets", json={"name": name, "value": "v"}), 400)
    problem(client.put(f"/api/secrets/{other}", json={"name": name}), 400)


def test_names_that_differ_by_case_are_two(client: httpx.Client, name: str) -> None:
    assert create(client, f"{name}-A") != create(client, f"{name}-a")


def test_a_deleted_secret_frees_its_name_and_comes_back(client: httpx.Client, name: str) -> None:
    number = create(client, name, "first")
    assert client.delete(f"/api/secrets/{number}").json() == {"message": "secret deleted"}
    problem(client.get(f"/api/secrets/{number}"), 404)
    second = create(client, name, "second")
    problem(client.post(f"/api/secrets/{number}/restore"), 400)
    client.delete(f"/api/secrets/{second}", params={"purge": "true"})
    assert client.post(f"/api/secrets/{number}/restore").json()["name"] == name
    assert client.get(f"/api/secrets/{number}/decrypt").json()["value"] == "first"


def test_a_purged_secret_is_gone_and_its_id_is_not_used_again(
    client: httpx.Client, name: str
) -> None:
    number = create(client, name)
    client.delete(f"/api/secrets/{number}", params={"purge": "true"})
    problem(client.post(f"/api/secrets/{number}/restore"), 404)
    assert create(client, name) > number


def test_versions_are_kept_rolled_back_and_destroyed(client: httpx.Client, name: str) -> None:
    number = create(client, name, "one")
    client.put(f"/api/secrets/{number}", json={"value": "two"})
    path = f"/api/secrets/{number}"
    assert client.get(f"{path}/decrypt", params={"version": 1}).json()["value"] == "one"
    assert client.post(f"{path}/versions/1/restore").json()["version"] == 3
    assert client.get(f"{path}/decrypt").json()["value"] == "one"
    assert client.delete(f"{path}/versions/1").is_success
    problem(client.get(f"{path}/decrypt", params={"version": 1}), 404)
    problem(client.delete(f"{path}/versions/3"), 400)
    assert [
        (item["version"], item["destroyed_at"] is not None, item["newest"])
        for item in client.get(f"{path}/versions").json()
    ] == [(1, True, False), (2, False, False), (3, False, True)]


def test_many_are_decrypted_with_one_call(client: httpx.Client, name: str) -> None:
    number = create(client, name, "by id")
    create(client, f"{name}-2", "by name")
    answer = client.post(
        "/api/secrets/decrypt", json={"secrets": [number, f"{name}-2", 2**62, "a//b", "e\u0301"]}
    )
    results = answer.json()["results"]
    assert [item["status"] for item in results] == [200, 200, 404, 400, 400]
    assert [item["secret"]["value"] for item in results[:2]] == ["by id", "by name"]


def test_a_list_is_filtered_and_walked_by_its_links(client: httpx.Client, name: str) -> None:
    for number in range(5):
        create(client, f"{name}/{number}", tags={"of": name}, description="Findable % _ Text")
    seen: list[str] = []
    url: str | None = f"/api/secrets?limit=2&tag=of%3D{quote(name, safe='')}"
    while url is not None:
        page = client.get(url)
        seen += [item["name"] for item in page.json()]
        url = page.links.get("next", {}).get("url")
    assert seen == [f"{name}/{number}" for number in range(5)]
    for query, found in (("findable % _", 5), ("findable _ %", 0)):
        hits = client.get("/api/secrets", params={"prefix": f"{name}/", "q": query}).json()
        assert len(hits) == found
    skipped = client.get("/api/secrets", params={"prefix": f"{name}/", "skip": 3}).json()
    assert len(skipped) == 2


def test_the_bin_is_listed_apart(client: httpx.Client, name: str) -> None:
    number = create(client, name)
    client.delete(f"/api/secrets/{number}")
    assert client.get("/api/secrets", params={"prefix": name}).json() == []
    deleted = client.get("/api/secrets", params={"prefix": name, "deleted": "true"}).json()
    assert [item["id"] for item in deleted] == [number]


def test_an_expiry_must_lie_ahead_and_is_answered_in_utc(client: httpx.Client, name: str) -> None:
    past = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    body = {"name": name, "value": "v", "expires_at": past}
    assert "future" in problem(client.post("/api/secrets", json=body), 400)
    answer = client.post("/api/secrets", json=body | {"expires_at": "2099-01-01T02:00:00+02:00"})
    assert answer.json()["expires_at"] == "2099-01-01T00:00:00Z"
