"""Messages, addresses and folders as values. Pure."""
