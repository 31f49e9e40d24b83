"""Refusals that HTTP itself gives rise to, before any use case is asked."""

from collections.abc import Sequence


class HttpRefusal(Exception):
    """A request that is refused for its form, with a status code and words for the caller."""

    def __init__(
        self, status: int, detail: str, headers: Sequence[tuple[bytes, bytes]] = ()
    ) -> None:
        super().__init__(detail)
        self.headers = headers
        self.status = status
        self.detail = detail
