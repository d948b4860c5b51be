"""A tenant of Entra ID: its directory, its token service, and Microsoft Graph over both."""
