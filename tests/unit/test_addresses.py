"""Where a request comes from, whatever it says of itself."""

import pytest

from adapters.http.addresses import MAX_HOPS, Addresses, neighbourhood, networks

PROXIES = networks(["10.0.0.0/8", "2001:db8:1::/48"])

CASES = {
    "no proxy is trusted, so the header is air": ((), "10.0.0.1", ["1.1.1.1"], "10.0.0.1"),
    "a stranger speaks of another": (PROXIES, "9.9.9.9", ["1.1.1.1"], "9.9.9.9"),
    "a proxy tells": (PROXIES, "10.0.0.1", ["1.1.1.1"], "1.1.1.1"),
    "a proxy appends to what the caller made up": (
        PROXIES, "10.0.0.1", ["6.6.6.6, 1.1.1.1"], "1.1.1.1",
    ),
    "two proxies in a row": (PROXIES, "10.0.0.1", ["6.6.6.6, 1.1.1.1, 10.0.0.2"], "1.1.1.1"),
    "two headers are one list": (PROXIES, "10.0.0.1", ["6.6.6.6", "1.1.1.1, 10.0.0.2"], "1.1.1.1"),
    "a caller who calls itself a proxy": (
        PROXIES, "10.0.0.1", ["10.9.9.9, 1.1.1.1"], "1.1.1.1",
    ),
    "proxies only": (PROXIES, "10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
    "no header": (PROXIES, "10.0.0.1", [], "10.0.0.1"),
    "nonsense": (PROXIES, "10.0.0.1", ["1.1.1.1, unknown"], "10.0.0.1"),
    "nonsense before a proxy": (PROXIES, "10.0.0.1", ["<script>, 10.0.0.2"], "10.0.0.2"),
    "an empty header": (PROXIES, "10.0.0.1", [""], "10.0.0.1"),
    "ports": (PROXIES, "10.0.0.1", ["1.1.1.1:4711"], "1.1.1.1"),
    "IPv6 with a port": (PROXIES, "2001:db8:1::1", ["[2001:db8:2::1]:443"], "2001:db8:2::1"),
    "IPv4 in the form of IPv6": (PROXIES, "::ffff:10.0.0.1", ["::ffff:1.1.1.1"], "1.1.1.1"),
    "more hops than are looked at": (
        PROXIES, "10.0.0.1", [", ".join(["1.1.1.1", *["10.0.0.2"] * MAX_HOPS])], "10.0.0.2",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("trusted", "peer", "headers", "found"), CASES.values(), ids=CASES.keys())
def test_the_address_is_the_nearest_that_is_no_trusted_proxy(
    trusted: tuple[object, ...], peer: str, headers: list[str], found: str
) -> None:
    scope = {
        "client": (peer, 1),
        "headers": [(b"x-forwarded-for", value.encode()) for value in headers],
    }
    assert Addresses(trusted).of(scope) == found  # type: ignore[arg-type]


def test_a_connection_without_an_address_has_none() -> None:
    assert Addresses(()).of({"headers": []}) == "-"


@pytest.mark.parametrize(
    ("address", "together"),
    [
        ("1.1.1.1", "1.1.1.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::2", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("-", "-"),
    ],
)
def test_one_users_addresses_are_counted_together(address: str, together: str) -> None:
    assert neighbourhood(address) == together


@pytest.mark.parametrize("text", ["10.0.0.1/8", "proxy.example", ""])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  the library's own words are not ours
        networks([text])
