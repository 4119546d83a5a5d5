"""The settings, with what tests do otherwise: fast password hashes, mail in memory, files in a fresh folder."""

import tempfile
from pathlib import Path

from config.settings import *  # noqa: F403
from config.settings import DATABASES, STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
STORAGES = {
    "default": {**STORAGES["default"], "OPTIONS": {"location": tempfile.mkdtemp()}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
KEYS_DIR = Path(tempfile.mkdtemp())
SIGNER_DIR = Path(tempfile.mkdtemp())
JOURNAL_DIR = Path(tempfile.mkdtemp())
JOURNAL_POLICY = KEYS_DIR / "journal.policy"
JOURNAL_ORIGIN = "countersign.example/journal/log"
JOURNAL_EMBEDDED = False
WHITENOISE_AUTOREFRESH = True
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA synchronous=OFF;"
else:  # plans are compiled and commits are awaited for years of use, not for tests
    DATABASES["default"]["OPTIONS"] = {
        **DATABASES["default"].get("OPTIONS", {}),
        "options": "-c jit=off -c synchronous_commit=off",
    }
