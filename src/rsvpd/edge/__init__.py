"""HTTP in and out: the only room that sees ASGI."""
