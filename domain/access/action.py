"""The actions that a policy decides on, one for each use case."""

from enum import Enum


class Action(Enum):
    """What a caller wants to do. The words are stored in the audit log: only ever add to them."""

    CREATE = "secrets.create"
    READ = "secrets.read"
    LIST = "secrets.list"
    REVEAL = "secrets.reveal"
    UPDATE = "secrets.update"
    DELETE = "secrets.delete"
    PURGE = "secrets.purge"
    RESTORE = "secrets.restore"
    LIST_VERSIONS = "secrets.versions.list"
    RESTORE_VERSION = "secrets.versions.restore"
    DESTROY_VERSION = "secrets.versions.destroy"
    ADOPT = "keys.adopt"
    LIST_KEYS = "keys.list"
    START_ROTATION = "keys.rotations.start"
    READ_ROTATION = "keys.rotations.read"
    FINISH_ROTATION = "keys.rotations.finish"
    DESTROY_KEY = "keys.destroy"
    PLAN_ROOT_ROTATION = "keys.root.plan"
    REPLACE_ROOT_KEY = "keys.root.replace"
    LIST_ENTRIES = "audit.list"
    PROVE = "audit.prove"
    READ_CHECKPOINT = "audit.checkpoint"
    ERASE_ENTRIES = "audit.erase"
