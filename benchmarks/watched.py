"""Strongroom with some of its watching taken away: only to measure what each part of it costs.

Like `bare`, it exists here and nowhere in the package. What stays is as the server has it.
"""

import os
import sys
from collections.abc import Collection
from typing import Any

from adapters.http.traffic import Unwatched
from adapters.metrics.unmetered import Unmetered
from entrypoints import configuration, server
from entrypoints.container import Container
from entrypoints.housekeeping import followers_of

METRICS, ALERTS, ACTIVITY = "metrics", "alerts", "activity"
TASKS = {ALERTS: "following the audit log", ACTIVITY: "counting activity"}


class Uncounted(Unmetered, Unwatched):
    """Counts neither calls nor commits nor requests."""


class Unmeasured:
    """Stands in for what has a board."""

    meter = Uncounted()

    def worker(self) -> "Unmeasured":
        """Take no block."""
        return self

    def open(self, *_: object) -> tuple[Any, Any]:
        """Report nothing, and tell nothing."""
        return (lambda _stopping=None: None), (lambda _: (b"", "text/plain"))


def leave(parts: Collection[str]) -> None:
    """Have a server go without all other parts; its workers are forked after that."""
    wanted = {name for part, name in TASKS.items() if part in parts}

    def some(container: Container) -> Any:
        return [task for task in followers_of(container) if task.name in wanted]

    replaced = {"followers_of": some} | ({} if METRICS in parts else {"Measuring": Unmeasured})
    for name, stand_in in replaced.items():
        setattr(server, name, stand_in)


def main() -> None:
    """Serve on a port with the parts that are named; tracing is a matter of the environment."""
    leave(sys.argv[2:])
    server.serve(configuration.load(os.environ, {"port": int(sys.argv[1])}))


if __name__ == "__main__":
    main()
