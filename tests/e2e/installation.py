"""An installation: Strongroom and the example packages, from their wheels, in a place of their own.

Nothing of the checkout is on its path. What they depend on is that of this test run, by links, so
that nothing has to be fetched.
"""

import subprocess
import sys
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from sysconfig import get_path

from tests.e2e.running import environment

CHECKOUT = Path(__file__).parents[2]
EXAMPLES = CHECKOUT / "docs" / "examples"


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """Programs of an installation."""

    folder: Path

    @property
    def python(self) -> Path:
        """Return the interpreter."""
        return self.folder / "bin" / "python"

    @property
    def program(self) -> Sequence[str]:
        """Return its `strongroom`."""
        return (str(self.folder / "bin" / "strongroom"),)

    def run(self, *line: str) -> str:
        """Run a line that must succeed, far from the checkout, and return what it prints."""
        done = subprocess.run(
            line,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=environment({"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}),
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def install(folder: Path, *packages: Path) -> Installation:
    """Build the wheels of packages and install them."""
    wheels = folder / "wheels"
    for package in packages:
        _run(package, sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels))
    place = folder / "installation"
    venv.create(place, with_pip=False, symlinks=True)
    made = Installation(folder=place)
    line = (sys.executable, "-m", "pip", "--python", str(made.python), "install", "--quiet")
    _run(folder, *line, "--no-deps", "--no-index", *(str(wheel) for wheel in wheels.iterdir()))
    _link_dependencies(place)
    return made


def _link_dependencies(place: Path) -> None:
    """Lend what this test run has installed, except for Strongroom itself."""
    lent = place / "lent"
    lent.mkdir()
    for entry in Path(get_path("purelib")).iterdir():
        if "strongroom" not in entry.name:
            (lent / entry.name).symlink_to(entry)
    (site,) = place.glob("lib/python*/site-packages")
    (site / "lent.pth").write_text(f"{lent}\n")


def _run(folder: Path, *line: str) -> None:
    """Run a line that must succeed."""
    done = subprocess.run(line, capture_output=True, text=True, cwd=folder, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
