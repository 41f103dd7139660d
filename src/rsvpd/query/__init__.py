"""One small algebra for every dialect's questions. Pure."""
