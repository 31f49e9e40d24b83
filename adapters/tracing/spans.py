"""Steps as spans of OpenTelemetry."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from opentelemetry.context import Context
from opentelemetry.trace import (
    Span,
    SpanContext,
    SpanKind,
    StatusCode,
    Tracer,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from adapters.tracing.step import Facts, Step
from domain.errors import CallerError, NotAllowed, Unauthenticated

MOST_STEPS = 64
"""Steps that are told of one trace: more of the same, as of a bulk of a hundred, tell no more."""

_NO_FAULT = (CallerError, NotAllowed, Unauthenticated)
"""What is the caller's to mend: a span with one of these is no failed one."""

_propagator = TraceContextTextMapPropagator()
_NOWHERE = Context()


class Kind(Protocol):
    """What OpenTelemetry calls the kind of a span."""


SERVER: Kind = SpanKind.SERVER
CLIENT: Kind = SpanKind.CLIENT


class Parent:
    """The step of another server that asks this one."""

    def __init__(self, context: Context, span: SpanContext) -> None:
        """Take what the headers said."""
        self.context = context
        self.is_sampled = bool(span.trace_flags.sampled)
        self._span = span

    @classmethod
    def of(cls, traceparent: str, tracestate: Sequence[str]) -> "Parent | None":
        """Read the headers (W3C Trace Context, section 3.2), or return `None` where none count."""
        carrier: dict[str, str | list[str]] = {"traceparent": traceparent}
        if tracestate:
            carrier["tracestate"] = list(tracestate)
        context = _propagator.extract(carrier, context=_NOWHERE)
        span = get_current_span(context).get_span_context()
        return cls(context, span) if span.is_valid else None

    def passed_on(self) -> Step:
        """Return a step that is told nobody, but passed on."""
        return PassedOn(self._span, _injected(self.context))


class Spans:
    """Begins traces, or this server's part of one."""

    def __init__(self, tracer: Tracer) -> None:
        """Take what makes spans."""
        self._tracer = tracer

    def root(self, name: str, facts: Facts, *, kind: Kind, parent: Parent | None = None) -> Step:
        """Begin the outermost step."""
        context = _NOWHERE if parent is None else parent.context
        assert isinstance(kind, SpanKind)  # noqa: S101  one of those above
        span = self._tracer.start_span(name, context=context, kind=kind, attributes=facts)
        return SpanStep(self._tracer, span, [MOST_STEPS])


class SpanStep(Step):
    """A step that is exported when it ends."""

    def __init__(self, tracer: Tracer, span: Span, room: list[int]) -> None:
        """Take the span, and how many more of its trace there may be, which all of it shares."""
        self._tracer = tracer
        self._span = span
        self._room = room
        self._context: Context | None = None

    @property
    def trace_id(self) -> str:
        """Return the id of the trace."""
        return f"{self._span.get_span_context().trace_id:032x}"

    @property
    def headers(self) -> Mapping[str, str]:
        """Return what tells another server of it."""
        return _injected(self._as_parent())

    def begin(self, name: str, facts: Facts, *, at: int | None = None) -> Step | None:
        """Begin a step within it, unless there were many."""
        if self._room[0] <= 0:
            return None
        self._room[0] -= 1
        span = self._tracer.start_span(
            name, context=self._as_parent(), attributes=facts, start_time=at
        )
        return SpanStep(self._tracer, span, self._room)

    def note(self, facts: Facts) -> None:
        """Add facts."""
        self._span.set_attributes(facts)

    def rename(self, name: str) -> None:
        """Give it the name that has become known."""
        self._span.update_name(name)

    def fail(self, kind: str) -> None:
        """Mark it as failed (semantic conventions, `error.type`)."""
        self._span.set_attribute("error.type", kind)
        self._span.set_status(StatusCode.ERROR)

    def end(self, error: BaseException | None = None, *, at: int | None = None) -> None:
        """End it."""
        if error is not None:
            self._span.set_attribute("error.type", type(error).__name__)
            if not isinstance(error, _NO_FAULT):
                self._span.set_status(StatusCode.ERROR)
        self._span.end(at)

    def _as_parent(self) -> Context:
        """Return the context of what is done within it."""
        if self._context is None:
            self._context = set_span_in_context(self._span, _NOWHERE)
        return self._context


class PassedOn(Step):
    """A step of somebody else's trace that is not told: only its id goes on."""

    def __init__(self, span: SpanContext, headers: Mapping[str, str]) -> None:
        """Take what was sent."""
        self._span = span
        self._headers = headers

    @property
    def trace_id(self) -> str:
        """Return the id of the trace."""
        return f"{self._span.trace_id:032x}"

    @property
    def headers(self) -> Mapping[str, str]:
        """Return what was sent."""
        return self._headers

    def begin(self, name: str, facts: Facts, *, at: int | None = None) -> None:
        """Begin nothing."""

    def note(self, facts: Facts) -> None:
        """Pass over facts."""

    def end(self, error: BaseException | None = None, *, at: int | None = None) -> None:
        """End nothing."""


def _injected(context: Context) -> Mapping[str, str]:
    """Return the headers of a context."""
    headers: dict[str, str] = {}
    _propagator.inject(headers, context=context)
    return headers
