"""How internal rows become public ones. Nothing here writes; what a release may contain is decided here alone.

Each module yields `Row`s of the kinds that it knows, with the withholdings in force already applied.
"""
