"""Sign-in as Google's: authorize, token, device, service accounts, userinfo, revocation."""
