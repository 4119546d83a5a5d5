"""Pages that show several rooms at once, and the auditor's desk."""
