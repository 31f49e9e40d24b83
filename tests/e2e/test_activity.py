"""The use of secrets, as the command line and the API of a real server tell it."""

import json
from pathlib import Path

import pytest

from tests.e2e.running import RunningServer, running
from tests.e2e.test_guarded import REQUIRED, run
from tests.e2e.test_secrets_api import create
from tests.e2e.test_tls import until


def reads(server: RunningServer, secret: int) -> int:
    """Return how many reads of a secret are counted."""
    counted: int = server.client.get(f"/api/secrets/{secret}/activity").json()["reads"]
    return counted


def denials(server: RunningServer, secret: int) -> int:
    """Return how many refusals are counted, which may be later than the reads before them."""
    counted: int = server.client.get(f"/api/secrets/{secret}/activity").json()["denials"]
    return counted


def test_the_use_of_a_secret_is_told_by_day_and_reader(data_dir: Path) -> None:
    token = run("init", "--data-dir", str(data_dir)).strip()
    with running(data_dir, "--workers", "2", env=REQUIRED) as server:
        env = {"STRONGROOM_ADDR": server.url, "STRONGROOM_TOKEN": token}
        server.client.headers["authorization"] = f"Bearer {token}"
        secret = create(server.client, "prod/db")
        create(server.client, "prod/idle")
        server.client.post("/api/principals", json={"name": "app", "roles": ["reader"]})
        app = run("access", "token", "create", "--principal", "app", env=env).strip()
        headers = {"authorization": f"Bearer {app}"}
        for _ in range(7):
            server.client.get(f"/api/secrets/{secret}/decrypt", headers=headers)
        assert server.client.delete(f"/api/secrets/{secret}", headers=headers).status_code == 403
        until(60, lambda: reads(server, secret) >= 7 and denials(server, secret))
        answer = server.client.get(f"/api/secrets/{secret}/activity").json()
        assert (answer["reads"], answer["changes"], answer["denials"]) == (7, 1, 1)
        assert [item["principal"] for item in answer["principals"]] == ["app", "admin"]
        assert answer["principals"][0]["reads"] == 7
        assert sum(item["reads"] for item in answer["days"]) == 7
        forbidden = server.client.get(f"/api/secrets/{secret}/activity", headers=headers)
        assert forbidden.status_code == 403
        shown = run("activity", "prod/db", env=env).splitlines()
        assert shown[0].startswith("app\t7\t0\t1\t")
        assert run("activity", env=env).startswith("7\t1\tprod/db\t")
        most = json.loads(run("activity", "--json", env=env))
        assert [(item["name"], item["reads"]) for item in most] == [("prod/db", 7)]
        assert run("activity", "--unread", "--days", "1", env=env) == ""
        assert "leave the name out" in run("activity", "x", "--unread", env=env, code=2)
    # Another life of the server counts on, and nothing twice.
    with running(data_dir, env=REQUIRED) as server:
        server.client.headers["authorization"] = f"Bearer {token}"
        server.client.get(f"/api/secrets/{secret}/decrypt")
        until(60, lambda: reads(server, secret) >= 8)
        assert reads(server, secret) == 8


@pytest.mark.parametrize("query", ["days=0", "days=x", "limit=0", "after=-1", "what=1"])
def test_what_cannot_be_asked_is_refused(server: RunningServer, query: str) -> None:
    assert server.client.get(f"/api/activity/unread?{query}").status_code == 400
