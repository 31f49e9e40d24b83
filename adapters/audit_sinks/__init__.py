"""Where entries of the audit log go besides the store."""

from adapters.audit_sinks.appended_file import AppendedFile
from adapters.audit_sinks.standard_output import StandardOutput
from adapters.audit_sinks.syslog import Syslog

__all__ = ["AppendedFile", "StandardOutput", "Syslog"]
