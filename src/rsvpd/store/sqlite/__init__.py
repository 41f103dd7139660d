"""The embedded engine: one file, one writer with group commit, readers beside it. Only `driver` imports sqlite3."""
