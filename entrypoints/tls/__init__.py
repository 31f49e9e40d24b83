"""HTTPS: the certificate, the socket that outlives a worker, and renewal without a restart."""
