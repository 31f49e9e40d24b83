"""Every way in which a signed token can be wrong, and the few in which it is right."""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.jwt import issuer as inside
from adapters.jwt.issuer_keys import IssuerKeys, KeysAway
from adapters.jwt.key_set import MAX_KEYS, KeySet, read_key_set
from adapters.jwt.strict_json import NotReadable
from adapters.jwt.verifier import JwtVerifier
from domain.access.identity import MAX_SUBJECT
from domain.access.signed_token import SignedToken
from domain.errors import Cause, Unauthenticated
from tests.fakes import FixedClock
from tests.issuing import (
    AUDIENCE,
    CLAIMS,
    ISSUER,
    NOW,
    Issuer,
    b64,
    joined,
    number,
    public_jwk,
    signature,
)

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
US = Issuer()
RSA_US = Issuer(RSA, "RS256", "rsa")


class KnownKeys(IssuerKeys):
    """Keys that are at hand."""

    def __init__(self, *members: dict[str, Any]) -> None:
        self.away = False
        self.looked = 0
        self.change(*members)

    def change(self, *members: dict[str, Any]) -> None:
        self.keys = read_key_set(json.dumps({"keys": members}).encode())

    def current(self) -> KeySet:
        if self.away:
            raise KeysAway
        return self.keys

    def look_again(self) -> None:
        self.looked += 1


def issuer(keys: IssuerKeys | None = None, **changes: Any) -> inside.Issuer:
    """Return an issuer with two keys."""
    made = inside.Issuer(
        name="ours",
        issuer=ISSUER,
        audience=AUDIENCE,
        algorithms=frozenset({"ES256", "RS256"}),
        max_age=3600,
        leeway=30,
        typ="",
        required={},
        keys=keys or KnownKeys(US.jwk, RSA_US.jwk),
    )
    return replace(made, **changes)


def verifier(*issuers: inside.Issuer, clock: FixedClock | None = None) -> JwtVerifier:
    return JwtVerifier(issuers or (issuer(),), clock=clock or FixedClock(), remembered=3)


def cause(text: str, *issuers: inside.Issuer) -> str:
    """Return why a token is refused."""
    with pytest.raises(Unauthenticated) as caught:
        verifier(*issuers).verify(SignedToken(text))
    return caught.value.reason


def test_a_token_that_counts_tells_who_is_vouched_for() -> None:
    identity = verifier().verify(US.token())
    assert identity.principal == "jwt:ours:repo:acme/shop:ref:refs/heads/main"
    assert identity.texts["repository",] == "acme/shop"
    assert int(identity.expires_at.timestamp()) == CLAIMS["exp"]


def both(r: int, s: int) -> bytes:
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def es256(signed: bytes) -> bytes:
    return signature(US.key, "ES256", signed)


def der(signed: bytes) -> bytes:
    raw = es256(signed)
    return encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))


def hmac_with_public_key(form: PublicFormat, encoding: Encoding) -> Callable[[bytes], bytes]:
    secret = RSA.public_key().public_bytes(encoding, form)
    return lambda signed: hmac.digest(secret, signed, hashlib.sha256)


HEADER = {"alg": "ES256", "typ": "JWT", "kid": "one"}
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
STRANGER = Issuer()
THEIRS = Issuer(kid="theirs")
STRANGE: Callable[[bytes], bytes] = lambda signed: signature(STRANGER.key, "ES256", signed)  # noqa: E731
NOTHING: Callable[[bytes], bytes] = lambda _: b""  # noqa: E731  one of many

ALG = "the token is not signed with an algorithm of the settings"
SIGNATURE = "the signature of the token is not of its issuer"
NO_KEY = "the issuer has no key that the token could mean"
NO_ISSUER = "the issuer of the token is not one of the settings"
AUDIENCE_CAUSE = "the token is for another audience"
EXPIRED = "the token has expired"
NOT_YET = "the token does not count yet"
TOO_OLD = "the token is older than the settings allow"
SUBJECT = f"the token has no subject of 1 to {MAX_SUBJECT} characters"
HIDDEN = "the subject of the token has characters that nobody sees"
TYPE = "the token is of another type"
EXTENSION = "the token wants an extension to be understood"
SHORT_TEXT = "the header of the token has something that is no short text"
NO_UNICODE = "a claim of the token is no Unicode"
BAD_HEADER = "the header of the token: is no JSON, or has a name twice"
BAD_CLAIMS = "the claims of the token: is no JSON, or has a name twice"
NO_OBJECT = "the claims of the token: is no JSON object"


def twice(name: str, first: Any, second: Any) -> str:
    """Return claims in which a name stands twice."""
    text = json.dumps({**CLAIMS, name: first})
    return f'{text[:-1]}, "{name}": {json.dumps(second)}}}'


def changed(place: int, text: str | None = None) -> str:
    """Return a token that counts with one of its parts changed."""
    parts = US.text().split(".")
    parts[place] = (
        text if text is not None else ("AA", "BB")[parts[place][:2] == "AA"] + parts[place][2:]
    )
    return ".".join(parts)


FORGED: dict[str, tuple[str, str]] = {
    "no algorithm at all": (joined({"alg": "none"}, CLAIMS, NOTHING), ALG),
    "none in other letters": (joined({"alg": "nOnE", "kid": "one"}, CLAIMS, NOTHING), ALG),
    "none with the signature of another": (joined({"alg": "none"}, CLAIMS, es256), ALG),
    "no algorithm named": (US.text(header={"alg": None}), ALG),
    "an algorithm that is no text": (US.text(header={"alg": ["ES256"]}), SHORT_TEXT),
    "an algorithm that is off the list": (
        Issuer(RSA, "RS512", "rsa").text(),
        ALG,
    ),
    "an empty signature": (joined(HEADER, CLAIMS, NOTHING), SIGNATURE),
    "HMAC with the public key as PEM": (
        joined(
            {"alg": "HS256", "kid": "rsa"},
            CLAIMS,
            hmac_with_public_key(PublicFormat.SubjectPublicKeyInfo, Encoding.PEM),
        ),
        ALG,
    ),
    "HMAC with the public key as DER": (
        joined(
            {"alg": "HS256", "kid": "rsa"},
            CLAIMS,
            hmac_with_public_key(PublicFormat.PKCS1, Encoding.DER),
        ),
        ALG,
    ),
    "HMAC under the name of RSA": (
        joined(
            {"alg": "RS256", "kid": "rsa"},
            CLAIMS,
            hmac_with_public_key(PublicFormat.SubjectPublicKeyInfo, Encoding.PEM),
        ),
        SIGNATURE,
    ),
    "RSA for an elliptic key": (joined({"alg": "RS256", "kid": "one"}, CLAIMS, es256), NO_KEY),
    "an elliptic curve for an RSA key": (
        joined({"alg": "ES256", "kid": "rsa"}, CLAIMS, es256),
        NO_KEY,
    ),
    "a stranger's signature under our key id": (STRANGER.text(), SIGNATURE),
    "a stranger's key id": (THEIRS.text(), NO_KEY),
    "a key id that is a path": (US.text(header={"kid": "../../dev/null"}), NO_KEY),
    "a key id that is no text": (US.text(header={"kid": 1}), SHORT_TEXT),
    "a key id without an end": (US.text(header={"kid": "x" * 256}), SHORT_TEXT),
    "a key of its own": (
        joined({**HEADER, "jwk": STRANGER.jwk}, CLAIMS, STRANGE),
        SIGNATURE,
    ),
    "a key of its own and no other": (
        joined(
            {"alg": "ES256", "kid": "mine", "jwk": STRANGER.jwk, "jku": "http://127.0.0.1/"},
            CLAIMS,
            STRANGE,
        ),
        NO_KEY,
    ),
    "a place of its own for keys": (
        joined(
            {**HEADER, "jku": "http://127.0.0.1:1/keys", "x5u": "http://127.0.0.1:1/"},
            CLAIMS,
            STRANGE,
        ),
        SIGNATURE,
    ),
    "an extension that must be understood": (US.text(header={"crit": ["exp"]}), EXTENSION),
    "an empty list of extensions": (US.text(header={"crit": []}), EXTENSION),
    "claims that are not encoded": (US.text(header={"b64": False, "crit": ["b64"]}), EXTENSION),
    "claims that are, it says, encoded": (US.text(header={"b64": True}), EXTENSION),
    "an ID of another kind": (US.text(header={"typ": "logout+jwt"}), TYPE),
    "a proof instead of a token": (US.text(header={"typ": "dpop+jwt"}), TYPE),
    "a type that is no text": (US.text(header={"typ": 1}), SHORT_TEXT),
    "a signature in DER": (joined(HEADER, CLAIMS, der), SIGNATURE),
    "a signature of zeros": (joined(HEADER, CLAIMS, lambda _: bytes(64)), SIGNATURE),
    "r and s of the group's order": (
        joined(HEADER, CLAIMS, lambda _: both(ORDER, ORDER)),
        SIGNATURE,
    ),
    "a signature and a byte": (joined(HEADER, CLAIMS, lambda s: es256(s) + b"\0"), SIGNATURE),
    "a signature without a byte": (joined(HEADER, CLAIMS, lambda s: es256(s)[:-1]), SIGNATURE),
    "a changed signature": (changed(2), SIGNATURE),
    "a changed claim": (changed(1, b64(json.dumps({**CLAIMS, "ref": "x"}).encode())), SIGNATURE),
    "a changed header": (changed(0, b64(json.dumps({**HEADER, "x": 1}).encode())), SIGNATURE),
    "another issuer": (US.text({"iss": "https://issuer.example.com"}), NO_ISSUER),
    "an issuer with a slash more": (US.text({"iss": ISSUER + "/"}), NO_ISSUER),
    "an issuer in other letters": (US.text({"iss": ISSUER.upper()}), NO_ISSUER),
    "several issuers": (US.text({"iss": [ISSUER]}), NO_ISSUER),
    "no issuer": (US.text({"iss": None}), NO_ISSUER),
    "another audience": (US.text({"aud": "https://github.com/acme"}), AUDIENCE_CAUSE),
    "an audience that begins like ours": (US.text({"aud": AUDIENCE + ".evil.org"}), AUDIENCE_CAUSE),
    "audiences without ours": (US.text({"aud": ["a", "b"]}), AUDIENCE_CAUSE),
    "audiences within audiences": (US.text({"aud": [[AUDIENCE]]}), AUDIENCE_CAUSE),
    "an audience as a name": (US.text({"aud": {AUDIENCE: 1}}), AUDIENCE_CAUSE),
    "no audience": (US.text({"aud": None}), AUDIENCE_CAUSE),
    "expired": (US.text({"exp": NOW - 30}), EXPIRED),
    "expired long before it was issued": (US.text({"exp": 0}), EXPIRED),
    "no end": (US.text({"exp": None}), "the token has no number as 'exp'"),
    "an end that is text": (US.text({"exp": str(NOW + 60)}), "the token has no number as 'exp'"),
    "an end that is true": (US.text({"exp": True}), "the token has no number as 'exp'"),
    "an end without an end": (
        joined(HEADER, json.dumps({**CLAIMS, "exp": "END"}).replace('"END"', "1e999"), es256),
        "the token has no number as 'exp'",
    ),
    "an end that is a number of 400 digits": (
        US.text({"exp": 10**400}),
        "the token has no number as 'exp'",
    ),
    "an end that is not a number": (
        joined(HEADER, json.dumps({**CLAIMS, "exp": "END"}).replace('"END"', "NaN"), es256),
        BAD_CLAIMS,
    ),
    "not yet": (US.text({"nbf": NOW + 31}), NOT_YET),
    "a beginning that is text": (US.text({"nbf": "0"}), "the token has no number as 'nbf'"),
    "issued in the future": (US.text({"iat": NOW + 31}), NOT_YET),
    "issued never": (US.text({"iat": None}), "the token has no number as 'iat'"),
    "too old": (US.text({"iat": NOW - 3630, "nbf": NOW - 3630}), TOO_OLD),
    "too old, and good for years": (US.text({"iat": NOW - 4000, "exp": NOW + 10**9}), TOO_OLD),
    "no subject": (US.text({"sub": None}), SUBJECT),
    "an empty subject": (US.text({"sub": ""}), SUBJECT),
    "a subject that is a number": (US.text({"sub": 7}), SUBJECT),
    "a subject without an end": (US.text({"sub": "x" * (MAX_SUBJECT + 1)}), SUBJECT),
    "a subject of two lines": (US.text({"sub": "a\nb"}), HIDDEN),
    "a subject that nobody sees": (US.text({"sub": "a\u200bb"}), HIDDEN),
    "a subject that is half a character": (
        US.text({"sub": "\ud83d"}),
        NO_UNICODE,
    ),
    "a claim that is half a character": (US.text({"x": "\ud83d"}), NO_UNICODE),
    "a name that is half a character": (
        US.text({"\ud83d": "x"}),
        NO_UNICODE,
    ),
    "a claim twice": (joined(HEADER, twice("sub", "a", "b"), es256), BAD_CLAIMS),
    "an audience twice": (joined(HEADER, twice("aud", "other", AUDIENCE), es256), BAD_CLAIMS),
    "a claim within a claim twice": (
        joined(HEADER, json.dumps(CLAIMS)[:-1] + ', "k": {"a": "x", "a": "y"}}', es256),
        BAD_CLAIMS,
    ),
    "an algorithm twice": (
        joined('{"alg": "none", "alg": "ES256", "kid": "one"}', CLAIMS, es256),
        BAD_HEADER,
    ),
    "claims that are a list": (joined(HEADER, [CLAIMS], es256), NO_OBJECT),
    "claims that are text": (joined(HEADER, json.dumps("x"), es256), NO_OBJECT),
    "claims that are no JSON": (joined(HEADER, "{", es256), BAD_CLAIMS),
    "claims in another encoding": (
        f"{b64(json.dumps(HEADER).encode())}.{b64(json.dumps(CLAIMS).encode('utf-16'))}.AAAA",
        BAD_CLAIMS,
    ),
    "claims behind claims": (joined(HEADER, json.dumps(CLAIMS) + "{}", es256), BAD_CLAIMS),
    "claims as deep as a well": (joined(HEADER, "[" * 9000, es256), BAD_CLAIMS),
    "claims as wide as a field": (
        US.text({f"c{n}": "x" for n in range(253)}),
        "the token has more than 256 claims",
    ),
    "a header as long as a book": (
        US.text(header={"x5c": ["A" * 4096]}),
        "the header of the token is too long",
    ),
    "a header that is a list": (
        joined([HEADER], CLAIMS, es256),
        "the header of the token: is no JSON object",
    ),
    "a header with padding": (
        "=." + US.text().partition(".")[2],
        "the header of the token is not base64url",
    ),
    "a number in plain words": (
        joined(HEADER, json.dumps(CLAIMS)[:-1] + ', "x": 1' + "0" * 5000 + "}", es256),
        BAD_CLAIMS,
    ),
}


@pytest.mark.parametrize(("text", "why"), FORGED.values(), ids=FORGED)
def test_a_forged_token_counts_for_nothing(text: str, why: str) -> None:
    assert cause(text) == why


def test_a_signature_has_one_spelling() -> None:
    text = US.text()
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = digits.index(text[-1])
    # 64 bytes fill their last digit by four of its six bits.
    others = [text[:-1] + digit for place, digit in enumerate(digits) if place != last]
    assert all(
        cause(other) in {SIGNATURE, "the signature of the token is not base64url"}
        for other in others
    )


def test_the_other_s_of_a_signature_proves_the_same() -> None:
    """ECDSA has two for each message; a token is no name for anything, so neither is refused."""

    def mirrored(signed: bytes) -> bytes:
        raw = es256(signed)
        return both(int.from_bytes(raw[:32], "big"), ORDER - int.from_bytes(raw[32:], "big"))

    assert verifier().verify(SignedToken(joined(HEADER, CLAIMS, mirrored))).issuer == "ours"


@pytest.mark.parametrize(
    ("key", "alg"),
    [
        (RSA, "RS256"), (RSA, "RS384"), (RSA, "RS512"),
        (RSA, "PS256"), (RSA, "PS384"), (RSA, "PS512"),
        (ec.generate_private_key(ec.SECP256R1()), "ES256"),
        (ec.generate_private_key(ec.SECP384R1()), "ES384"),
        (ec.generate_private_key(ec.SECP521R1()), "ES512"),
        (ed25519.Ed25519PrivateKey.generate(), "EdDSA"),
        (ed25519.Ed25519PrivateKey.generate(), "Ed25519"),
    ],
)  # fmt: skip
def test_every_algorithm_of_the_settings_is_verified(key: Any, alg: str) -> None:
    one = Issuer(key, alg)
    ours = issuer(KnownKeys(one.jwk), algorithms=frozenset({alg}))
    assert verifier(ours).verify(one.token()).issuer == "ours"
    damaged = one.text()[:-8] + "AAAAAAAA"
    assert cause(damaged, ours) == SIGNATURE
    off = issuer(KnownKeys(one.jwk), algorithms=frozenset({"ES256", "RS256"} - {alg}))
    assert cause(one.text(), off) == ALG


@pytest.mark.parametrize(
    "header",
    [
        {"typ": None}, {"typ": "JWT"}, {"typ": "jwt"}, {"typ": "at+jwt"},
        {"typ": "application/at+JWT"}, {"kid": None}, {"x": {"y": [1]}}, {"x5t": "AAAA"},
        {"jwk": STRANGER.jwk, "jku": "http://127.0.0.1/", "x5u": "x", "x5c": ["x"]},
    ],
)  # fmt: skip
def test_headers_that_do_not_matter(header: Mapping[str, Any]) -> None:
    assert verifier().verify(US.token(header=header)).issuer == "ours"


def test_an_issuer_may_have_to_say_the_type() -> None:
    access_only = issuer(typ="at+jwt")
    assert cause(US.text(), access_only) == TYPE
    assert cause(US.text(header={"typ": None}), access_only) == TYPE
    assert verifier(access_only).verify(US.token(header={"typ": "at+JWT"})).issuer == "ours"


def test_the_leeway_is_as_long_as_it_says() -> None:
    for claims in (
        {"exp": NOW - 29}, {"nbf": NOW + 30}, {"iat": NOW + 30},
        {"iat": NOW - 3629, "nbf": None}, {"aud": ["a", AUDIENCE]}, {"exp": NOW + 60.5},
    ):  # fmt: skip
        assert verifier().verify(US.token(claims)).issuer == "ours"


def test_a_token_without_a_key_id_means_the_only_key() -> None:
    two = Issuer(kid="two")
    keys = KnownKeys(US.jwk, two.jwk)
    assert cause(US.text(header={"kid": None}), issuer(keys)) == NO_KEY
    keys.change(US.jwk, RSA_US.jwk)
    assert verifier(issuer(keys)).verify(US.token(header={"kid": None})).issuer == "ours"
    unnamed = {name: value for name, value in US.jwk.items() if name not in {"kid", "alg"}}
    keys.change(unnamed)
    assert verifier(issuer(keys)).verify(US.token(header={"kid": None})).issuer == "ours"
    assert cause(US.text(), issuer(keys)) == NO_KEY
    keys.change(US.jwk, {**two.jwk, "kid": "one"})
    assert cause(US.text(), issuer(keys)) == NO_KEY
    assert keys.looked == 3


WEAK = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505  refused


@pytest.mark.parametrize(
    "member",
    [
        {**US.jwk, "use": "enc"},
        {**US.jwk, "key_ops": ["sign"]},
        {**US.jwk, "key_ops": "verify"},
        {**US.jwk, "alg": "ES384"},
        {**US.jwk, "alg": 1},
        {**US.jwk, "kid": 1},
        {**US.jwk, "kty": "oct"},
        {**US.jwk, "kty": None},
        {**US.jwk, "crv": "P-384"},
        {**US.jwk, "crv": "X25519", "kty": "OKP"},
        {**US.jwk, "x": "AAAA"},
        {**US.jwk, "y": None},
        {**US.jwk, "d": number(US.key.private_numbers().private_value)},  # type: ignore[union-attr]
        {"kty": "oct", "k": "c2VjcmV0", "kid": "one", "alg": "ES256"},
        {"kty": "RSA", "kid": "one"},
        {"kty": "RSA", "kid": "one", "n": 5, "e": "AQAB"},
        public_jwk(WEAK, kid="one"),
        {"kty": "RSA", "kid": "one", "n": number(2**8192), "e": "AQAB"},
        "one", None, 5,
    ],
)  # fmt: skip
def test_a_key_that_is_not_for_us_is_passed_over(member: Any) -> None:
    keys = KnownKeys(member, RSA_US.jwk)
    assert len(keys.keys.keys) == 1 + (member == {**US.jwk, "alg": "ES384"})
    assert cause(US.text(), issuer(keys)) == NO_KEY


@pytest.mark.parametrize(
    "text",
    [b"", b"[]", b"{}", b'{"keys": {}}', b'{"keys": [], "keys": []}', b"\xff",
     json.dumps({"keys": [{}] * (MAX_KEYS + 1)}).encode()],
)  # fmt: skip
def test_what_is_no_set_of_keys_is_refused(text: bytes) -> None:
    with pytest.raises(NotReadable):
        read_key_set(text)


def test_an_empty_set_has_no_keys() -> None:
    assert cause(US.text(), issuer(KnownKeys())) == NO_KEY


def test_without_keys_nobody_is_let_in() -> None:
    keys = KnownKeys(US.jwk)
    checking = verifier(issuer(keys))
    checking.verify(US.token())
    keys.away = True
    with pytest.raises(Unauthenticated) as caught:
        checking.verify(US.token())
    assert caught.value.reason == "the keys of the issuer cannot be had"
    assert caught.value.cause is Cause.ISSUER


def test_what_is_remembered_ends_with_its_time_and_with_its_key() -> None:
    keys, clock = KnownKeys(US.jwk), FixedClock()
    checking = verifier(issuer(keys), clock=clock)
    token = US.token()
    first = checking.verify(token)
    assert checking.verify(token) is first
    clock.advance(timedelta(seconds=-100))
    with pytest.raises(Unauthenticated):
        checking.verify(token)
    clock.advance(timedelta(seconds=100))
    assert checking.verify(token) is first
    keys.change({**STRANGER.jwk, "kid": "one"})
    with pytest.raises(Unauthenticated):
        checking.verify(token)
    keys.change(US.jwk)
    clock.advance(timedelta(seconds=329))
    assert checking.verify(token) is first
    clock.advance(timedelta(seconds=1))
    with pytest.raises(Unauthenticated) as caught:
        checking.verify(token)
    assert caught.value.reason == EXPIRED
    assert caught.value.cause is Cause.EXPIRED


def test_no_more_is_remembered_than_there_is_room_for() -> None:
    checking = verifier()
    tokens = [US.token({"jti": str(n)}) for n in range(5)]
    first = [checking.verify(token) for token in tokens]
    assert checking.verify(tokens[-1]) is first[-1]
    assert checking.verify(tokens[0]) is not first[0]
    assert len(checking._verified) == 3


def test_issuers_do_not_sign_for_each_other() -> None:
    them = Issuer(kid="one")
    other = issuer(KnownKeys(them.jwk), name="theirs", issuer="https://other.example.org")
    both_of_them = (issuer(), other)
    assert cause(US.text({"iss": "https://other.example.org"}), *both_of_them) == SIGNATURE
    token = them.token({"iss": "https://other.example.org"})
    assert verifier(*both_of_them).verify(token).principal.startswith("jwt:theirs:")


def test_what_the_settings_require_is_asked_of_every_token() -> None:
    ours = issuer(required={("repository_owner",): frozenset({"acme", "acme-labs"})})
    for owner in ("acme", "acme-labs"):
        assert verifier(ours).verify(US.token({"repository_owner": owner})).issuer == "ours"
    for wrong in (None, "evil", "Acme", ["acme"], {"acme": "acme"}, 1):
        with pytest.raises(Unauthenticated) as caught:
            verifier(ours).verify(US.token({"repository_owner": wrong}))
        assert caught.value.reason == "a claim is not what the settings require"
        assert caught.value.principal == "jwt:ours:repo:acme/shop:ref:refs/heads/main"


@settings(max_examples=300)
@given(place=st.integers(0, 400), digit=st.sampled_from("AQgw09-_.=~"))
def test_no_change_of_one_character_counts(place: int, digit: str) -> None:
    text = US.text()
    place %= len(text)
    if text[place] == digit:
        return
    with pytest.raises(Unauthenticated):
        verifier().verify(SignedToken(text[:place] + digit + text[place + 1 :]))


@settings(max_examples=200)
@given(st.text(alphabet="eyA0._-\x00é=", max_size=60))
def test_no_nonsense_does_more_than_be_refused(text: str) -> None:
    token = SignedToken(f"ey{text}")
    if not token.is_well_formed:
        return
    with pytest.raises(Unauthenticated):
        verifier().verify(token)
