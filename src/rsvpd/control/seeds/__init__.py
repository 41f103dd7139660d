"""Seeds: people, rooms, meetings and mail as a file says them, or as a believable company has them."""
