"""Stores with something in them, and the commands of backups on them."""

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters.backups import age
from application.secrets.create_secret import CreateSecret
from domain.secrets.name import SecretName
from domain.secrets.value import SecretValue
from entrypoints.container import Container
from entrypoints.preparation import STARTING, prepare
from entrypoints.settings import Settings
from tests.e2e import stores
from tests.e2e.running import command, environment

COMMAND_SECONDS = 300
"""A bound that only a command that hangs reaches."""


def stocked(data_dir: Path, count: int, *, size: int = 200) -> None:
    """Make a store with secrets whose values are their names, and then some."""
    settings = Settings(data_dir=data_dir, database_url=stores.url_of(data_dir))
    prepare(Container(settings=settings))
    container = Container(settings=settings)
    container.prepare_keys()(STARTING)
    gate = container.own_gate()
    done = [
        gate.submit(
            STARTING,
            CreateSecret(name=SecretName(f"n/{number}"), value=SecretValue("x" * size)),
        )
        for number in range(count)
    ]
    for each in done:
        each.result()
    container.storage().close()


@dataclass
class BackupShell:
    """Runs the commands on one data folder, with an identity of its own."""

    folder: Path
    data_dir: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    place: Path = field(init=False)
    identity: Path = field(init=False)
    recipient: str = field(init=False)

    def __post_init__(self) -> None:
        text, self.recipient = age.new_identity()
        self.identity = self.folder / "identity.txt"
        self.identity.write_text(text)
        self.place = self.folder / "backups"

    @property
    def env(self) -> dict[str, str]:
        """Return the settings of backups, and whatever else is set."""
        return {
            "STRONGROOM_BACKUP_PLACE": f"file:{self.place}",
            "STRONGROOM_BACKUP_RECIPIENTS": self.recipient,
            **self.settings,
        }

    def line(self, *arguments: str, data_dir: Path | None = None) -> list[str]:
        """Return a command line."""
        return command(*arguments, "--data-dir", str(data_dir or self.data_dir), "--json")

    def run(
        self,
        *arguments: str,
        data_dir: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command."""
        line = self.line(*arguments, data_dir=data_dir)
        return subprocess.run(
            line, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False,
            env=environment(self.env | dict(env or {}), line),
        )  # fmt: skip

    def done(self, *arguments: str, data_dir: Path | None = None) -> Any:
        """Run a command that must be done, and return what it prints."""
        finished = self.run(*arguments, data_dir=data_dir)
        assert finished.returncode == 0, finished.stderr
        return json.loads(finished.stdout)

    def failed(self, *arguments: str, data_dir: Path | None = None) -> str:
        """Run a command that must be refused, and return the one line that says why."""
        finished = self.run(*arguments, data_dir=data_dir)
        assert finished.returncode == 1, finished.stdout
        (told,) = finished.stderr.splitlines()
        return told

    def create(self) -> Any:
        """Make a backup."""
        return self.done("backup", "create")

    def restore(self, data_dir: Path, *arguments: str) -> list[str]:
        """Return the arguments that restore the newest backup."""
        key = f"file:{self.data_dir / 'secret.key'}"
        return [
            "backup", "restore", "latest", "--identity", str(self.identity), "--root-key", key,
            *arguments,
        ]  # fmt: skip

    def killed(self, line: Sequence[str], after: float) -> bool:
        """Kill a command after some seconds; tell whether it was still running."""
        env = environment(self.env, line)
        with subprocess.Popen(
            line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env
        ) as process:
            deadline = time.monotonic() + after
            while process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.005)
            running = process.poll() is None
            if running:
                process.send_signal(signal.SIGKILL)
        return running

    def seconds(self, *arguments: str, data_dir: Path | None = None) -> float:
        """Return how long a command takes that is left alone."""
        begun = time.monotonic()
        self.done(*arguments, data_dir=data_dir)
        return time.monotonic() - begun


def moments(seconds: float, default: int) -> list[float]:
    """Return random moments within a time, as many as the campaign asks for."""
    drawn = random.Random(os.environ.get("SEED", "moments"))  # noqa: S311  not for keys
    return [drawn.uniform(0.2, 1.0) * seconds for _ in range(int(os.environ.get("KILLS", default)))]
