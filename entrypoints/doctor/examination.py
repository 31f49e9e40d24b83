"""All checks, one after another, none of which keeps the others from being done."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from application.health.examine_secrets import Progress
from domain.errors import StrongroomError
from domain.health.finding import Finding, error, note, refusal, warning
from domain.ports.root_key import RootKey
from domain.ports.store import Store, StoreState
from domain.ports.store_examination import StoreExamination
from entrypoints.doctor import folder_check, root_key_check, settings_check
from entrypoints.doctor.inside import Inside
from entrypoints.settings import Settings

T = TypeVar("T")


@dataclass(slots=True)
class Examination:
    """One look at a store and its settings. It reads, and neither writes nor makes anything.

    It goes past the gate and leaves no entry in the audit log: whoever runs it has the rights of
    the store's operator, files and root key included, and it has to work where no entry could be
    written. Values are opened only to see whether they open; what was in them is thrown away.
    """

    environment: Mapping[str, str]
    flags: Mapping[str, Any]
    full: bool
    progress: Progress
    findings: list[Finding] = field(default_factory=list)

    def __call__(self) -> Sequence[Finding]:
        """Look at everything, and return what was found, each once."""
        settings = settings_check.read(self.environment, self.flags, self.findings)
        settings_check.judge(settings, self.findings)
        self._add("folder", lambda: [*folder_check.examine(settings.data_dir)])
        store = settings_check.store_of(settings, self.findings)
        state = None if store is None else self._inspect(store)
        fitting = self._root_key(settings, state)
        if isinstance(store, StoreExamination):
            self._add("schema", lambda: store.examine(full=self.full))
            if state is not None and state.is_current:
                self._look_inside(settings, store, fitting)
        elif store is not None:
            self.findings.append(_UNEXAMINED)
        return list(dict.fromkeys(self.findings))

    def _inspect(self, store: Store) -> StoreState | None:
        """See what stands in the store."""
        state = self._try("schema", store.inspect)
        if state is not None and not state.is_current:
            self.findings.append(_outdated(state))
        return state

    def _root_key(self, settings: Settings, state: StoreState | None) -> RootKey | None:
        """Look at the root key, and return the one that opens the store."""
        source = root_key_check.source_of(settings, self.findings)
        if source is None:
            return None
        return self._try(
            "root_key", lambda: root_key_check.examine(source, state, self.findings)
        )  # fmt: skip

    def _look_inside(
        self, settings: Settings, store: StoreExamination, fitting: RootKey | None
    ) -> None:
        """Look at keys, values, names, the bin and the clock."""
        storage = self._try("schema", store.open_to_look)
        if storage is None:
            return
        inside = Inside(settings, storage, fitting)
        try:
            self._add("keys", inside.keys)
            self._add("audit", inside.tip)
            self._add("values", lambda: inside.secrets(full=self.full, progress=self.progress))
            self._add("bin", inside.bin)
            self._add("backups", inside.backups)
            self._add("clock", inside.clock)
        finally:
            storage.close()

    def _add(self, check: str, look: Callable[[], Sequence[Finding]]) -> None:
        """Do one check."""
        self.findings += self._try(check, look) or ()

    def _try(self, check: str, look: Callable[[], T]) -> T | None:
        """Return what a look gives; `None` when it cannot be done, which is a finding as well."""
        try:
            return look()
        except StrongroomError as cause:
            self.findings.append(refusal(check, cause, mend=_AGAIN))
        except Exception as cause:  # noqa: BLE001  whatever it is, the other checks are done
            # Its words may hold what stands in a row.
            self.findings.append(
                error(check, f"this cannot be looked at ({type(cause).__name__})", _AGAIN)
            )
        return None


_AGAIN = "see to the other findings first, then look again"
_UNEXAMINED = note(
    "schema",
    "the store that 'database_url' names cannot be examined, so its values were not looked at",
    "see what its package offers",
)


def _outdated(state: StoreState) -> Finding:
    """Tell of a store that is not there yet, or of an older form. Its values are not looked at."""
    if state.revision is None:
        return note("schema", "there is no store yet", "strongroom serve makes it")
    if state.of_earlier_backend:
        return note(
            "schema",
            "the store is an earlier backend's; its values are looked at once they are taken over",
            "strongroom serve takes them over, after a copy",
        )
    return warning(
        "schema",
        f"the tables are at {state.revision}, and {state.newest} is the newest; values are looked"
        " at when they are",
        "strongroom db upgrade",
    )
