"""The table of metrics in `docs/metrics.md`, from what is really told: run me to write it anew."""

from collections.abc import Iterable
from pathlib import Path

from prometheus_client.core import Metric

from adapters.memory import MemoryStorage
from adapters.metrics.exposition import Build
from domain.backups.run import BackupRun
from entrypoints.measuring import Measuring
from tests.fakes import START
from tests.house import House

PAGE = Path(__file__).parent.parent / "docs" / "metrics.md"
BEGIN, END = "<!-- table of metrics -->\n", "<!-- end of the table -->\n"


def families() -> list[Metric]:
    """Return every family that a server with something in it tells."""
    house = House(MemoryStorage()).opened()
    house.create("a")
    house.make_checkpoint()
    run = BackupRun(scheduled=True, started_at=START, place="file:/x", name="a backup")
    done = run.done(START, size=1, values=1, entries=1)
    house.storage.write(lambda session: session.backup_runs.add(done)).result()
    measured = Measuring().worker()
    measured.meter.answered(route="/metrics", method="GET", status=200, seconds=0.1)
    collectors = measured.collectors(house.storage, house.clock)
    return [family for part in (Build(), *collectors) for family in part.collect()]


def exposed_names(found: Iterable[Metric]) -> set[str]:
    """Return the names of all samples, as queries use them."""
    return {sample.name for family in found for sample in family.samples}


def table(found: Iterable[Metric]) -> str:
    """Return the table."""
    rows = ["| name | kind | labels | meaning |", "| --- | --- | --- | --- |"]
    for family in sorted(found, key=lambda family: family.name):
        name = f"{family.name}_total" if family.type == "counter" else family.name
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        written = ", ".join(f"`{label}`" for label in sorted(labels))
        rows.append(f"| `{name}` | {family.type} | {written} | {family.documentation} |")
    return "\n".join(rows) + "\n"


def main() -> None:
    """Write the table into the page."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(before + BEGIN + table(families()) + END + after, "utf-8")


if __name__ == "__main__":
    main()
