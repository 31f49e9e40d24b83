import copy
import pickle
import traceback

import pytest

from application.secrets.create_secret import CreateSecret
from domain.errors import InvalidInput
from domain.secrets.name import SecretName
from domain.secrets.value import MAX_BYTES, SecretValue

SHOUT = "unmistakable"


def test_a_value_gives_itself_away_only_when_asked() -> None:
    value = SecretValue(SHOUT)
    command = CreateSecret(name=SecretName("n"), value=value)
    for shown in (repr(value), str(value), f"{value}", f"{value!r}", repr(command), repr([value])):
        assert SHOUT not in shown
    assert value.reveal() == SHOUT


def test_a_value_is_not_pickled_or_copied() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(SecretValue(SHOUT))
    with pytest.raises(TypeError):
        copy.deepcopy(SecretValue(SHOUT))


def test_a_traceback_with_locals_does_not_show_a_value() -> None:
    def fails(value: SecretValue) -> None:
        raise RuntimeError(repr(value))

    try:
        fails(SecretValue(SHOUT))
    except RuntimeError as error:
        report = traceback.TracebackException.from_exception(error, capture_locals=True)
        # `SHOUT` itself is a global of this module, so only the frame of `fails` counts.
        report.stack = traceback.StackSummary.from_list(report.stack[-1:])
        assert SHOUT not in "".join(report.format()).replace("SHOUT", "")


def test_values_are_compared_by_text() -> None:
    assert SecretValue("a") == SecretValue("a")
    assert SecretValue("a") != SecretValue("b")
    assert SecretValue("a") != "a"
    assert len({SecretValue("a"), SecretValue("a")}) == 1


@pytest.mark.parametrize("text", ["x", "\x00", "🗝" * (MAX_BYTES // 4), "x" * MAX_BYTES])
def test_a_value_within_bounds_is_taken(text: str) -> None:
    assert SecretValue.accept(text).reveal() == text


@pytest.mark.parametrize(
    "text",
    ["", "\ud800", "x" * (MAX_BYTES + 1), "🗝" * (MAX_BYTES // 4) + "x"],
    ids=["empty", "a lone surrogate", "one byte too long", "too long only in UTF-8"],
)
def test_a_value_out_of_bounds_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        SecretValue.accept(text)
    assert len(str(caught.value)) < 100
