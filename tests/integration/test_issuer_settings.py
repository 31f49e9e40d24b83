"""Issuers in the settings: what is taken, what is refused, and the way back in the message."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from domain.errors import StartRefused
from entrypoints import configuration, issuer_settings
from entrypoints.cli.access_plan import read_plan, steps_to
from entrypoints.issuers import build_verifier, check_issuers
from entrypoints.settings import Settings
from tests.fakes import FixedClock
from tests.issuing import Issuer

GITHUB = "https://token.actions.githubusercontent.com"
URL = "https://issuer.example.org/keys"
PLAIN: dict[str, Any] = {
    "issuer": "https://issuer.example.org",
    "audience": "https://vault.example.org",
    "jwks_url": URL,
}

TOML = """
[issuers.github]
issuer = "https://token.actions.githubusercontent.com"
audience = "https://vault.example.org"
jwks_url = "https://token.actions.githubusercontent.com/.well-known/jwks"
algorithms = ["RS256"]
required_claims = { repository_owner_id = "123", repository = ["acme/shop", "acme/ops"] }

[issuers.cluster]
issuer = "https://kubernetes.default.svc.cluster.local"
audience = "strongroom"
jwks_file = "keys.json"
"""


def loaded(*tables: dict[str, Any], name: str = "ours") -> Settings:
    issuers = {f"{name}{number or ''}": table for number, table in enumerate(tables)}
    return configuration.load({"STRONGROOM_ISSUERS": json.dumps(issuers)})


def test_a_file_and_the_environment_say_the_same(tmp_path: Path) -> None:
    file = tmp_path / "strongroom.toml"
    file.write_text(TOML)
    settings = configuration.load({"STRONGROOM_CONFIG": str(file)})
    assert settings.issuers["github"].algorithms == ("RS256",)
    assert settings.issuers["cluster"].max_age_seconds == 3600
    shown = configuration.shown(settings)["issuers"]
    again = configuration.load({"STRONGROOM_ISSUERS": json.dumps(shown)})
    assert again.issuers == settings.issuers


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"audiences": "x"}, "unknown part 'audiences'; known are issuer, audience"),
        ({"audience": 7}, "'issuers.ours.audience' has a value"),
        ({"algorithms": []}, "'issuers.ours.algorithms' has a value"),
        ({"algorithms": ["none"]}, "'issuers.ours.algorithms' has a value"),
        ({"algorithms": ["HS256"]}, "'issuers.ours.algorithms' has a value"),
        ({"leeway_seconds": 301}, "'issuers.ours.leeway_seconds' has a value"),
        ({"max_age_seconds": 0}, "'issuers.ours.max_age_seconds' has a value"),
        ({"jwks_refresh_seconds": 29}, "'issuers.ours.jwks_refresh_seconds' has a value"),
        ({"jwks_keep_seconds": 299}, "'jwks_keep_seconds' below 'jwks_refresh_seconds'"),
        ({"jwks_url": ""}, "needs 'jwks_url' or 'jwks_file', one of the two"),
        ({"jwks_file": "x"}, "needs 'jwks_url' or 'jwks_file', one of the two"),
        ({"jwks_url": "", "jwks_file": "x", "jwks_ca": "y"}, "beside 'jwks_file'"),
        ({"jwks_url": "http://issuer.example.org/keys"}, "without https"),
        ({"jwks_url": "http://127.0.0.1.evil.org/keys"}, "without https"),
        ({"jwks_url": "file:///etc/passwd"}, "more, or less, than a place"),
        ({"jwks_url": "ftp://issuer.example.org/"}, "without https"),
        ({"jwks_url": "https://me:secret@issuer.example.org/"}, "more, or less, than a place"),
        ({"jwks_url": "https://issuer.example.org:0/"}, "more, or less, than a place"),
        ({"jwks_url": "https://[::1/"}, "that is no URL"),
        ({"jwks_url": "https://issuer.example.org/é"}, "in an escaped form only"),
        ({"jwks_url": "https://issuer.example.org/a b"}, "in an escaped form only"),
        ({"jwks_networks": ["10.0.0.1/8"]}, "'jwks_networks' that are none"),
        ({"audience": "https://issuer.example.org/"}, "its own address as 'audience'"),
        ({"audience": ""}, "must have texts of 1 to 255"),
        ({"issuer": "a\u200bb"}, "must have texts of 1 to 255"),
        ({"issuer": GITHUB}, "signs for everybody; say in 'required_claims'"),
        (
            {"issuer": "https://gitlab.com", "required_claims": {"ref": "main"}},
            "by one of namespace_id, namespace_path, project_id, project_path",
        ),
        ({"issuer": "https://accounts.google.com"}, "by one of sub, email, hd"),
        ({"shared": True}, "signs for others, too; say in 'required_claims'"),
        ({"shared": "yes"}, "'issuers.ours.shared' has a value"),
        (
            {
                "issuer": GITHUB, "audience": "https://github.com/acme",
                "required_claims": {"repository_owner": "acme"},
            },
            "'audience' that GitHub gives to every token",
        ),
        ({"required_claims": {"ref": []}}, "that no text would do for"),
        ({"required_claims": {"ref": 7}}, "'issuers.ours.required_claims' has a value"),
        ({"required_claims": {"/a~2": "x"}}, "must have pointers in which"),
        ({"required_claims": {"ref": ""}}, "must have texts of 1 to 255"),
    ],
)  # fmt: skip
def test_what_could_not_be_meant_is_refused_with_the_way_back(
    changes: dict[str, Any], told: str
) -> None:
    with pytest.raises(StartRefused) as caught:
        loaded({**PLAIN, **changes})
    assert told in str(caught.value)
    assert "issuers.ours" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_what_is_no_table_of_issuers_is_refused() -> None:
    for text, told in (
        ("[", "STRONGROOM_ISSUERS is not valid JSON"),
        ("[]", "takes tables such as [issuers.github]"),
        ('{"ours": {"issuer": "x"}}', "needs 'issuer' and 'audience'"),
        ('{"ours": 1}', "'issuers.ours' has a value"),
    ):
        with pytest.raises(StartRefused) as caught:
            configuration.load({"STRONGROOM_ISSUERS": text})
        assert told in str(caught.value)
    for name in ("Git:hub", "", "ours/"):
        with pytest.raises(StartRefused, match="lower-case letters"):
            loaded(PLAIN, name=name)


PAGE = (Path(__file__).parents[2] / "docs" / "workload-identity.md").read_text("utf-8")
SNIPPETS = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


def test_what_the_page_shows_is_taken(tmp_path: Path) -> None:
    settings = [text for text in SNIPPETS if "[issuers." in text]
    assert len(settings) == 3
    for number, text in enumerate(settings):
        file = tmp_path / f"{number}.toml"
        file.write_text(text)
        (issuer,) = configuration.load({"STRONGROOM_CONFIG": str(file)}).issuers.values()
        assert issuer.audience == "https://vault.example.org"
    (roles,) = (text for text in SNIPPETS if "[[bindings]]" in text)
    plan = tmp_path / "roles.toml"
    plan.write_text(roles)
    assert [step.method for step in steps_to(read_plan(plan), {}, {}, [])] == ["POST"]


def test_the_page_lists_every_setting_of_an_issuer() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| `")]
    for name in issuer_settings.Issuer.__struct_fields__:
        assert any(f"`{name}`" in row.split("|")[1] for row in rows), name


def test_two_issuers_are_told_apart() -> None:
    with pytest.raises(StartRefused, match="two of the 'issuers' are the same"):
        loaded(PLAIN, PLAIN)
    other = {**PLAIN, "issuer": "https://other.example.org"}
    assert len(loaded(PLAIN, other).issuers) == 2


def test_files_of_issuers_are_looked_at_before_the_start(tmp_path: Path) -> None:
    keys, trust = tmp_path / "keys.json", tmp_path / "ca.pem"
    in_file = {**PLAIN, "jwks_url": "", "jwks_file": str(keys)}
    with pytest.raises(StartRefused, match="cannot be read"):
        check_issuers(loaded(in_file))
    keys.write_text("{}")
    keys.chmod(0o644)
    with pytest.raises(StartRefused, match="has no JSON with 'keys'"):
        check_issuers(loaded(in_file))
    keys.write_text(json.dumps(Issuer().jwks))
    check_issuers(loaded(in_file))
    keys.chmod(0o664)
    with pytest.raises(StartRefused, match=f"run: chmod go-w {keys}"):
        check_issuers(loaded(in_file))
    by_url = {**PLAIN, "jwks_ca": str(trust)}
    with pytest.raises(StartRefused, match="names a file without certificates"):
        check_issuers(loaded(by_url))
    trust.write_text("nothing")
    with pytest.raises(StartRefused, match="names a file without certificates"):
        check_issuers(loaded(by_url))
    check_issuers(loaded(PLAIN))


def test_a_verifier_is_made_of_what_the_settings_say(tmp_path: Path) -> None:
    us, path = Issuer(), tmp_path / "keys.json"
    path.write_text(json.dumps(us.jwks))
    table = {
        **PLAIN, "jwks_url": "", "jwks_file": str(path),
        "required_claims": {"repository": ["acme/shop", "acme/ops"], "ref": "refs/heads/main"},
    }  # fmt: skip
    other = {**PLAIN, "issuer": "https://other.example.org"}
    verifier = build_verifier(loaded(table, other), FixedClock())
    assert verifier.verify(us.token()).principal.startswith("jwt:ours:")
