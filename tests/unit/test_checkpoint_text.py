"""The text of a checkpoint is that of C2SP tlog-checkpoint, and is read strictly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.audit.checkpoint import Claim, checkpoint_text, parse_checkpoint
from domain.audit.merkle import TreeState, leaf_hash
from domain.audit.query import AuditQuery
from domain.errors import Broken, InvalidInput
from tests.fakes import START

ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="


@given(st.integers(0, 40))
def test_what_is_written_is_read(size: int) -> None:
    tree = TreeState().grown([leaf_hash(b"x")] * size)[0]
    text = checkpoint_text("strongroom-1", tree, START)
    assert text.endswith("time 2026-11-23T12:00:00Z\n")
    assert parse_checkpoint(text) == Claim(origin="strongroom-1", size=size, root=tree.root)


def test_the_example_of_the_specification_is_read() -> None:
    claim = parse_checkpoint(f"example.com/behind-the-sofa\n20852163\n{ROOT}\n")
    assert (claim.origin, claim.size) == ("example.com/behind-the-sofa", 20852163)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n1\n",
        f"origin\n1\n{ROOT}",
        f"origin\n01\n{ROOT}\n",
        f"origin\n-1\n{ROOT}\n",
        f"origin\n²\n{ROOT}\n",
        f"\n1\n{ROOT}\n",
        f"origin\n1\n{ROOT}\n\n",
        "origin\n1\nAAAA\n",
        "origin\n1\nnot base64 at all\n",
    ],
)
def test_another_form_is_refused(text: str) -> None:
    with pytest.raises(Broken):
        parse_checkpoint(text)


@pytest.mark.parametrize("bounds", [{"limit": 0}, {"limit": 1001}, {"after": -1}, {"after": 2**63}])
def test_a_query_has_bounds(bounds: dict[str, int]) -> None:
    with pytest.raises(InvalidInput):
        AuditQuery(**bounds)  # type: ignore[arg-type]
