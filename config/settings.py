"""All settings in one file, read from the environment (config/env.py). The README lists the variables."""

from pathlib import Path
from typing import Any

import dj_database_url

from config import env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var")))

PRODUCTION = env.flag("PRODUCTION", False)
DEBUG = env.flag("DEBUG", False)
if PRODUCTION and DEBUG:
    raise env.BadSetting("DEBUG is on in PRODUCTION: turn one of them off.")
SECRET_KEY = env.secret(
    "SECRET_KEY",
    for_development="for-development-and-demo-only-never-in-production",
    production=PRODUCTION,
)
# Where people reach this installation: letters name it.
SITE_URL = env.text("SITE_URL", f"http://127.0.0.1:{env.number('PORT', 8000)}").rstrip("/")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", [])

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "tracker",  # first: its `migrate` command and templates come before everybody's
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",  # its widget templates, found through FORM_RENDERER
    "allauth",
    "allauth.account",
    "django_tables2",
    "django_filters",
    "django_htmx",
    "template_partials",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tracker.shared.http.content_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tracker.shared.http.SignInRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tracker.shared.http.refusals",
    "tracker.ledger.requests.attempts",  # last: it sees a refusal before `refusals` makes a page of it
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tracker.shared.pages.chrome",
                "tracker.accounts.requests.standing",
            ],
        },
    },
]
DJANGO_TABLES2_TEMPLATE = "_components/table.html"
FILTERS_EMPTY_CHOICE_LABEL = "Any"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Data ------------------------------------------------------------------

DATABASE_URL = env.text("DATABASE_URL", f"sqlite:///{VAR_DIR / 'tracker.sqlite3'}")
DATABASES: dict[str, Any] = {"default": dj_database_url.parse(DATABASE_URL)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Writers take the lock at BEGIN and wait for it: no "database is locked" after a read.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": env.number("SQLITE_TIMEOUT", 30),
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
    if VAR_DIR in Path(DATABASES["default"]["NAME"]).parents:
        VAR_DIR.mkdir(parents=True, exist_ok=True)
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

MIGRATION_DATABASE_URL = env.text("MIGRATION_DATABASE_URL", "")
if MIGRATION_DATABASE_URL:
    # The owner of the tables: only `migrate` and `backup` use it; the application's own role may not alter them.
    DATABASES["owner"] = dj_database_url.parse(MIGRATION_DATABASE_URL)
    DATABASES["owner"]["TEST"] = {"MIRROR": "default"}

STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": env.text("EVIDENCE_DIR", str(VAR_DIR / "evidence"))},
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage",
    },
}
# Outside production nothing has to be collected: files are served from where they lie.
WHITENOISE_USE_FINDERS = not PRODUCTION
KEYS_DIR = Path(env.text("KEYS_DIR", str(VAR_DIR / "keys")))

# The journal's log. Its name is a URL without the scheme and the name of its keys; it never changes once published.
JOURNAL_ORIGIN = env.text("JOURNAL_ORIGIN", "countersign.localhost/journal/log")
JOURNAL_KEY = env.text("JOURNAL_KEY", "")  # PRIVATE+KEY+…; without it one is made in KEYS_DIR
JOURNAL_DIR = Path(env.text("JOURNAL_DIR", str(VAR_DIR / "journal")))
# What the signer remembers is never part of a backup: restoring one must not make it forget.
SIGNER_DIR = Path(env.text("SIGNER_DIR", str(VAR_DIR / "signer")))
# Whose cosignatures a checkpoint needs before it is published (docs/witness.md); without the file, nobody's.
JOURNAL_POLICY = Path(env.text("JOURNAL_POLICY", str(KEYS_DIR / "journal.policy")))
WITNESS_SECONDS = env.number("WITNESS_SECONDS", 5)  # how long an answer may take
JOURNAL_SECONDS = env.number("JOURNAL_SECONDS", 10)  # from one checkpoint to the next
JOURNAL_EMBEDDED = env.flag("JOURNAL_EMBEDDED", DATABASES["default"]["ENGINE"].endswith("sqlite3"))
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static" if PRODUCTION else None  # see WHITENOISE_USE_FINDERS
FIXTURE_DIRS = [BASE_DIR / "fixtures"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
# Days that the audited side has for comments on a draft report, unless its auditors set others.
AUDIT_COMMENT_DAYS = env.number("AUDIT_COMMENT_DAYS", 30)
EVIDENCE_MAX_BYTES = env.number("EVIDENCE_MAX_BYTES", 20 * 1024 * 1024)
WAIVER_DAYS_MAX = env.number("WAIVER_DAYS_MAX", 365)  # the database allows a year at most
UPLOAD_MAX_BYTES = env.number("UPLOAD_MAX_BYTES", 200 * 1024 * 1024)
# Days until a discrepancy between dispatched and received is due: those of a loss report (SAMM chapter 8, as the press
# quotes the Inspector General in June 2024, who found 301 days on average).
DISCREPANCY_DAYS = env.number("DISCREPANCY_DAYS", 30)
UPLOAD_MAX_ROWS = env.number("UPLOAD_MAX_ROWS", 200_000)

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "tracker_cache",  # shared by all workers: the sign-in limits count in it
    }
}

# --- People ----------------------------------------------------------------

AUTH_USER_MODEL = "tracker.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/desk/"
# A working day; closing the browser ends it earlier.
SESSION_COOKIE_AGE = env.number("SESSION_SECONDS", 12 * 3600)
PASSWORD_RESET_TIMEOUT = 3600  # the pages and letters say: an hour
ACCOUNT_ADAPTER = "tracker.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "tracker.accounts.forms.SignInForm",
    "reauthenticate": "tracker.accounts.forms.ReauthenticateForm",
    "change_password": "tracker.accounts.forms.ChangePasswordForm",
    "reset_password": "tracker.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "tracker.accounts.forms.NewPasswordForm",
    "user_token": "tracker.accounts.forms.ResetTokenForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an invitation proves the address
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a changed password is told to its owner
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # we write to nobody whom we do not know
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Countersign: "
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600  # the page says: ten minutes
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/300s/key",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
    "reset_password": "20/m/ip,5/m/key",
    "reset_password_from_key": "20/m/ip",
    "invitation": "20/m/ip",
}
EMERGENCY_REVIEW_DAYS = env.number("EMERGENCY_REVIEW_DAYS", 5)
REFUSALS_PER_HOUR = env.number("REFUSALS_PER_HOUR", 20)  # rows of refused attempts, per person
INVITATION_DAYS = env.number("INVITATION_DAYS", 7)

EMAIL_BACKEND = env.text("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = str(VAR_DIR / "mail")
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.number("EMAIL_PORT", 25)
EMAIL_TIMEOUT = env.number("EMAIL_TIMEOUT", 10)
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "countersign@localhost")

# --- Language and time -----------------------------------------------------

LANGUAGE_CODE = "en"
TIME_ZONE = env.text("TIME_ZONE", "UTC")
USE_TZ = True
USE_I18N = True

# --- Safety ----------------------------------------------------------------

CONTENT_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "manifest-src": "'self'",
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = PRODUCTION and env.flag("SSL_REDIRECT", True)
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
if env.flag("BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # The limits on sign-in count per address of the visitor, which the nearest proxy states.
    ALLAUTH_TRUSTED_PROXY_COUNT = env.number("PROXIES", 1)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "WARNING")},
}
