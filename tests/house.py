"""The inside, put together for a test around a real store."""

from dataclasses import dataclass, field
from typing import Any

from adapters.ciphers import AesGcmCipher, ChaCha20Cipher, FernetCipher
from adapters.key_ring import HkdfKeyRing
from adapters.signing.note import NoteSigner, SignedNotes
from application.audit.make_checkpoint import MakeCheckpoint
from application.audit.verify_log import VerifyLog
from application.gate import Gate
from application.keys.prepare_keys import PrepareKeys
from application.keys.reseal_values import ResealValues
from application.keys.rotate_data_key import RotateDataKey
from application.keys.rotate_root_key import RotateRootKey
from application.keys.sealer import Sealer
from application.secrets.create_secret import CreateSecret
from domain.audit.event import AuditEvent
from domain.keys.data_key import KeyState
from domain.keys.rotation import Rotation
from domain.ports.access_policy import AccessPolicy
from domain.ports.root_key_source import RootKeySource
from domain.ports.storage import Storage
from domain.secrets.name import SecretName
from domain.secrets.secret import Secret
from domain.secrets.value import SecretValue
from entrypoints.container import build_use_cases
from tests.fakes import (
    CALLER,
    CountedPace,
    FixedClock,
    KnownRootKey,
    ListedPolicy,
    SeededRandomness,
    never,
)


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
    source: RootKeySource = field(default_factory=KnownRootKey)

    def __post_init__(self) -> None:
        self.key_ring = self.ring or HkdfKeyRing(
            source=self.source, clock=self.clock, randomness=self.randomness
        )
        self.signer = NoteSigner(key_ring=self.key_ring)
        ciphers = (FernetCipher(), AesGcmCipher(), ChaCha20Cipher())
        self.sealer = Sealer(
            key_ring=self.key_ring,
            ciphers={cipher.name: cipher for cipher in ciphers},
            preferred=self.cipher,
        )
        self.gate = Gate(
            storage=self.storage,
            policy=self.policy,
            clock=self.clock,
            key_ring=self.key_ring,
            use_cases=build_use_cases(
                self.sealer, self.clock, self.randomness, self.key_ring, self.signer
            ),
        )
        self.make_checkpoint = MakeCheckpoint(
            storage=self.storage,
            key_ring=self.key_ring,
            signer=self.signer,
            clock=self.clock,
            holder=self.holder,
        )
        self.verify_log = VerifyLog(storage=self.storage, signer=self.signer, notes=SignedNotes())
        self.prepare_keys = PrepareKeys(
            storage=self.storage,
            wrapper=self.key_ring,
            sealer=self.sealer,
            clock=self.clock,
            source=self.source,
        )

        self.rotate_data_key = RotateDataKey(
            gate=self.gate, storage=self.storage, key_ring=self.key_ring, wrapper=self.key_ring
        )
        self.rotate_root_key = RotateRootKey(
            gate=self.gate, wrapper=self.key_ring, source=self.source, clock=self.clock
        )
        self.pace = CountedPace()
        self.reseal_values = ResealValues(
            gate=self.gate,
            storage=self.storage,
            key_ring=self.key_ring,
            sealer=self.sealer,
            clock=self.clock,
            holder=self.holder,
            pace=self.pace,
            batch=3,
        )

    def opened(self) -> "House":
        """Mint the first data key."""
        self.prepare_keys(CALLER)
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

    def create(self, name: str = "a/name", value: str = "value", **more: Any) -> Secret:
        """Create a secret."""
        created: Secret = self.run(
            CreateSecret(name=SecretName(name), value=SecretValue(value), **more)
        )
        return created

    def events(self) -> list[AuditEvent]:
        """Return everything in the audit log."""
        entries = self.storage.read(lambda s: s.audit.entries(after=0, limit=100_000)).result()
        return [entry.event for entry in entries]
