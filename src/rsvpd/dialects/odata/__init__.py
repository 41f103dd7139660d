"""OData as the Outlook services speak it: URLs, options, filters, errors, metadata."""
