"""Who is asking: tokens, keys, passwords, and the applications that are known."""
