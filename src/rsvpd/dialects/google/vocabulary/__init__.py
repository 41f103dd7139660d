"""Single words and values on the wire, in both directions."""
