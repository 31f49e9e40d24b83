"""Sending spans to a collector (OTLP over HTTP): on a thread, in batches, and never in the way.

What the SDK reads from the environment by itself counts: headers, certificates, timeouts and
compression of the exporter (`OTEL_EXPORTER_OTLP_…`), the queue and its batches (`OTEL_BSP_…`),
and more attributes of the resource (`OTEL_RESOURCE_ATTRIBUTES`, `OTEL_SERVICE_NAME`).
"""

import logging
import os
import threading
from collections.abc import Sequence

import structlog
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

from adapters.tracing.spans import Spans

SERVICE = "strongroom"
SCOPE = "strongroom"

_log = structlog.get_logger("strongroom")


class Exporting:
    """Made in the process that serves: a thread does not outlive a fork."""

    def __init__(self, *, endpoint: str, service: str, version: str) -> None:
        """Start the thread.

        Args:
            endpoint: where spans are posted to; empty for what the environment says.
            service: how this service is called; empty for the same.
            version: that of the service.
        """
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL + 1)  # it is told below
        self._provider = TracerProvider(
            resource=_resource(service, version),
            sampler=ALWAYS_ON,  # it was decided before a span is begun
            shutdown_on_exit=False,
        )
        exporter = ToldExporter(OTLPSpanExporter(endpoint=endpoint or None))
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self.spans = Spans(self._provider.get_tracer(SCOPE, version))

    def close(self, seconds: float) -> None:
        """Send what waits, but for no longer than some seconds; what is left is lost."""
        last = threading.Thread(target=self._provider.shutdown, name="last spans", daemon=True)
        last.start()
        last.join(seconds)


class ToldExporter(SpanExporter):
    """Says in the log when spans begin to be lost, and when they are taken again."""

    def __init__(self, inside: SpanExporter) -> None:
        """Take what sends."""
        self._inside = inside
        self._lost = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send a batch."""
        result = self._inside.export(spans)
        if result is not SpanExportResult.SUCCESS:
            if not self._lost:
                _log.warning("traces cannot be sent and are lost, see to 'tracing_endpoint'")
            self._lost += len(spans)
        elif self._lost:
            _log.info("traces are sent again", lost_spans=self._lost)
            self._lost = 0
        return result

    def shutdown(self) -> None:
        """Send nothing any more."""
        self._inside.shutdown()


def _resource(service: str, version: str) -> Resource:
    """Return what is told of the service itself."""
    told = {"service.version": version}
    named = os.environ.get("OTEL_SERVICE_NAME") or "service.name=" in os.environ.get(
        "OTEL_RESOURCE_ATTRIBUTES", ""
    )
    if service or not named:
        told["service.name"] = service or SERVICE
    return Resource.create(told)
