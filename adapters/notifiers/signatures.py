"""Signing what is sent: the symmetric scheme of Standard Webhooks 1.0.0 ("Signature scheme")."""

import base64
import binascii
import hashlib
import hmac

from domain.errors import StartRefused

PREFIX = "whsec_"
MIN_BYTES, MAX_BYTES = 24, 64


class SigningSecret:
    """A secret that is shared with one receiver."""

    def __init__(self, text: str) -> None:
        """Take a secret: `whsec_` and the base64 of 24 to 64 random bytes.

        Raises:
            StartRefused: it has another form. The message does not repeat it.
        """
        try:
            self._key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
        except (binascii.Error, ValueError):
            self._key = b""
        if not text.startswith(PREFIX) or not MIN_BYTES <= len(self._key) <= MAX_BYTES:
            raise StartRefused(
                "'secret': the secret of a receiver must be whsec_ and the base64 of 24 to 64"
                " random bytes; make one with: echo whsec_$(openssl rand -base64 32)"
            )

    def sign(self, notice_id: str, timestamp: int, body: bytes) -> str:
        """Return a signature as it stands in the header `webhook-signature`."""
        signed = b"%s.%d.%s" % (notice_id.encode("ascii"), timestamp, body)
        digest = hmac.new(self._key, signed, hashlib.sha256).digest()
        return f"v1,{base64.b64encode(digest).decode('ascii')}"
