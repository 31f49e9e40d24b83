"""The HTTP side: Litestar, one module per resource."""
