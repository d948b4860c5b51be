"""Forms: one file per blade. They check what was typed; what it means is checked by the actions."""
