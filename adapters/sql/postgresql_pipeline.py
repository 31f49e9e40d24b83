"""Statements that go to PostgreSQL together and are answered together (libpq, "Pipeline Mode").

One round trip for all of them. The first that fails has the server pass over all behind it.
"""

import contextlib
import select
from collections.abc import Sequence

import psycopg
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult

Sent = tuple[bytes, Sequence[bytes | None], bool]
"""The text of a statement, or the name under which it is prepared; its parameters; which it is."""

_BINARY = 1
_NOT_RUN = ExecStatus.PIPELINE_ABORTED
_END = ExecStatus.PIPELINE_SYNC
_BOTH_WAYS = select.POLLIN | select.POLLOUT


def answers_to(pgconn: PGconn, statements: Sequence[Sent]) -> list[PGresult]:
    """Send statements, and return what each came to, in order: no further than the server went.

    Where the connection is lost, the last answer is the library's own, which has no code.
    Waiting lets go of the interpreter lock, and only here: the driver takes results under it.

    Raises:
        psycopg.Error: the last statement was not sent, and the connection is of no further use.
    """
    found: list[PGresult] = []
    try:
        pgconn.enter_pipeline_mode()
        for text, values, is_name in statements:
            send = pgconn.send_query_prepared if is_name else pgconn.send_query_params
            send(text, values, result_format=_BINARY)
        # From here on a failure is found among the answers, behind those that came before it.
        with contextlib.suppress(psycopg.OperationalError):
            pgconn.pipeline_sync()
            _flush(pgconn)
        try:
            is_whole = _take_answers(pgconn, found)
            if is_whole:
                pgconn.exit_pipeline_mode()
        except psycopg.Error:
            is_whole = False
        if not is_whole:
            pgconn.finish()
    except BaseException:
        # Somebody may be in the middle of it: what comes next on it would be taken for an answer.
        pgconn.finish()
        raise
    return found


def _flush(pgconn: PGconn) -> None:
    """Send what is not sent yet, and take in what comes meanwhile, or both sides would wait."""
    while pgconn.flush():
        for _, events in _waits(pgconn, _BOTH_WAYS):
            if events & ~select.POLLOUT:
                pgconn.consume_input()


def _take_answers(pgconn: PGconn, found: list[PGresult]) -> bool:
    """Take the answers; tell whether they went up to the end, and not to that of the connection."""
    is_between = False
    while True:
        _until_there(pgconn)
        result = pgconn.get_result()
        if result is None:
            # One stands between two statements; where there are two, nothing comes any more.
            if is_between:
                return False
            is_between = True
            continue
        is_between = False
        if result.status == _END:
            return True
        if result.status != _NOT_RUN:
            found.append(result)


def _until_there(pgconn: PGconn) -> None:
    """Wait until an answer can be taken without waiting, if it is that of a lost connection."""
    with contextlib.suppress(psycopg.OperationalError):
        while pgconn.is_busy():
            _waits(pgconn, select.POLLIN)
            pgconn.consume_input()


def _waits(pgconn: PGconn, events: int) -> list[tuple[int, int]]:
    """Wait for the connection."""
    poll = select.poll()
    poll.register(pgconn.socket, events)
    return poll.poll()
