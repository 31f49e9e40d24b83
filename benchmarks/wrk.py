"""Load by `wrk`, where it is installed: it costs the two cores far less than a client in Python."""

import re
import shutil
import subprocess
import tempfile

from benchmarks.load import Measured
from benchmarks.servers import STOCK, Server

_SCRIPT = """
local headers = {{}}
{headers}
local count, unit = 0, {unit}
local value = string.rep("v", 100)
request = function()
  count = count + 1
  local n = count % {stock} + 1
  return wrk.format({request})
end
local bad = 0
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("R %d %d %d %d %d\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), e.status + e.connect + e.read + e.timeout))
end
"""

_REQUESTS = {
    "reveal": '"GET", "/api/secrets/" .. n .. "/decrypt", headers',
    "reveal by name": '"GET", "/api/secrets/name/stock-" .. n .. "/decrypt", headers',
    "metadata": '"GET", "/api/secrets/" .. n, headers',
    "list": '"GET", "/api/secrets?limit=100", headers',
    "create": (
        '"POST", "/api/secrets", headers,'
        ' \'{"name":"new-\' .. unit .. "-" .. count .. \'","value":"\' .. value .. \'"}\''
    ),
    "bulk": (
        '"POST", "/api/secrets/decrypt", headers, \'{"secrets":['
        + ",".join(map(str, range(1, 101)))
        + "]}'"
    ),
}


def is_there() -> bool:
    """Tell whether it is installed."""
    return shutil.which("wrk") is not None


def measure(server: Server, what: str, *, connections: int, seconds: float, unit: int) -> Measured:
    """Load a server for a time; `unit` tells the names of one run from those of another."""
    lines = [f'headers["{name}"] = "{text}"' for name, text in server.headers.items()]
    if what in {"create", "bulk"}:
        lines.append('headers["content-type"] = "application/json"')
    script = _SCRIPT.format(
        headers="\n".join(lines), unit=unit, stock=STOCK, request=_REQUESTS[what]
    )
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        before = server.cpu()
        out = subprocess.run(
            ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "-s", file.name,
             f"http://127.0.0.1:{server.port}"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        used = server.cpu() - before
    found = re.search(r"^R (\d+) (\d+) (\d+) (\d+) (\d+)$", out, re.MULTILINE)
    if found is None:
        raise SystemExit(f"wrk said nothing that can be read:\n{out}")
    requests, duration, p50, p99, errors = map(int, found.groups())
    return Measured(
        per_second=requests / (duration / 1e6),
        p50=p50 / 1000,
        p99=p99 / 1000,
        errors=errors,
        cpu=used / max(requests, 1) * 1e6,
    )
