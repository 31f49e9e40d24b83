"""The use cases of access: tokens, principals, roles, and who may do what."""
