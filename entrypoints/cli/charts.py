"""Small charts for a terminal."""

from collections.abc import Sequence

_LEVELS = "▁▂▃▄▅▆▇█"
_PARTS = " ▏▎▍▌▋▊▉█"


def sparkline(numbers: Sequence[int]) -> str:
    """Return one sign for each number: the lowest for what is there at all, a blank for nothing."""
    most = max(numbers, default=0)
    return "".join(_LEVELS[(n * len(_LEVELS) - 1) // most] if n else " " for n in numbers)


def bar(number: int, *, most: int, width: int) -> str:
    """Return a bar whose length is to `width` as the number is to `most`."""
    eighths = number * width * 8 // most if most else 0
    whole, rest = divmod(max(eighths, 1 if number else 0), 8)
    return "█" * whole + _PARTS[rest].strip()
