"""What is shipped for operators asks for figures that there are."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.metrics_table import exposed_names, families

DEPLOY = Path(__file__).parent.parent.parent / "deploy"
RULES = DEPLOY / "prometheus" / "strongroom.rules.yml"
TESTS = DEPLOY / "prometheus" / "strongroom.rules.test.yml"
DASHBOARD = DEPLOY / "grafana" / "strongroom.json"
UNIT = DEPLOY / "systemd" / "strongroom.service"

_NAME = re.compile(r"\bstrongroom_[a-z0-9_]+")

promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="needs promtool, of Debian's package prometheus"
)


def asked(text: str) -> set[str]:
    """Return every name of a metric in a text."""
    return set(_NAME.findall(text))


def queries() -> Iterator[str]:
    """Return every query of the dashboard."""
    dashboard: Any = json.loads(DASHBOARD.read_text("utf-8"))
    for panel in dashboard["panels"]:
        yield from (target["expr"] for target in panel["targets"])
    for variable in dashboard["templating"]["list"]:
        yield variable["query"]


@pytest.mark.parametrize("file", [RULES, TESTS, DASHBOARD], ids=lambda file: file.name)
def test_every_name_is_one_that_a_server_tells(file: Path) -> None:
    names = asked(file.read_text("utf-8"))
    assert names
    assert names - exposed_names(families()) == set()


def test_the_dashboard_is_whole() -> None:
    dashboard: Any = json.loads(DASHBOARD.read_text("utf-8"))
    numbers = [panel["id"] for panel in dashboard["panels"]]
    assert len(set(numbers)) == len(numbers) > 10
    assert all(asked(query) or query == "prometheus" for query in queries())


@promtool
def test_the_rules_do_what_their_tests_say() -> None:
    for arguments in (("check", "rules", RULES.name), ("test", "rules", TESTS.name)):
        done = subprocess.run(
            ["promtool", *arguments], cwd=RULES.parent, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


@promtool
def test_every_query_of_the_dashboard_can_be_read(tmp_path: Path) -> None:
    lines = ["groups:", "  - name: queries", "    rules:"]
    for number, query in enumerate(q for q in queries() if q.startswith(("sum", "max", "hist"))):
        whole = query.replace("$__rate_interval", "5m").replace("$__range", "1h")
        lines += [f"      - record: query:{number}", f"        expr: {json.dumps(whole)}"]
    file = tmp_path / "queries.yml"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    done = subprocess.run(
        ["promtool", "check", "rules", str(file)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_unit_keeps_the_current_folder_out_of_the_import_path() -> None:
    assert "PYTHONSAFEPATH=1" in UNIT.read_text("utf-8")
