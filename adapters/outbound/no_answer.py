"""What comes of a call that fails."""


class NoAnswer(Exception):
    """There is no answer, or not the whole of it.

    The message says of the other side why, and repeats nothing that it sent. `status` is there
    when the answer has begun.
    """

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.status = status
