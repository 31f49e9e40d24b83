"""The stored form of a sealed value, and what the seal is bound to.

Formats are only ever added: a tag that has been written once means the same for ever.
"""

import re
from dataclasses import dataclass, field

from domain.errors import UnknownFormat

TAG = "sr1"
"""Format tag of values sealed by this version."""

UID_BYTES = 16
"""Length of a secret's permanent uid."""

# The key id and the cipher name are bounded before use, so that a forged row cannot make
# an error message or a cache key of any length.
_STORED = re.compile(rf"{TAG}:([0-9a-f]{{16}}):([a-z0-9-]{{1,32}}):([!-~]+)")

# A Fernet token always begins so: version byte 0x80, then the high bytes of a 64-bit time.
_BARE = re.compile(r"gAAAAA[A-Za-z0-9_=-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedValue:
    """A sealed value taken apart: which data key, which cipher, and the cipher's token."""

    key_id: str
    cipher: str
    token: str = field(repr=False)

    @classmethod
    def parse(cls, stored: str) -> "SealedValue":
        """Take the stored text apart.

        Raises:
            UnknownFormat: the text has no tag of ours, or is not canonical.
        """
        match = _STORED.fullmatch(stored)
        if match is None:
            raise UnknownFormat("the stored value is in no format that this version knows")
        return cls(key_id=match[1], cipher=match[2], token=match[3])

    def render(self) -> str:
        """Return the stored text; `parse` gives back the same parts."""
        return f"{TAG}:{self.key_id}:{self.cipher}:{self.token}"


def is_bare_token(stored: str) -> bool:
    """Tell whether the text looks like a plain Fernet token, as earlier backends stored it."""
    return _BARE.fullmatch(stored) is not None


def seal_context(*, cipher: str, uid: bytes, version: int) -> bytes:
    """Return the bytes that a seal is bound to: format, cipher, secret and version.

    Shape: ASCII `strongroom/sr1/record/<cipher>`, one zero byte, the uid (16 bytes), the version
    (8 bytes, big-endian). The first part cannot hold a zero byte and the rest has a fixed
    length, so two different inputs never give the same bytes.

    Raises:
        ValueError: the uid has not 16 bytes.
    """
    if len(uid) != UID_BYTES:
        raise ValueError(f"a uid has {UID_BYTES} bytes")
    return f"strongroom/{TAG}/record/{cipher}".encode() + b"\0" + uid + version.to_bytes(8, "big")
