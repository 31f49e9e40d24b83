"""Refusals that HTTP itself gives rise to, before any use case is asked."""


class HttpRefusal(Exception):
    """A request that is refused for its form, with a status code and words for the caller."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
