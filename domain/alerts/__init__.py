"""What is unusual, and who is told: rules over the audit log and the state of the store."""
