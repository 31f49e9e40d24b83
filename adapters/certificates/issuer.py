"""Who signs certificates of clients, as bindings call it.

It stands apart because the settings need it on every start, and the certificates' library only
where certificates are taken.
"""

ISSUER = "clients"
"""No issuer of tokens has this name."""
