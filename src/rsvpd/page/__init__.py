"""The page for people: files that `edge/page.py` sends as they are."""
