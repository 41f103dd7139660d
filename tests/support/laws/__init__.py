"""What the laws of tests/laws are made of: the model of a meeting, its moves, and how a mailbox is looked at."""
