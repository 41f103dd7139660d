"""Outlook REST v1.0, v2.0 and Microsoft Graph v1.0: one base, two derived profiles."""
