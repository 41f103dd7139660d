"""Who is asking: tokens and passwords."""
