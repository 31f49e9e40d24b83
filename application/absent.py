"""What an attempt needs and is not at hand: it is fetched outside of any transaction."""

from collections.abc import Callable
from concurrent.futures import Future

from domain.errors import Unavailable


class Absent(Unavailable):
    """Something far away is needed first. `what` tells it from other such things."""

    def __init__(self, message: str, *, what: str, fetch: Callable[[], Future[None]]) -> None:
        super().__init__(message)
        self.what = what
        self.fetch = fetch
