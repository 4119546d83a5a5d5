"""Pages of the staff about what becomes public."""
