"""The secrets, put together."""

from collections.abc import Mapping
from typing import Any

from application.gate import Gate
from application.keys.sealer import Sealer
from application.secrets.create_secret import CreateSecret, CreateSecretUseCase
from application.secrets.delete_secret import DeleteSecret, DeleteSecretUseCase
from application.secrets.destroy_version import DestroyVersion, DestroyVersionUseCase
from application.secrets.empty_bin import EmptyBin
from application.secrets.list_secrets import ListSecrets, ListSecretsUseCase
from application.secrets.list_versions import ListVersions, ListVersionsUseCase
from application.secrets.purge_secret import PurgeSecret, PurgeSecretUseCase
from application.secrets.read_secret import ReadSecret, ReadSecretUseCase
from application.secrets.restore_secret import RestoreSecret, RestoreSecretUseCase
from application.secrets.restore_version import RestoreVersion, RestoreVersionUseCase
from application.secrets.reveal_secret import RevealSecret, RevealSecretUseCase
from application.secrets.update_secret import UpdateSecret, UpdateSecretUseCase
from application.use_case import UseCase
from domain.ports.clock import Clock
from domain.ports.randomness import Randomness
from domain.ports.storage import Storage


def secrets_use_cases(
    sealer: Sealer, clock: Clock, randomness: Randomness
) -> Mapping[type, UseCase[Any, Any]]:
    """Return the use cases by command."""
    return {
        CreateSecret: CreateSecretUseCase(sealer=sealer, clock=clock, randomness=randomness),
        ReadSecret: ReadSecretUseCase(),
        RevealSecret: RevealSecretUseCase(sealer=sealer, clock=clock),
        ListSecrets: ListSecretsUseCase(),
        UpdateSecret: UpdateSecretUseCase(sealer=sealer, clock=clock, randomness=randomness),
        DeleteSecret: DeleteSecretUseCase(clock=clock),
        PurgeSecret: PurgeSecretUseCase(),
        RestoreSecret: RestoreSecretUseCase(clock=clock),
        ListVersions: ListVersionsUseCase(),
        RestoreVersion: RestoreVersionUseCase(sealer=sealer, clock=clock),
        DestroyVersion: DestroyVersionUseCase(clock=clock),
    }


def build_empty_bin(gate: Gate, storage: Storage, clock: Clock) -> EmptyBin:
    """Return what empties the recycle bin."""
    return EmptyBin(gate=gate, storage=storage, clock=clock)
