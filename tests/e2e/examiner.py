"""Runs `strongroom doctor` many times, each in a process of its own.

They are forked off one that has loaded everything, because loading takes much longer than looking.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from entrypoints.cli.main import main
from entrypoints.doctor.examination import Examination
from tests.e2e import stores
from tests.e2e.running import environment


@dataclass(frozen=True)
class Examined:
    """How one run ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[tuple[str, ...]]:
        """Return level, check, finding and mend of each finding."""
        return [tuple(line.split("\t")) for line in self.out.splitlines()]


class Examiner:
    """Asks the process that forks."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(
        self, data_dir: Path, *arguments: str, env: Mapping[str, str] | None = None
    ) -> Examined:
        """Examine a folder."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        line = ["doctor", "--data-dir", str(data_dir), *arguments]
        request = {"line": line, "env": {**stores.settings_of(line), **(env or {})}}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return Examined(**json.loads(self._process.stdout.readline()))


@contextlib.contextmanager
def examining(sound: Path) -> Iterator[Examiner]:
    """Have the process that forks until the block ends; it warms up on a sound folder."""
    line = [sys.executable, "-m", "tests.e2e.examiner", "--data-dir", str(sound)]
    with subprocess.Popen(
        line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=environment(line=line),
    ) as process:  # fmt: skip
        yield Examiner(process)
        assert process.stdin is not None
        process.stdin.close()


def serve(sound: str) -> None:
    """Answer requests."""
    Examination(os.environ, {"data_dir": sound}, full=True, progress=lambda *_: None)()
    for text in sys.stdin:
        request: dict[str, Any] = json.loads(text)
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            child = os.fork()
            if child == 0:
                os.dup2(out.fileno(), 1)
                os.dup2(err.fileno(), 2)
                become(request["line"], request["env"])
            _, status = os.waitpid(child, 0)
            code = os.waitstatus_to_exitcode(status)
            print(json.dumps({"code": code, "out": read(out), "err": read(err)}), flush=True)


def become(line: list[str], env: Mapping[str, str]) -> None:
    """Be the command, and end as it ends."""
    os.environ.update(env)
    sys.argv = ["strongroom", *line]
    code: Any = 70  # something got past the command
    try:
        main()
        code = 0
    except SystemExit as end:
        code = end.code or 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def read(file: IO[bytes]) -> str:
    """Return what was written."""
    file.seek(0)
    return file.read().decode()


if __name__ == "__main__":
    serve(sys.argv[2])
