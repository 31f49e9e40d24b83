"""Getting a small document, with a bound on everything."""

import ssl
from collections.abc import Sequence

from adapters.outbound.endpoint import Endpoint
from adapters.outbound.no_answer import NoAnswer
from adapters.outbound.reachable import Network

TOTAL_SECONDS = 10.0
OK = 200


class Document:
    """One document at a URL of the operator's."""

    def __init__(
        self,
        url: str,
        *,
        ca_file: str = "",
        allowed: Sequence[Network] = (),
        setting: str,
        max_bytes: int,
    ) -> None:
        """Take where it is.

        Args:
            url: https, or http on this machine.
            ca_file: the issuers that are trusted instead of the system's, in PEM form.
            allowed: networks that it may lie in although they are not the public internet.
            setting: what the operator calls those networks.
            max_bytes: how large it may be.

        Raises:
            OSError, ssl.SSLError: the file of issuers cannot be read.
        """
        trust = ssl.create_default_context(cafile=ca_file or None)
        self._endpoint = Endpoint(url, trust=trust, allowed=allowed, setting=setting)
        self._max_bytes = max_bytes

    def get(self) -> bytes:
        """Return the document.

        Raises:
            NoAnswer: nobody answers, or not as it should be.
        """
        answer = self._endpoint.call(
            "GET", headers={}, body=None, seconds=TOTAL_SECONDS, most=self._max_bytes
        )
        if answer.status != OK:
            raise NoAnswer(f"the answer has the status {answer.status}")
        if len(answer.body) > self._max_bytes:
            raise NoAnswer(f"the answer is larger than {self._max_bytes} bytes")
        return answer.body
