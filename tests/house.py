"""The inside, put together for a test around a real store."""

from dataclasses import dataclass, field, replace
from typing import Any
from weakref import WeakSet

from adapters.access.local import LocalPolicy
from adapters.access.tokens import TokenPolicy
from adapters.access.vouched import VouchedPolicy
from adapters.access.ways import ByCredential
from adapters.ciphers import AesGcmCipher, ChaCha20Cipher, FernetCipher
from adapters.key_ring import HkdfKeyRing
from adapters.metrics.unmetered import Unmetered
from adapters.signing.note import NoteSigner, SignedNotes
from adapters.tips.hmac import TipHmac
from adapters.tokens.hmac import HmacTokenHasher
from application.access.create_principal import CreatePrincipal
from application.access.create_token import CreateToken
from application.access.mint_token import Minted, TokenLimits
from application.audit.make_checkpoint import MakeCheckpoint
from application.audit.verify_log import VerifyLog
from application.gate import Gate
from application.keys.prepare_keys import PrepareKeys
from application.keys.reseal_values import ResealValues
from application.keys.rotate_data_key import RotateDataKey
from application.keys.rotate_root_key import RotateRootKey
from application.keys.sealer import Sealer
from application.secrets.create_secret import CreateSecret
from application.turn import Turns
from application.webhooks.announce import Announce
from domain.access.caller import AnyCredential, Caller
from domain.access.client_certificate import ClientCertificate
from domain.access.credential import Credential
from domain.access.principal import PrincipalKind
from domain.access.signed_token import SignedToken
from domain.audit.event import AuditEvent
from domain.keys.data_key import KeyState
from domain.keys.rotation import Rotation
from domain.ports.access_policy import AccessPolicy
from domain.ports.meter import Meter
from domain.ports.root_key_source import RootKeySource
from domain.ports.storage import Storage
from domain.ports.verifier import Verifier
from domain.secrets.name import SecretName
from domain.secrets.secret import Secret
from domain.secrets.value import SecretValue
from domain.webhooks.receiver import Receiver
from entrypoints.container import build_use_cases
from tests.fakes import (
    CALLER,
    CountedPace,
    FixedClock,
    KnownRootKey,
    ListedPolicy,
    SeededRandomness,
    Vouched,
    never,
)

SOMEBODY = Caller(principal="nobody", address="10.0.0.7", request_id="request-2")


_VOUCHED = WeakSet[Storage]()


@dataclass
class House:
    """A gate with everything behind it."""

    storage: Storage
    policy: AccessPolicy = field(default_factory=ListedPolicy)
    clock: FixedClock = field(default_factory=FixedClock)
    randomness: SeededRandomness = field(default_factory=SeededRandomness)
    cipher: str = "fernet"
    ring: HkdfKeyRing | None = None
    holder: str = "this process"
    meter: Meter = field(default_factory=Unmetered)
    source: RootKeySource = field(default_factory=KnownRootKey)
    guarded: bool = False
    served: Any = field(default=None, repr=False, compare=False)
    """The application around it, once somebody has called it through one."""
    receivers: list[Receiver] = field(default_factory=list)
    verifier: Verifier[SignedToken] = field(default_factory=Vouched)
    certificates: Verifier[ClientCertificate] | None = None

    def __post_init__(self) -> None:
        self.announce = Announce(
            receivers=self.receivers, clock=self.clock, randomness=self.randomness
        )
        self.key_ring = self.ring or HkdfKeyRing(
            source=self.source, clock=self.clock, randomness=self.randomness
        )
        self.hasher = HmacTokenHasher(key_ring=self.key_ring)
        self.signer = NoteSigner(key_ring=self.key_ring)
        self.macs = TipHmac(key_ring=self.key_ring)
        # A second house around a store leaves that to the first, whose ring holds the keys.
        if self.storage not in _VOUCHED:
            _VOUCHED.add(self.storage)
            self.storage.vouch_with(self.macs)
        ciphers = (FernetCipher(), AesGcmCipher(), ChaCha20Cipher())
        self.sealer = Sealer(
            key_ring=self.key_ring,
            ciphers={cipher.name: cipher for cipher in ciphers},
            preferred=self.cipher,
        )
        self.turns = Turns(storage=self.storage, clock=self.clock, holder=self.holder)
        self.make_checkpoint = MakeCheckpoint(
            storage=self.storage,
            key_ring=self.key_ring,
            signer=self.signer,
            macs=self.macs,
            clock=self.clock,
            turns=self.turns,
            announce=self.announce,
        )
        self.verify_log = VerifyLog(
            storage=self.storage, signer=self.signer, notes=SignedNotes(), macs=self.macs
        )
        if self.guarded:
            tokens = TokenPolicy(hasher=self.hasher, key_ring=self.key_ring, clock=self.clock)
            workloads = VouchedPolicy(SignedToken, verifier=self.verifier, called="token")
            ways: dict[type[AnyCredential], AccessPolicy] = {
                Credential: tokens,
                SignedToken: workloads,
            }
            if self.certificates is not None:
                ways[ClientCertificate] = VouchedPolicy(
                    ClientCertificate, verifier=self.certificates, called="certificate"
                )
            self.policy = ByCredential(ways)
        self.gate = self._gate(self.policy)
        # What the server does by itself; in a house without a door it goes the way of the tests.
        self.own_gate = self._gate(LocalPolicy()) if self.guarded else self.gate
        self.prepare_keys = PrepareKeys(
            storage=self.storage,
            wrapper=self.key_ring,
            sealer=self.sealer,
            clock=self.clock,
            source=self.source,
            macs=self.macs,
        )

        self.rotate_data_key = RotateDataKey(
            gate=self.own_gate, storage=self.storage, key_ring=self.key_ring, wrapper=self.key_ring
        )
        self.rotate_root_key = RotateRootKey(
            gate=self.own_gate, wrapper=self.key_ring, source=self.source, clock=self.clock
        )
        self.pace = CountedPace()
        self.reseal_values = ResealValues(
            gate=self.own_gate,
            storage=self.storage,
            key_ring=self.key_ring,
            sealer=self.sealer,
            turns=self.turns,
            pace=self.pace,
            batch=3,
        )

    def _gate(self, policy: AccessPolicy) -> Gate:
        """Return a gate with a policy."""
        return Gate(
            storage=self.storage,
            policy=policy,
            clock=self.clock,
            meter=self.meter,
            use_cases=build_use_cases(
                self.sealer,
                self.clock,
                self.randomness,
                self.key_ring,
                self.signer,
                self.hasher,
                self.announce,
                issuers=("github", "gitlab"),
            ),
        )

    def opened(self) -> "House":
        """Get the keys ready, as the start of a server does."""
        self.prepare_keys(CALLER, adopts=True)
        return self

    def rotated(self) -> Rotation:
        """Rotate the data key, to the end."""
        self.rotate_data_key(CALLER)
        ended = self.reseal_values(CALLER, never)
        assert ended is not None
        return ended

    def retired_key(self) -> str:
        """Return the id of the newest retired key."""
        keys = self.storage.read(lambda s: s.data_keys.all()).result()
        return [key.id for key in keys if key.state is KeyState.RETIRED][-1]

    def run(self, command: object) -> Any:
        """Run a command through the gate."""
        return self.gate.run(CALLER, command)

    def run_as(self, credential: AnyCredential | None, command: object) -> Any:
        """Run a command for whoever shows a credential."""
        return self.gate.run(replace(SOMEBODY, credential=credential), command)

    def run_within(self, command: object) -> Any:
        """Run a command as the server itself."""
        return self.own_gate.run(CALLER, command)

    def token(self, principal: str, *roles: str, **limits: Any) -> Credential:
        """Return a token of a principal, which is taken in when it is not there yet."""
        if self.storage.read(lambda s: s.principals.find(principal)).result() is None:
            kind = PrincipalKind.SERVICE
            self.run_within(CreatePrincipal(name=principal, kind=kind, roles=roles))
        command = CreateToken(principal=principal, limits=TokenLimits(**limits))
        minted: Minted = self.run_within(command)
        return minted.credential

    def create(self, name: str = "a/name", value: str = "value", **more: Any) -> Secret:
        """Create a secret."""
        created: Secret = self.run_within(
            CreateSecret(name=SecretName(name), value=SecretValue(value), **more)
        )
        return created

    def events(self) -> list[AuditEvent]:
        """Return everything in the audit log."""
        entries = self.storage.read(lambda s: s.audit.entries(after=0, limit=100_000)).result()
        return [entry.event for entry in entries]
