"""What is found in a moment is used again in it, and never after."""

from domain.ports.moment import Moment


def test_what_is_kept_is_found_for_as_long_as_the_moment_lasts() -> None:
    moment = Moment()
    moment.open()
    moment.keep("key", 1)
    assert moment.find("key") == 1
    assert moment.find("other") is None
    moment.close()
    assert moment.find("key") is None


def test_one_moment_knows_nothing_of_the_one_before() -> None:
    moment = Moment()
    moment.open()
    moment.keep("key", 1)
    moment.open()
    assert moment.find("key") is None


def test_nothing_is_kept_where_there_is_no_moment() -> None:
    moment = Moment()
    moment.keep("key", 1)
    assert moment.find("key") is None
