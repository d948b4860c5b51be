"""Views: one file per blade of the portal. They read rows and call actions; none saves a row."""
