"""Witnesses: others who keep our checkpoints, and the small witness that they can run."""
