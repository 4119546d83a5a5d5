"""The entrance for web servers."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

from tracker.journal.service import start_beside_the_web  # noqa: E402  after Django is set up

start_beside_the_web()
