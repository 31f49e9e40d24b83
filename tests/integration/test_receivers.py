"""Receivers come from the settings, and what cannot be is refused at the start."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from domain.errors import StartRefused
from domain.webhooks.notice import Topic
from entrypoints import configuration
from entrypoints.notifiers import build_notifiers, build_receivers
from entrypoints.settings import Settings
from tests.receiver import SECRET

ONE = {
    "name": "one",
    "url": "https://receiver.example/hidden",
    "secret": SECRET,
    "sends": ["alerts"],
}


def load(*receivers: dict[str, Any], **more: str) -> Settings:
    return configuration.load({"STRONGROOM_RECEIVERS": json.dumps(receivers), **more})


def test_receivers_are_read_from_the_environment_and_from_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json").write_text(json.dumps([ONE]))
    from_file = configuration.load({"STRONGROOM_RECEIVERS_FILE": str(tmp_path / "json")})
    monkeypatch.chdir(tmp_path)
    Path("strongroom.toml").write_text(
        f'[[receivers]]\nname = "one"\nurl = "{ONE["url"]}"\nsecret = "{SECRET}"\n'
        'sends = ["alerts"]\n'
    )
    from_settings_file = configuration.load({})
    assert load(ONE).receivers == from_file.receivers == from_settings_file.receivers


def test_a_receiver_is_built_with_its_topics_and_patterns(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    with_file = {**ONE, "secret": "", "secret_file": str(tmp_path / "secret")}
    settings = load({**with_file, "sends": ["alerts", "changes"], "names": ["prod/**"]})
    (receiver,) = build_receivers(settings)
    assert receiver.topics == {Topic.ALERTS, Topic.CHANGES}
    assert receiver.wants(Topic.CHANGES, ["prod/a"])
    assert not receiver.wants(Topic.CHANGES, ["dev/a"])
    assert not receiver.wants(Topic.CHECKPOINTS)
    assert set(build_notifiers(settings)) == {"one"}


def test_nothing_that_opens_a_door_is_shown() -> None:
    settings = load(ONE)
    for text in (str(configuration.shown(settings)), repr(settings)):
        assert SECRET not in text
        assert "hidden" not in text
    assert configuration.shown(settings)["receivers"][0]["url"] == "https:***"


@pytest.mark.parametrize(
    "change",
    [{"secret": "whsec_hidden"}, {"secret": ""}, {"url": "http://169.254.169.254/"},
     {"url": "nothing:hidden"}, {"names": ["a*b"]}, {"secret_file": "/nowhere"},
     {"secret_file": "/nowhere", "secret": ""}],
)  # fmt: skip
def test_a_receiver_that_cannot_be_is_refused(change: dict[str, Any]) -> None:
    settings = load({**ONE, **change})
    with pytest.raises(StartRefused, match="receiver") as caught:
        (build_receivers(settings), build_notifiers(settings))
    if change != {"url": "nothing:hidden"}:
        assert any(f"'{key}'" in str(caught.value) for key in change)
    assert "hidden" not in str(caught.value)
    assert SECRET not in str(caught.value)


def test_two_receivers_of_one_name_are_refused() -> None:
    with pytest.raises(StartRefused, match="name of its own"):
        build_receivers(load(ONE, ONE))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sends": ["hidden"]}, "'receivers[2].sends' has a value that it may not have; it is of"),
        ({"name": "Hidden hidden"}, "'receivers[2].name' has a value"),
        ({"name": "hidden\n"}, "'receivers[2].name' has a value"),
        ({"url": ["hidden"]}, "'receivers[2].url' has a value"),
        ({"more": "hidden"}, "'receivers[2]' has an unknown part 'more'; known are name, url"),
    ],
)
def test_a_setting_of_another_form_is_refused_by_its_key(
    change: dict[str, Any], words: str
) -> None:
    with pytest.raises(StartRefused, match=re.escape(words)) as caught:
        load(ONE, {**ONE, **change})
    assert "hidden" not in str(caught.value)


def test_what_is_missing_is_named() -> None:
    with pytest.raises(StartRefused, match=r"'receivers\[1\]' needs .* 'sends' is missing"):
        load({"name": "one", "url": "https://receiver.example/"})


@pytest.mark.parametrize("given", ['{"name": "one"}', '["one"]', "7"])
def test_what_is_no_list_of_tables_is_refused(given: str) -> None:
    with pytest.raises(StartRefused, match="'receivers"):
        configuration.load({"STRONGROOM_RECEIVERS": given})


@pytest.mark.parametrize("text", ["[{'name': 'hidden'}]", "hidden"])
def test_what_is_no_json_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(StartRefused, match="JSON") as caught:
        configuration.load({"STRONGROOM_RECEIVERS": text})
    assert "hidden" not in str(caught.value)


def test_networks_with_host_bits_are_refused() -> None:
    with pytest.raises(StartRefused, match="webhook_networks"):
        load(STRONGROOM_WEBHOOK_NETWORKS="10.0.0.1/8")
