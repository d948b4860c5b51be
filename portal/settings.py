"""Settings: all from the environment.

Three sources, the first that knows a name wins: `NAME_FILE`, a file that holds the value (for secrets); the
environment; `DATA_DIR/rollcall.env`, where `make demo` and `make run` keep the generated keys and the address of the
embedded broker.
`.env.example` lists every name with its meaning.
"""

import os
from datetime import timedelta
from pathlib import Path

import environ

from provisioning.management.variables import set_outside

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.FileAwareEnv()
STARTED_WITH = frozenset(os.environ)
"""The names that this process was started with, before the file fills the gaps."""

DATA_DIR = Path(env("DATA_DIR", default=str(BASE_DIR / "data"))).resolve()
env.read_env(str(DATA_DIR / "rollcall.env"))
SET_OUTSIDE = set_outside(DATA_DIR, STARTED_WITH)
"""The names of which nobody may think that they can be changed on the page of the settings."""

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
PUBLIC_URL = env("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[PUBLIC_URL])

# --- Applications -----------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "axes",
    "csp",
    "django_htmx",
    "provisioning",
    "portal",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "portal.preferences.LanguageMiddleware",
    "portal.preferences.TimeZoneMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
ASGI_APPLICATION = "portal.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.navigation.context",
            ],
        },
    },
]

# --- Database ---------------------------------------------------------------------------------------------------

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'rollcall.sqlite3'}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        # A transaction that reads first and writes later fails at once under DEFERRED when another one wrote meanwhile.
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA cache_size=-64000;"
        "PRAGMA temp_store=MEMORY;",
    }
    # Workers are processes of their own: a test database in memory would be invisible to them.
    DATABASES["default"]["TEST"] = {"NAME": env("TEST_DATABASE", default=str(DATA_DIR / "test.sqlite3"))}
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60  # no pool: one that is opened before a fork hangs

# --- Broker and workers -----------------------------------------------------------------------------------------

BROKER_URL = env("BROKER_URL", default="redis://127.0.0.1:6379/0")

LEASE = timedelta(seconds=env.float("LEASE_SECONDS", default=30))
"""How long a writer may be silent before another takes its job over."""
SLICE = timedelta(seconds=env.float("SLICE_SECONDS", default=300))
"""How long one message may work on a cycle before others get their turn."""
DRIFT_CHECK = timedelta(hours=env.float("DRIFT_CHECK_HOURS", default=24))
"""How old the mirror of an application's accounts may grow before a cycle lists them again."""
READING_NUMBER_ROWS = 1000
"""Rows that one transaction takes in, plans or settles."""
SUSPECTS_LIMIT = env.int("SUSPECTS_LIMIT", default=1000)
"""How many people missing from a full round are asked for one by one; more, and the round is not believed."""
EXPORT_CONCURRENCY = env.int("EXPORT_CONCURRENCY", default=16)

# --- GoTo: the deployment's own client ---------------------------------------------------------------------------

GOTO_API_URL = env("GOTO_API_URL", default="https://api.getgo.com").rstrip("/")
GOTO_AUTH_URL = env("GOTO_AUTH_URL", default="https://authentication.logmeininc.com").rstrip("/")
GOTO_CLIENT_ID = env("GOTO_CLIENT_ID", default="")
GOTO_CLIENT_SECRET = env("GOTO_CLIENT_SECRET", default="")
GOTO_CA_FILE = env("GOTO_CA_FILE", default="")
GOTO_REQUESTS_PER_SECOND = env.float("GOTO_REQUESTS_PER_SECOND", default=10)
"""Where the pace ends to grow; GoTo allows ten unless more was agreed."""
GOTO_ARRAY_LIMIT = env.int("GOTO_ARRAY_LIMIT", default=100)
"""How many people one creation brings at most; halved by itself where GoTo takes less."""
GOTO_VISIBILITY_SECONDS = env.float("GOTO_VISIBILITY_SECONDS", default=30)
"""How long a new user may be missing from GoTo's searches: so long a lost answer waits before it is looked up."""
HTTPS_PROXY_URL = env("HTTPS_PROXY_URL", default="")

# --- Secrets ----------------------------------------------------------------------------------------------------

ENCRYPTION_KEYS = env.list("ENCRYPTION_KEYS", default=[])
"""Fernet keys, the newest first; `manage.py rotate_keys` re-encrypts with the first."""

# --- Mail -------------------------------------------------------------------------------------------------------

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="Rollcall <rollcall@localhost>")
EMAIL_TIMEOUT = 20

# --- Sign-in ----------------------------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

SECURE = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "manifest-src": ["'self'"],
    }
}

# --- Languages, time, files -------------------------------------------------------------------------------------

LANGUAGE_CODE = env("LANGUAGE_CODE", default="en")
LANGUAGES = [("en", "English"), ("nl", "Nederlands")]
LOCALE_PATHS = [BASE_DIR / "portal" / "locale"]
TIME_ZONE = env("TIME_ZONE", default="UTC")
USE_I18N = USE_TZ = True
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "static/"
STATIC_ROOT = env("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- Logs -------------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env("LOG_LEVEL", default="INFO")},
    "loggers": {
        "urllib3": {"level": "WARNING"},
        "msal": {"level": "WARNING"},
        "axes": {"level": "WARNING"},
    },
}
