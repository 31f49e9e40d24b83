"""Who may do what: adapters of the port `AccessPolicy`."""
