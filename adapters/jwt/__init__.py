"""Signed tokens (RFC 7519) and the keys of those who sign them."""
