"""The repositories on one SQL connection."""

from sqlalchemy import Connection

from adapters.sql.access_left import SqlAccessLeft
from adapters.sql.activity_ledger import SqlActivityLedger
from adapters.sql.activity_reports import SqlActivityReports
from adapters.sql.alert_repository import SqlAlertRepository
from adapters.sql.audit_growth import Growth
from adapters.sql.audit_log import SqlAuditLog
from adapters.sql.audit_tip import SqlAuditTip
from adapters.sql.audit_tree import SqlAuditTree
from adapters.sql.backup_runs import SqlBackupRuns
from adapters.sql.bindings import SqlBindings
from adapters.sql.census import SqlCensus
from adapters.sql.checkpoints import SqlCheckpoints
from adapters.sql.claim_bindings import SqlClaimBindingRepository, SqlFittingBindings
from adapters.sql.data_key_repository import SqlDataKeyRepository
from adapters.sql.deadlines import SqlDeadlines
from adapters.sql.decoys import SqlDecoys
from adapters.sql.feed_positions import SqlFeedPositions
from adapters.sql.habits import SqlHabits, SqlWindows
from adapters.sql.leases import SqlLeases
from adapters.sql.noted_reads import NotedReads
from adapters.sql.outbox import SqlDeliveries, SqlOutbox
from adapters.sql.outlived_habits import SqlOutlivedHabits
from adapters.sql.principal_repository import SqlPrincipalRepository
from adapters.sql.role_repository import SqlRoleRepository
from adapters.sql.root_key_records import SqlRootKeyRecords
from adapters.sql.rotation_repository import SqlRotationRepository
from adapters.sql.sealed_values import SqlSealedValues
from adapters.sql.secret_catalogue import SqlSecretCatalogue
from adapters.sql.secret_repository import SqlSecretRepository
from adapters.sql.sightings import SqlSightings
from adapters.sql.tokens import SqlKnownTokens, SqlTokenRepository
from adapters.sql.told_secrets import SqlToldSecrets
from adapters.sql.version_repository import SqlVersionRepository
from adapters.sql.write_probe import SqlWriteProbe
from domain.ports.moment import Moment
from domain.ports.secret_repository import SecretRepository
from domain.ports.storage import Session


def open_session(
    connection: Connection,
    growth: Growth | None = None,
    reads: NotedReads | None = None,
    moment: Moment | None = None,
    secrets: SecretRepository | None = None,
) -> Session:
    """Return a session for a connection, made once; transactions open and end around it.

    Args:
        connection: the connection.
        growth: what collects the audit entries of a whole transaction, and is written by whoever
            commits; without it each entry is written at once.
        reads: the same for what was read when.
        moment: what several readings on one snapshot share.
        secrets: where secrets are found, if that knows more than this connection does.
    """
    growth = growth or Growth(connection, grouped=False)
    reads = reads or NotedReads(connection, grouped=False)
    log = SqlAuditLog(connection, growth)
    return Session(
        moment=moment or Moment(),
        secrets=secrets or SqlSecretRepository(connection),
        catalogue=SqlSecretCatalogue(connection, reads),
        versions=SqlVersionRepository(connection),
        census=SqlCensus(connection),
        data_keys=SqlDataKeyRepository(connection),
        root_keys=SqlRootKeyRecords(connection),
        rotations=SqlRotationRepository(connection),
        sealed_values=SqlSealedValues(connection),
        leases=SqlLeases(connection),
        activity_ledger=SqlActivityLedger(connection, log),
        activity_reports=SqlActivityReports(connection),
        audit=log,
        audit_tree=SqlAuditTree(connection, growth),
        audit_tip=SqlAuditTip(growth),
        access_left=SqlAccessLeft(connection),
        checkpoints=SqlCheckpoints(connection),
        feed_positions=SqlFeedPositions(connection),
        sightings=SqlSightings(connection),
        outbox=SqlOutbox(connection),
        told_secrets=SqlToldSecrets(connection),
        alerts=SqlAlertRepository(connection),
        windows=SqlWindows(connection),
        habits=SqlHabits(connection),
        outlived_habits=SqlOutlivedHabits(connection),
        decoys=SqlDecoys(connection),
        deadlines=SqlDeadlines(connection),
        deliveries=SqlDeliveries(connection),
        backup_runs=SqlBackupRuns(connection),
        principals=SqlPrincipalRepository(connection),
        roles=SqlRoleRepository(connection),
        bindings=SqlBindings(connection),
        tokens=SqlTokenRepository(connection),
        known_tokens=SqlKnownTokens(connection),
        claim_bindings=SqlClaimBindingRepository(connection),
        fitting_bindings=SqlFittingBindings(connection),
        probe=SqlWriteProbe(connection),
    )
