"""The rules of meetings: who changes what, and who is told. Pure decisions."""
