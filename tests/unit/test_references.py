from adapters.http.references import absent
from domain.errors import InvalidInput, NotFound
from domain.secrets.reference import ByName


def test_a_name_that_keeps_the_rule_is_simply_not_there() -> None:
    error = NotFound()
    assert absent(ByName("a/b"), error) is error


def test_a_name_that_breaks_the_rule_is_told_so_when_it_is_not_there() -> None:
    assert isinstance(absent(ByName("a//b"), NotFound()), InvalidInput)


def test_a_version_that_is_not_there_is_no_fault_of_the_name() -> None:
    error = NotFound("version")
    assert absent(ByName("a//b"), error) is error
