"""Has pytest show what was compared in the contract kit, too."""

import pytest

pytest.register_assert_rewrite("adapters.testing")
