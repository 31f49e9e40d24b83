"""A certificate that a proxy has seen is an identity: verified, bound, and from nobody else."""

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from adapters.certificates.issuer import ISSUER
from adapters.certificates.verifier import ClientCertificates
from adapters.http.addresses import Addresses, networks
from adapters.http.client_certs import ClientCerts
from adapters.http.refusals import HttpRefusal
from adapters.memory import MemoryStorage
from application.access.create_role import CreateRole
from application.access.remove_binding import RemoveBinding
from domain.access.action import Action
from domain.access.claim_binding import ClaimBinding, ClaimCondition
from domain.access.client_certificate import MAX_CERTIFICATE, MAX_CHAIN, ClientCertificate
from domain.access.grant import Effect, Grant
from domain.access.identity import Identity
from domain.access.pattern import NamePattern
from domain.access.role import Role
from domain.errors import Cause, Unauthenticated
from tests.fakes import START, FixedClock
from tests.house import House
from tests.in_process import application, bearer, call

DAY = timedelta(days=1)
CLIENT = [ExtendedKeyUsageOID.CLIENT_AUTH]
SERVER = [ExtendedKeyUsageOID.SERVER_AUTH]


class Authority:
    """Signs certificates as of the tests' time."""

    def __init__(
        self,
        name: str = "root",
        by: "Authority | None" = None,
        path: int = 1,
        *,
        signs: bool = True,
    ) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        signer = by or self
        usage = x509.KeyUsage(
            digital_signature=False, content_commitment=False, key_encipherment=False,
            data_encipherment=False, key_agreement=False, key_cert_sign=signs, crl_sign=True,
            encipher_only=False, decipher_only=False,
        )  # fmt: skip
        self.own = (
            _builder(self.name, signer, self.key.public_key(), START - 9 * DAY, START + 9 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=path), critical=True)
            .add_extension(usage, critical=True)
            .sign(signer.key, hashes.SHA256())
        )

    def issue(
        self,
        *common: str,
        names: Sequence[x509.GeneralName] = (),
        usages: Sequence[x509.ObjectIdentifier] | None = CLIENT,
        begins: datetime = START - DAY,
        ends: datetime = START + DAY,
        ca: bool = False,
        subject: x509.Name | None = None,
    ) -> bytes:
        """Return a certificate in DER."""
        named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one) for one in common])
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(subject or named, self, key.public_key(), begins, ends)
        if names:
            nameless = not (subject or named).rdns
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=nameless)
        if usages is not None:
            builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        if ca:
            builder = builder.add_extension(
                x509.BasicConstraints(ca=True, path_length=0), critical=True
            )
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)

    @property
    def der(self) -> bytes:
        return self.own.public_bytes(Encoding.DER)


def _builder(
    name: x509.Name, signer: Authority, key: Any, begins: datetime, ends: datetime
) -> x509.CertificateBuilder:
    """Begin a certificate."""
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(signer.name)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key()),
            critical=False,
        )
    )


ROOT = Authority()
BETWEEN = Authority("between", by=ROOT, path=0)
STRANGER = Authority()
MUTE = Authority("mute", by=ROOT, path=0, signs=False)


def verified(own: bytes, *chain: bytes, clock: FixedClock | None = None) -> Identity:
    """Verify a certificate against the root."""
    verifier = ClientCertificates([ROOT.own], clock=clock or FixedClock())
    return verifier.verify(ClientCertificate(own, chain))


def texts_of(own: bytes, *chain: bytes) -> dict[str, str]:
    return {path[0]: text for path, text in verified(own, *chain).texts.items()}


def test_a_certificate_says_whom_it_is_for() -> None:
    uri = x509.UniformResourceIdentifier("spiffe://example.org/checkout")
    names = [x509.DNSName("Checkout.Example.ORG"), uri, x509.RFC822Name("ops@example.org")]
    der = ROOT.issue("checkout", names=names)
    identity = verified(der)
    assert identity.principal == "cert:clients:CN=checkout"
    assert identity.expires_at == START + DAY
    found = texts_of(der)
    assert len(found.pop("fingerprint")) == 64
    assert found == {
        "subject": "CN=checkout", "dns": "checkout.example.org", "email": "ops@example.org",
        "uri": "spiffe://example.org/checkout",
    }  # fmt: skip


def test_of_several_names_of_one_kind_none_counts() -> None:
    names = [x509.DNSName("a.example.org"), x509.DNSName("b.example.org")]
    assert set(texts_of(ROOT.issue("c", names=names))) == {"fingerprint", "subject"}


def test_one_without_a_subject_is_called_by_another_name() -> None:
    uri = x509.UniformResourceIdentifier("spiffe://example.org/a")
    assert verified(ROOT.issue(names=[uri])).principal == "cert:clients:uri:spiffe://example.org/a"


def test_what_stands_in_a_subject_cannot_pass_for_more() -> None:
    one, other = verified(ROOT.issue("a,O=Acme")), verified(ROOT.issue("a"))
    assert one.subject == "CN=a\\,O=Acme"
    assert other.subject == "CN=a"


def test_a_chain_is_followed() -> None:
    der = BETWEEN.issue("checkout")
    assert verified(der, BETWEEN.der).subject == "CN=checkout"
    assert verified(der, STRANGER.der, BETWEEN.der, ROOT.der).subject == "CN=checkout"


REFUSED = {
    "of another root with the same name": (STRANGER.issue("c"),),
    "of another root that is sent along": (STRANGER.issue("c"), STRANGER.der),
    "without the one between": (BETWEEN.issue("c"),),
    "that has run out": (ROOT.issue("c", ends=START - timedelta(seconds=1)),),
    "whose time has not come": (ROOT.issue("c", begins=START + timedelta(seconds=1)),),
    "of a server": (ROOT.issue("c", usages=SERVER),),
    "that says not whom it is for": (ROOT.issue("c", usages=None),),
    "for anything": (ROOT.issue("c", usages=[ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]),),
    "of an authority": (ROOT.issue("c", ca=True),),
    "that is the root": (ROOT.der,),
    "that is none": (b"\x30\x03\x02\x01\x01",),
    "with one in its chain that is none": (BETWEEN.issue("c"), b"x", BETWEEN.der),
    "with more behind it": (ROOT.issue("c") + b"\0",),
    "with a signature that was changed": (ROOT.issue("c")[:-1] + b"\0",),
    "with an invisible subject": (ROOT.issue("a\u200bb"),),
    "with a subject too long to be written down": (ROOT.issue(*["x" * 60] * 4),),
    "signed by one whose key is for something else": (
        MUTE.issue("c"), MUTE.der,
    ),
    "signed by one that may sign none": (
        Authority("below", by=BETWEEN).issue("c"), BETWEEN.der, Authority("below", by=BETWEEN).der,
    ),
}  # fmt: skip


@pytest.mark.parametrize("shown", REFUSED.values(), ids=REFUSED)
def test_a_certificate_counts_for_nothing(shown: tuple[bytes, ...]) -> None:
    with pytest.raises(Unauthenticated) as caught:
        verified(*shown)
    assert caught.value.cause is Cause.CERTIFICATE


def test_what_was_good_is_remembered_but_not_beyond_its_time() -> None:
    clock = FixedClock()
    verifier = ClientCertificates([ROOT.own], clock=clock, remembered=1)
    certificate = ClientCertificate(ROOT.issue("c", ends=START + timedelta(hours=1)))
    identity = verifier.verify(certificate)
    assert verifier.verify(certificate) is identity
    verifier.verify(ClientCertificate(ROOT.issue("other")))
    assert verifier.verify(certificate) is not identity
    clock.advance(timedelta(hours=1, seconds=1))
    with pytest.raises(Unauthenticated):
        verifier.verify(certificate)


def test_a_certificate_of_no_size_is_none() -> None:
    assert ClientCertificate(b"x").is_well_formed
    assert not ClientCertificate(b"").is_well_formed
    assert not ClientCertificate(b"x" * (MAX_CERTIFICATE + 1)).is_well_formed
    assert not ClientCertificate(b"x", (b"x",) * (MAX_CHAIN + 1)).is_well_formed
    assert "x" not in repr(ClientCertificate(b"xx")).removeprefix("ClientCertificate")


def sequence(der: bytes) -> str:
    """Write a byte sequence (RFC 8941, section 3.3.5)."""
    return f":{base64.b64encode(der).decode()}:"


def shown(own: bytes, *chain: bytes) -> dict[str, str]:
    """Return what a proxy adds."""
    headers = {"client-cert": sequence(own)}
    return headers | ({"client-cert-chain": ", ".join(map(sequence, chain))} if chain else {})


@pytest.fixture
def house() -> House:
    """A house that believes the root, in which one subject may read what is below `a`."""
    clock = FixedClock()
    house = House(
        MemoryStorage(),
        clock=clock,
        guarded=True,
        certificates=ClientCertificates([ROOT.own], clock=clock),
    ).opened()
    names = (NamePattern("a/**"),)
    grant = Grant(effect=Effect.ALLOW, actions=frozenset({Action.REVEAL}), names=names)
    house.run_within(CreateRole(role=Role(name="checkout", grants=(grant,))))
    binding = ClaimBinding(
        issuer=ISSUER,
        conditions=(ClaimCondition(claim="subject", text="CN=checkout"),),
        roles=("checkout",),
        created_at=START,
        created_by="test",
    )
    house.storage.write(lambda s: s.claim_bindings.add(binding)).result()
    house.create("a/b", "the-value")
    return house


@pytest.fixture
def app(house: House) -> Any:
    return application(house, proxies=["127.0.0.1"])


GOOD = BETWEEN.issue("checkout")
READ = "/api/secrets/name/a/b/decrypt"


def test_whoever_is_named_may_do_what_its_names_are_bound_to(house: House, app: Any) -> None:
    headers = shown(GOOD, BETWEEN.der)
    who = call(house, "GET", "/api/whoami", headers=headers, app=app).json()
    assert who["principal"] == "cert:clients:CN=checkout"
    assert who["token"] is None
    assert who["identity"]["issuer"] == "clients"
    assert [role["name"] for role in who["roles"]] == ["checkout"]
    assert call(house, "GET", READ, headers=headers, app=app).json()["value"] == "the-value"
    assert call(house, "DELETE", "/api/secrets/1", headers=headers, app=app).status_code == 403
    assert {event.principal for event in house.events()[-3:]} == {"cert:clients:CN=checkout"}


def test_a_binding_that_is_gone_lets_nobody_in_any_more(house: House, app: Any) -> None:
    house.run_within(RemoveBinding(number=1))
    assert call(house, "GET", READ, headers=shown(GOOD, BETWEEN.der), app=app).status_code == 401
    assert house.events()[-1].reason == "no binding fits the claims of the certificate"
    assert house.events()[-1].principal == "cert:clients:CN=checkout"


def test_one_that_does_not_count_is_a_401_like_any_other(house: House, app: Any) -> None:
    for own in (STRANGER.issue("checkout"), ROOT.issue("somebody"), b"none"):
        answer = call(house, "GET", READ, headers=shown(own), app=app)
        assert answer.json()["type"] == "urn:strongroom:problem:unauthenticated"
    assert call(house, "GET", READ, app=app).status_code == 401


def test_nobody_but_a_proxy_says_who_it_is(house: House) -> None:
    afar = application(house, proxies=["192.0.2.1"])
    token = bearer(house.token("boss", "administrator"))
    for headers in (shown(GOOD, BETWEEN.der), {**token, "client-cert-chain": ":AA==:"}):
        answer = call(house, "GET", READ, headers=headers, app=afar)
        assert answer.status_code in {400, 401}
        assert "value" not in answer.json()
    forged = {**shown(GOOD, BETWEEN.der), "x-forwarded-for": "192.0.2.1"}
    assert "value" not in call(house, "GET", READ, headers=forged, app=afar).json()


def test_a_server_that_was_not_told_to_passes_it_over() -> None:
    house = House(MemoryStorage(), guarded=True).opened()
    house.create("a/b")
    app = application(house, proxies=["127.0.0.1"])
    assert call(house, "GET", READ, headers=shown(GOOD), app=app).status_code == 401
    headers = shown(GOOD) | bearer(house.token("ci", "reader"))
    assert call(house, "GET", READ, headers=headers, app=app).status_code == 200


def test_who_shows_a_token_gets_no_second_try_by_a_certificate(house: House, app: Any) -> None:
    good = shown(GOOD, BETWEEN.der)
    for name, value in (("authorization", "Bearer srt_none"), ("authorization", "Basic x"),
                        ("authorization", ""), ("x-api-key", "srt_none")):  # fmt: skip
        assert call(house, "GET", READ, headers={**good, name: value}, app=app).status_code == 401
    token = bearer(house.token("ci", "viewer"))
    who = call(house, "GET", "/api/whoami", headers=good | token, app=app).json()
    assert who["principal"] == "ci"


@pytest.mark.parametrize(
    ("page", "status"),
    [
        ({}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"origin": "http://localhost:3000", "sec-fetch-site": "cross-site"}, 200),
        ({"sec-fetch-site": "cross-site"}, 401),
        ({"sec-fetch-site": "same-site"}, 401),
        ({"origin": "https://evil.example"}, 401),
        ({"origin": "null"}, 401),
    ],
)
def test_a_browser_that_adds_it_for_a_foreign_page_is_not_let_in(
    house: House, app: Any, page: dict[str, str], status: int
) -> None:
    answer = call(house, "GET", READ, headers=shown(GOOD, BETWEEN.der) | page, app=app)
    assert answer.status_code == status


HEADERS: dict[str, dict[str, str]] = {
    "bare base64": {"client-cert": base64.b64encode(GOOD).decode()},
    "PEM": {"client-cert": "-----BEGIN CERTIFICATE-----"},
    "a text": {"client-cert": f'"{base64.b64encode(GOOD).decode()}"'},
    "a parameter": {"client-cert": sequence(GOOD) + ";a=1"},
    "two": {"client-cert": sequence(GOOD) + ", " + sequence(GOOD)},
    "no padding": {"client-cert": ":AAAAAA:"},
    "bits after the end": {"client-cert": ":AB==:"},
    "URL-safe letters": {"client-cert": ":-_-_:"},
    "nothing": {"client-cert": ""},
    "a chain alone": {"client-cert-chain": sequence(BETWEEN.der)},
    "an empty chain": {**shown(GOOD), "client-cert-chain": ""},
    "a long chain": shown(GOOD, *[BETWEEN.der] * (MAX_CHAIN + 1)),
}


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
def test_what_is_not_written_as_it_should_be_is_refused(headers: Mapping[str, str]) -> None:
    scope = {"client": ("10.0.0.1", 1)}
    given = {name.encode(): value.encode() for name, value in headers.items()}
    with pytest.raises(HttpRefusal) as caught:
        ClientCerts(Addresses(networks(["10.0.0.0/8"])), []).of(scope, given)
    assert caught.value.status == 400


def test_a_certificate_given_twice_is_refused(house: House, app: Any) -> None:
    token = bearer(house.token("ci", "reader"))["authorization"]
    twice = [("client-cert", sequence(GOOD))] * 2 + [("authorization", token)]
    assert call(house, "GET", READ, headers=twice, app=app).status_code == 400  # type: ignore[arg-type]
