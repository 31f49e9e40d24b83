"""Small packages that offer adapters, as an installer would leave them in a folder."""

from collections.abc import Mapping
from pathlib import Path

WORKING = "from adapters.ciphers.aes_gcm import AesGcmCipher as Kept\n"

RENAMED = (
    WORKING
    + """
class {cls}(Kept):
    @property
    def name(self):
        return "{name}"
"""
)


def put(
    folder: Path, package: str, *, code: str = "", offers: Mapping[str, Mapping[str, str]]
) -> None:
    """Install a package of one module.

    Args:
        folder: what is on the path.
        package: the name of the package; its module has the name with `_`.
        code: the module.
        offers: entry points, by group and name.
    """
    module = package.replace("-", "_")
    (folder / f"{module}.py").write_text(code)
    info = folder / f"{module}-1.2.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.2\n")
    lines = [
        line
        for group, names in offers.items()
        for line in (f"[{group}]", *(f"{name} = {place}" for name, place in names.items()))
    ]
    (info / "entry_points.txt").write_text("\n".join(lines))
