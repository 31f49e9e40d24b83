"""Structured logs: readable on a terminal, JSON lines otherwise."""

import contextlib
import logging
import sys
from typing import TextIO

import structlog

from adapters.tracing.step import trace_id
from entrypoints.settings import Settings


class UnfailingLogger(structlog.WriteLogger):
    """Drops a line that cannot be written: a full disk must not change an answer.

    Who did what stands in the audit log, whose own failure does stop the answer.
    """

    def msg(self, message: str) -> None:
        """Write a line, or drop it."""
        with contextlib.suppress(OSError):
            super().msg(message)

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg


class UnfailingLoggerFactory:
    """Makes such loggers for one stream."""

    def __init__(self, stream: TextIO) -> None:
        """Take the stream to write to."""
        self._stream = stream

    def __call__(self, *_names: object) -> UnfailingLogger:
        """Return a logger."""
        return UnfailingLogger(self._stream)


def add_trace(
    _logger: object, _method: str, line: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Add the id of the trace that the line belongs to, if it belongs to one."""
    found = trace_id()
    if found is not None:
        line["trace_id"] = found
    return line


def configure(settings: Settings) -> None:
    """Set up the log of this process, on standard error."""
    as_text = settings.log_format == "text" or (
        settings.log_format == "auto" and sys.stderr.isatty()
    )
    shared: list[structlog.types.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_trace,
    ]
    last: structlog.types.Processor = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if as_text
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=UnfailingLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
