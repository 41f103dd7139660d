"""What can be done with a mailbox: one function, one transaction."""
