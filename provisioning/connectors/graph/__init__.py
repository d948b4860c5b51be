"""Microsoft Entra ID as the source directory, read and (for assignments) written through Microsoft Graph v1.0."""
