"""iCalendar text and the model, in both directions. Pure."""
