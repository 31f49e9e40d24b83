"""Small charts, read as people would."""

import pytest

from entrypoints.cli.charts import bar, sparkline


@pytest.mark.parametrize(
    ("numbers", "line"),
    [
        ([], ""),
        ([0, 0], "  "),
        ([1], "█"),
        ([0, 1, 2, 4, 8], " ▁▂▄█"),
        ([1, 1000], "▁█"),
    ],
)
def test_a_line_has_a_sign_for_each_number(numbers: list[int], line: str) -> None:
    assert sparkline(numbers) == line


@pytest.mark.parametrize(
    ("number", "bars"), [(0, ""), (1, "▏"), (50, "█████"), (55, "█████▌"), (100, "██████████")]
)
def test_a_bar_is_as_long_as_its_number(number: int, bars: str) -> None:
    assert bar(number, most=100, width=10) == bars


def test_nothing_has_no_bar() -> None:
    assert bar(0, most=0, width=10) == ""
