"""Behind a trusted proxy, the caller's own address is recorded and counted."""

from pathlib import Path

from tests.e2e import stores
from tests.e2e.running import running
from tests.e2e.test_secrets_api import create, problem

ENV = {
    "STRONGROOM_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8",
    "STRONGROOM_RATE_LIMIT_PER_ADDRESS": "1",
}


def test_the_callers_own_address_is_recorded_and_counted(data_dir: Path) -> None:
    with running(data_dir, env=ENV) as server:
        number = create(server.client, "n", "v")
        loud = {"x-forwarded-for": "6.6.6.6, 198.51.100.7, 10.0.0.9"}
        path = f"/api/secrets/{number}/decrypt"
        answers = [server.client.get(path, headers=loud) for _ in range(11)]
        assert [answer.status_code for answer in answers] == [200] * 10 + [429]
        problem(answers[-1], 429)
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 10
        assert server.client.get("/health/live", headers=loud).is_success
        quiet = {"x-forwarded-for": "198.51.100.8"}
        assert server.client.get(path, headers=quiet).is_success
    rows = stores.execute(data_dir, "SELECT DISTINCT address FROM audit_entries")
    assert {address for (address,) in rows} >= {"127.0.0.1", "198.51.100.7", "198.51.100.8"}
    assert "6.6.6.6" not in {address for (address,) in rows}
