"""Zone names of both worlds and what they mean. Pure."""
