"""SoftHSM: a real security module without the hardware, from a package of the distribution."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PIN = "hidden-1234"
MODULE = next(
    (
        path
        for path in (
            Path("/usr/lib/softhsm/libsofthsm2.so"),
            Path("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"),
            Path("/usr/lib64/pkcs11/libsofthsm2.so"),
        )
        if path.exists()
    ),
    None,
)
needs_softhsm = pytest.mark.skipif(
    MODULE is None or not shutil.which("softhsm2-util"),
    reason="SoftHSM is not installed (Debian: apt-get install softhsm2)",
)

MAKE_KEYS = """
import sys, pkcs11
module, pin, *labels = sys.argv[1:]
closed = {pkcs11.Attribute.SENSITIVE: True, pkcs11.Attribute.EXTRACTABLE: False}
with pkcs11.lib(module).get_token(token_label="the token").open(user_pin=pin, rw=True) as session:
    for label in labels:
        session.generate_key(
            pkcs11.KeyType.AES, 256, label=label, id=label.encode(), store=True, template=closed
        )
"""


def made_token(folder: Path, *labels: str) -> str:
    """Make a token with keys that cannot be taken out, and the file of its PIN.

    The library has to be told of it by `SOFTHSM2_CONF=<folder>/conf`.

    Returns:
        The URI behind `pkcs11:`, still without an object.
    """
    (folder / "tokens").mkdir()
    (folder / "conf").write_text(
        f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    (folder / "pin").write_text(f"{PIN}\n")
    (folder / "pin").chmod(0o600)
    init = ["softhsm2-util", "--init-token", "--free", "--label", "the token"]
    for line in (
        [*init, "--pin", PIN, "--so-pin", "5678"],
        [sys.executable, "-c", MAKE_KEYS, str(MODULE), PIN, *labels],
    ):
        env = os.environ | {"SOFTHSM2_CONF": str(folder / "conf")}
        subprocess.run(line, env=env, check=True, capture_output=True)
    return f"token=the%20token?module-path={MODULE}&pin-source=file:{folder}/pin"
