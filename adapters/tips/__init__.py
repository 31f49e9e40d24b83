"""Vouching for the tip of the audit log: adapters of the port `TipMac`."""
