"""Workloads at a real server, with keys fetched from a real issuer: no credential is stored."""

import json
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.loopback import serving
from tests.e2e.running import RunningServer, command, environment, refused, running
from tests.issuing import AUDIENCE, ISSUER, Issuer

ROLES = """
[roles.deployer]
grants = [{ actions = ["secrets.reveal"], names = ["prod/shop/**"] }]

[[bindings]]
issuer = "ours"
claims = { repository = "acme/shop", "/kubernetes.io/namespace" = "shop" }
roles = ["deployer"]
description = "what is deployed"
"""

CLAIMS = {"kubernetes.io": {"namespace": "shop"}, "repository": "acme/shop"}


@dataclass
class Keys:
    """The keys that the issuer shows."""

    issuers: list[Issuer] = field(default_factory=lambda: [Issuer()])
    asked: int = 0

    def answer(self, *_: Any) -> tuple[int, Mapping[str, str], Mapping[str, Any]]:
        self.asked += 1
        return 200, {}, {"keys": [issuer.jwk for issuer in self.issuers]}


@pytest.fixture(scope="module")
def keys() -> Keys:
    return Keys()


def table(url: str, **more: Any) -> str:
    """Return what stands in `STRONGROOM_ISSUERS`."""
    ours = {
        "issuer": ISSUER, "audience": AUDIENCE, "jwks_url": url, "jwks_networks": ["127.0.0.0/8"],
        "algorithms": ["ES256"], **more,
    }  # fmt: skip
    return json.dumps({"ours": ours})


def run(*arguments: str, env: dict[str, str], code: int = 0) -> str:
    """Run a command to its end and return what it prints."""
    done = subprocess.run(
        command(*arguments), capture_output=True, text=True, check=False,
        env=environment(env, arguments),
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Iterator[RunningServer]:
    folder = tmp_path_factory.mktemp("workloads") / "data"
    token = run("init", "--data-dir", str(folder), env={}).strip()
    with serving(keys) as url:
        env = {"STRONGROOM_AUTH": "required", "STRONGROOM_ISSUERS": table(url)}
        with running(folder, "--workers", "2", env=env) as started:
            started.client.headers["authorization"] = f"Bearer {token}"
            yield started


@pytest.fixture
def env(server: RunningServer) -> dict[str, str]:
    token = server.client.headers["authorization"].removeprefix("Bearer ")
    return {"STRONGROOM_ADDR": server.url, "STRONGROOM_TOKEN": token}


def now(issuer: Issuer, **claims: Any) -> dict[str, str]:
    """Return the header of a token that was made just now."""
    moment = int(time.time())
    times = {"iat": moment, "nbf": moment, "exp": moment + 300}
    return {"authorization": f"Bearer {issuer.text({**CLAIMS, **times, **claims})}"}


def test_a_workload_reads_what_its_claims_are_bound_to(
    server: RunningServer, env: dict[str, str], keys: Keys, tmp_path: Path
) -> None:
    file = tmp_path / "roles.toml"
    file.write_text(ROLES)
    binding = "ours: /kubernetes.io/namespace = shop, repository = acme/shop"
    assert run("access", "apply", str(file), env=env).splitlines() == [
        "+ role deployer",
        "  + allow secrets.reveal on prod/shop/**",
        f"+ binding {binding}",
        "  + deployer",
    ]
    assert run("access", "apply", str(file), env=env) == ""
    for name in ("prod/shop/db", "prod/other"):
        server.client.post("/api/secrets", json={"name": name, "value": f"value of {name}"})
    us = keys.issuers[0]

    def get(path: str, headers: Mapping[str, str]) -> httpx.Response:
        return httpx.get(f"{server.url}{path}", headers=headers)

    answers = [get("/api/secrets/name/prod/shop/db/decrypt", now(us)) for _ in range(8)]
    assert {answer.json()["value"] for answer in answers} == {"value of prod/shop/db"}
    assert keys.asked <= 2, "each worker asks once"
    assert get("/api/secrets/name/prod/other/decrypt", now(us)).status_code == 404
    who = get("/api/whoami", now(us)).json()
    assert who["principal"] == "jwt:ours:repo:acme/shop:ref:refs/heads/main"
    assert (who["token"], who["identity"]["issuer"]) == (None, "ours")
    assert get("/docs", now(us)).status_code == 200

    asked = ("access", "who-can", "secrets.reveal", "prod/shop/db")
    lines = run(*asked, env=env).splitlines()
    assert [line.split("\t")[0] for line in lines] == ["admin", "binding:1"]
    explained = run("access", "explain", "binding:1", "secrets.reveal", "prod/other", env=env)
    assert explained == "binding:1\tfalse\tnothing allows it\n"
    assert run("access", "binding", "list", env=env).split("\t")[:2] == ["1", "ours"]

    entries = server.client.get(
        "/api/audit", params={"caller": who["principal"], "action": "secrets.reveal"}
    ).json()
    assert {entry["outcome"] for entry in entries} == {"done", "denied"}


def test_whoever_counts_for_nothing_gets_the_same_answer(server: RunningServer, keys: Keys) -> None:
    us = keys.issuers[0]
    shown = {
        "unbound": now(us, repository="evil/shop"),
        "forged": now(Issuer()),
        "expired": now(us, exp=int(time.time()) - 60),
        "for others": now(us, aud="https://other.example.org"),
        "of others": now(us, iss="https://other.example.org"),
        "no signature": {"authorization": f"Bearer {us.text().rpartition('.')[0]}."},
        "an API token": {"authorization": f"Bearer srt_{'A' * 49}"},
        "in the wrong header": {"x-api-key": now(us)["authorization"].removeprefix("Bearer ")},
    }
    seen = set()
    for headers in shown.values():
        answer = httpx.get(f"{server.url}/api/whoami", headers=headers)
        assert answer.status_code == 401
        document = answer.json()
        document.pop("request_id")
        seen.add((json.dumps(document), answer.headers["www-authenticate"]))
    assert len(seen) == 1
    causes = [
        (entry["principal"], entry["reason"])
        for entry in server.client.get("/api/audit", params={"outcome": "denied"}).json()
    ]
    ours = "jwt:ours:repo:acme/shop:ref:refs/heads/main"
    assert (ours, "no binding fits the claims of the token") in causes
    assert ("nobody", "the signature of the token is not of its issuer") in causes
    assert "ey" not in server.log_text
    assert "evil" not in server.log_text


def test_a_token_that_failed_often_is_not_looked_at_for_a_while(server: RunningServer) -> None:
    headers = now(Issuer())
    with httpx.Client(base_url=server.url, headers=headers) as client:
        statuses = [client.get("/api/whoami").status_code for _ in range(100)]
    assert statuses[0] == 401
    assert statuses[-1] == 429


def test_roles_of_a_binding_are_changed_and_end_at_once(
    server: RunningServer, env: dict[str, str], keys: Keys
) -> None:
    us = keys.issuers[0]
    claims = ("--claim", "repository=acme/new", "--claim", "ref=refs/heads/main")
    made = run(
        "access", "binding", "create", "--issuer", "ours", *claims, "--role", "viewer", "--json",
        env=env,
    )  # fmt: skip
    number = json.loads(made)["id"]

    def statuses() -> set[int]:
        """Ask over connections of their own, so that both workers are asked."""
        headers = now(us, repository="acme/new")
        url = f"{server.url}/api/whoami"
        return {httpx.get(url, headers=headers).status_code for _ in range(10)}

    assert statuses() == {200}
    assert "deleted" in run("access", "binding", "delete", str(number), env=env)
    assert statuses() == {401}
    wrong = ("access", "binding", "create", "--issuer", "theirs", *claims, "--role", "viewer")
    assert "issuer" in run(*wrong, env=env, code=1)
    for pairs in (("x",), ("x=1", "x=2")):
        given = [part for pair in pairs for part in ("--claim", pair)]
        line = ("access", "binding", "create", "--issuer", "ours", *given, "--role", "viewer")
        assert "--claim" in run(*line, env=env, code=2)


def test_a_file_changes_whom_a_binding_is_for(
    server: RunningServer, env: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "roles.toml"
    text = '[[bindings]]\nissuer = "ours"\nclaims = { ref = "x" }\nroles = ["viewer"]\n'
    file.write_text(text)
    run("access", "apply", str(file), env=env)
    file.write_text(text.replace("viewer", "reader"))
    expected = ["+ binding ours: ref = x", "  + reader", "- binding ours: ref = x", "  - viewer"]
    assert run("access", "apply", str(file), "--dry-run", env=env).splitlines() == expected
    assert run("access", "apply", str(file), env=env).splitlines() == expected
    assert run("access", "apply", str(file), env=env) == ""
    for broken in ('[[bindings]]\nissuer = "ours"\nclaims = "x"\n', "[bindings]\nx = 1\n"):
        file.write_text(broken)
        assert "binding" in run("access", "apply", str(file), env=env, code=1)


def test_issuers_that_cannot_be_trusted_stop_the_start(tmp_path: Path) -> None:
    for url, more, told in (
        ("http://issuer.example.org/", {}, "without https"),
        ("https://issuer.example.org/", {"algorithms": ["HS256"]}, "a value that it may not have"),
        ("https://issuer.example.org/", {"jwks_ca": "/nowhere"}, "without certificates"),
    ):
        env = {"STRONGROOM_ISSUERS": table(url, **more)}
        assert told in refused(tmp_path / "data", env=env)
    assert not (tmp_path / "data").exists()
