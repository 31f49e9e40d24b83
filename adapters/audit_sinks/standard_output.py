"""Standard output, for those who collect what containers print."""

import os
import sys
from collections.abc import Sequence

from domain.ports.audit_sink import AuditSink, SinkUnavailable


class StandardOutput(AuditSink):
    """Prints lines. The server's own log goes to standard error."""

    @property
    def name(self) -> str:
        """Return the name that there is only one of."""
        return "standard output"

    def write(self, lines: Sequence[str]) -> None:
        """Print lines.

        Raises:
            SinkUnavailable: nobody reads any more.
        """
        try:
            # Past the buffer: what it could not write it would keep, and write again later.
            descriptor, left = sys.stdout.fileno(), "".join(f"{line}\n" for line in lines).encode()
            while left:
                left = left[os.write(descriptor, left) :]
        except (OSError, ValueError) as error:
            raise SinkUnavailable("standard output is closed") from error
