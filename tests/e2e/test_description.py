"""schemathesis reads the served description and finds nothing wrong with the server."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.running import RunningServer

CONFIG = Path(__file__).parent / "schemathesis.toml"
CAMPAIGN = os.environ.get("SCHEMATHESIS_EXAMPLES")
EXAMPLES = CAMPAIGN or "30"
SEED = () if CAMPAIGN else ("--seed", "1")

RESTORE = "/api/secrets/{id}/restore"
FRESH = "ensure_resource_availability"
"""The check that what was just created is there. A fresh secret does not lie in the recycle bin,
and the stateful phase passes over what the settings say of that one operation: so it runs twice,
once with this check and without that operation, and once the other way round."""

RUNS = {
    "one by one": ("--phases", "examples,coverage,fuzzing"),
    "in rows": ("--phases", "stateful", "--exclude-path", RESTORE),
    "in rows with restoring": ("--phases", "stateful", "--exclude-checks", FRESH),
}


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_schemathesis_finds_nothing(
    server: RunningServer, tmp_path: Path, run: tuple[str, ...]
) -> None:
    assert f'"{RESTORE}"' in server.client.get("/openapi.json").text
    done = subprocess.run(
        [
            str(Path(sys.executable).parent / "schemathesis"), "--config-file", str(CONFIG),
            "run", f"{server.url}/openapi.json",
            "--checks", "all", *run, "--max-examples", EXAMPLES, *SEED, "--no-color",
        ],
        capture_output=True, text=True, timeout=500, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-8000:]
