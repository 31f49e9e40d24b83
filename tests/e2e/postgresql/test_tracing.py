"""A reveal is told alike where it is read and written on threads."""

import pytest

from tests.collector import Collector
from tests.e2e.running import running
from tests.e2e.test_tracing import SHAPE, TRACE, asked_by, shape_of, tracing, whole


def test_a_reveal_is_told_step_by_step(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("traced") / "data"
    with Collector().serving() as collector, running(folder, env=tracing(collector)) as server:
        made = server.client.post("/api/secrets", json={"name": "a", "value": "v"}).json()
        address = f"/api/secrets/{made['id']}/decrypt"
        assert server.client.get(address, headers=asked_by(TRACE)).status_code == 200
        spans = whole(collector, TRACE)
        assert shape_of(spans) == SHAPE
        read = next(told for told in spans if told.name == "storage.read")
        assert read.facts["db.system.name"] == "postgresql"
        missing = f"/api/secrets/{made['id'] + 1}"
        assert server.client.get(missing, headers=asked_by("6" * 32)).status_code == 404
        refused = whole(collector, "6" * 32, "GET /api/secrets/{reference}")
        assert [told.name for told in refused].count("storage.write") == 1
