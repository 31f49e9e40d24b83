"""Every figure that workers count, with all label values that there can be.

No name of a secret, no caller and no text of a request is a label. What is counted can be read by
whoever watches the service, and each new value would cost every scrape from then on.
"""

from collections.abc import Iterable

from adapters.metrics.layout import Counter, Family, Histogram, Labels, Layout, WorkerFigure, every
from domain.access.action import Action
from domain.audit.event import Outcome
from domain.errors import Cause

OTHER = "other"
"""The label of whatever has none of its own."""

METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH")
STATUS_CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
LIMITS = ("address", "credential", "failures", "repeats", OTHER)

REQUEST_SECONDS = (
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
)  # fmt: skip
COMMIT_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
COMMIT_WORKS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0)

ACTIONS = Counter(
    name="strongroom_actions",
    text="Calls whose entry is in the audit log, by action and outcome.",
    labels=("action", "outcome"),
    series=every((action.value for action in Action), (outcome.value for outcome in Outcome)),
)
AUDIT_FAILURES = Counter(
    name="strongroom_audit_failures",
    text="Calls that were not answered, because their entry could not be written.",
)
UNAUTHENTICATED_REQUESTS = Counter(
    name="strongroom_authentication_failures",
    text="Requests answered with 401, by what was wrong with the credential.",
    labels=("kind",),
    series=every(cause.value for cause in Cause),
)
RATE_LIMITED = Counter(
    name="strongroom_rate_limited",
    text="Requests answered with 429, by the limit that was reached.",
    labels=("limit",),
    series=every(LIMITS),
)
COMMITS = Histogram(
    name="strongroom_commit_seconds",
    text="Time that a commit of changes and audit entries took to be durable.",
    buckets=COMMIT_SECONDS,
)
WORKS = Histogram(
    name="strongroom_commit_works",
    text="Units of work, each a change or the audit entry of a reading, that one commit held.",
    buckets=COMMIT_WORKS,
)
FAILED_COMMITS = Counter(
    name="strongroom_commit_failures",
    text="Groups of changes and audit entries that could not be made durable.",
)

CPU = WorkerFigure(
    name="strongroom_process_cpu_seconds",
    text="Processor time of each worker, and of the earlier ones in its place.",
    grows=True,
)
MEMORY = WorkerFigure(
    name="strongroom_process_resident_memory_bytes", text="Memory of each worker."
)
OPEN_FILES = WorkerFigure(
    name="strongroom_process_open_files", text="Open files and connections of each worker."
)
MOST_FILES = WorkerFigure(
    name="strongroom_process_max_open_files", text="How many of them each worker may have."
)
STARTED = WorkerFigure(
    name="strongroom_process_start_time_seconds", text="When each worker began, in Unix time."
)
WAITING = WorkerFigure(
    name="strongroom_waiting_writes", text="Units of work that wait for their commit to begin."
)
CONNECTIONS = WorkerFigure(
    name="strongroom_database_connections",
    text="Open connections to the database; 0 where the store has no pool.",
)
USED_CONNECTIONS = WorkerFigure(
    name="strongroom_database_connections_used", text="Those of them that are in use."
)
MOST_CONNECTIONS = WorkerFigure(
    name="strongroom_database_connections_max", text="How many of them there may be."
)

REQUESTS = "strongroom_request_duration_seconds"


def requests_of(routes: Iterable[tuple[str, str]]) -> Histogram:
    """Return the family of requests, for routes that are pairs of a method and a template."""
    routes = sorted(set(routes))
    pairs: list[Labels] = [(template, method) for method, template in routes]
    pairs += [(template, OTHER) for template in sorted({template for _, template in routes})]
    pairs += [(OTHER, method) for method in (*METHODS, OTHER)]
    return Histogram(
        name=REQUESTS,
        text="Time from a request's head to the end of its answer, by route, method and status.",
        buckets=REQUEST_SECONDS,
        labels=("route", "method", "status"),
        series=[(*pair, status) for pair in pairs for status in STATUS_CLASSES],
        quiet=True,
    )


def layout_of(requests: Histogram) -> Layout:
    """Return where everything stands."""
    families: tuple[Family, ...] = (
        requests,
        ACTIONS, AUDIT_FAILURES, UNAUTHENTICATED_REQUESTS, RATE_LIMITED,
        COMMITS, WORKS, FAILED_COMMITS,
        CPU, MEMORY, OPEN_FILES, MOST_FILES, STARTED,
        WAITING, CONNECTIONS, USED_CONNECTIONS, MOST_CONNECTIONS,
    )  # fmt: skip
    return Layout(families)
