import os
import sys

import pytest
from hypothesis import settings

# The tests start hundreds of processes, and where the machine forbids Python to keep what it has
# compiled, each compiles every library anew: that takes longer than all the rest.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

pytest_plugins = ["tests.postgresql"]

pytest.register_assert_rewrite("adapters.testing", "tests.e2e.running")

# The same examples every time, so that a red run can be looked at; no limit on time, because a
# busy machine is no defect.
settings.register_profile("strongroom", derandomize=True, deadline=None)
settings.load_profile("strongroom")
