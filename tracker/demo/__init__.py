"""The demo: what `manage.py demo` loads. Built by calling actions, like everything else."""
