"""Sign-in as Microsoft Entra ID has it, versions 2.0 of its endpoints."""
