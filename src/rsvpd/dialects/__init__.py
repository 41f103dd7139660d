"""The wire languages: they turn requests into commands and results into answers."""
