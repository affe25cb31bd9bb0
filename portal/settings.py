"""Django's settings. What a person may set is in portal.env; here is what follows."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import dj_database_url
import dj_email_url

from portal import env as environment
from portal import keys
from portal.version import VERSION

env = environment.current()
BASE_DIR = environment.PROJECT

GREENROOM_DATA = env.data
GREENROOM_PUBLIC = env.public
GREENROOM_STATUS_PUBLIC = env.status_public
GREENROOM_TIME_ZONE = env.time_zone
GREENROOM_TRUSTED_PROXIES = env.trusted_proxies
GREENROOM_URL = str(env.url) if env.url else ""
GREENROOM_MAIL = bool(env.email_url)
GREENROOM_VERSION = VERSION
GREENROOM_SECRETS = env.secrets
# Said by the supervisor: stand-ins answer for the machines of the example.
GREENROOM_DEMO = os.environ.get("GREENROOM_DEMO") == "1"


def own_files() -> tuple[Path, ...]:
    """Files with settings of ours: nobody may hand them out as a secret."""
    names = [name for name in environment.BY_VARIABLE if name.endswith("_FILE")]
    named = [Path(os.environ[name]) for name in names if os.environ.get(name)]
    kept = [env.data / "secret.key", env.data / environment.FILE_NAME]
    kept += [env.database_file] if env.database_file else []
    return (*kept, *(path.expanduser() for path in named))


GREENROOM_OWN_VARIABLES = frozenset(environment.BY_VARIABLE)
GREENROOM_OWN_FILES = own_files()

SECRET_KEY = keys.signing_key(env)
DEBUG = env.debug
# This machine always may: health checks ask it by these names.
ALLOWED_HOSTS = [*env.allowed_hosts, "localhost", "127.0.0.1", "[::1]"]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
AUTH_USER_MODEL = "accounts.Account"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "portal.apps.PortalConfig",
    "portal.accounts",
    "portal.projections",
    "portal.webhooks",
    "portal.web",
    "catalog.secrets",
    "catalog.entities",
    "catalog.query",
    "catalog.sources",
    "catalog.probes",
    "techdocs",
    "django.contrib.admin",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
]

MIDDLEWARE = [
    "portal.web.middleware.TrustedProxies",
    "portal.web.middleware.SecureCookies",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.web.middleware.SecurityHeaders",
    "portal.web.middleware.SmallBodies",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.accounts.visits.Visits",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.web.middleware.Viewers",
    "portal.web.middleware.LoginRequired",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "portal/web/templates"],
        "OPTIONS": {
            "environment": "portal.web.jinja.environment",
            "context_processors": [
                "django.contrib.messages.context_processors.messages"
            ],
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "portal/admin/templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    },
]

# SQLite: one writer at a time that waits for its turn (IMMEDIATE), readers beside it
# (WAL). Small caches, because each thread has its own connection.
SQLITE_START = """
PRAGMA journal_mode=WAL;
PRAGMA synchronous=NORMAL;
PRAGMA foreign_keys=ON;
PRAGMA cache_size=-2000;
PRAGMA mmap_size=0;
PRAGMA temp_store=MEMORY;
"""


def database() -> dict[str, Any]:
    """SQLite in the data folder, or what DATABASE_URL names."""
    if env.database_url:
        found = dj_database_url.parse(
            env.database_url, conn_max_age=60, conn_health_checks=True
        )
        # A machine that does not answer is an answer, after so many seconds.
        options: dict[str, Any] = {"connect_timeout": 10, "prepare_threshold": 5}
        options |= found.get("OPTIONS", {})
        if options["prepare_threshold"] == "none":
            options["prepare_threshold"] = None
        return {**found, "OPTIONS": options}
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": env.database_file,
        "CONN_MAX_AGE": 60,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": SQLITE_START,
        },
    }


DATABASES = {"default": database()}

PASSWORD_RULES: dict[str, dict[str, Any]] = {
    "UserAttributeSimilarityValidator": {
        "user_attributes": ("username", "display_name", "email")
    },
    "MinimumLengthValidator": {"min_length": 10},
    "CommonPasswordValidator": {},
    "NumericPasswordValidator": {},
}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in PASSWORD_RULES.items()
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-gb"
USE_I18N = False

# Sub-path, such as /greenroom, when GREENROOM_URL has one.
FORCE_SCRIPT_NAME = env.prefix or None
STATIC_URL = f"{env.prefix}/static/"
STATIC_ROOT = env.static
STATICFILES_FINDERS = ["portal.web.assets.Finder"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

SESSION_COOKIE_NAME = "greenroom_session"
SESSION_COOKIE_AGE = 30 * 24 * 3600
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = f"{env.prefix}/"
CSRF_COOKIE_NAME = "greenroom_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "portal.web.pages.csrf.failure"
CSRF_TRUSTED_ORIGINS = [env.url.origin] if env.url else []

# Believed only from trusted proxies: portal.web.middleware removes them otherwise.
USE_X_FORWARDED_HOST = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = None  # Browsers ignore it, loudly, on plain HTTP.

HISTORY_DAYS = env.history_days
API_PER_MINUTE = env.api_per_minute
# Copies of the repositories that are read; they can be removed at any time.
GIT_FOLDER = env.data / "git"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.email_from
if env.email_url:
    mail: dict[str, Any] = dj_email_url.parse(env.email_url)  # type: ignore[no-untyped-call]
    EMAIL_BACKEND = mail["EMAIL_BACKEND"]
    EMAIL_HOST = mail["EMAIL_HOST"]
    EMAIL_PORT = mail["EMAIL_PORT"]
    EMAIL_HOST_USER = mail["EMAIL_HOST_USER"]
    EMAIL_HOST_PASSWORD = mail["EMAIL_HOST_PASSWORD"]
    EMAIL_USE_TLS = mail["EMAIL_USE_TLS"]
    EMAIL_USE_SSL = mail["EMAIL_USE_SSL"]
    EMAIL_TIMEOUT = 20

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}
    },
    "filters": {
        "hide_tokens": {"()": "portal.logs.HideTokens"},
        "only_ours": {"()": "portal.logs.HideRefusals"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["only_ours", "hide_tokens"],
        }
    },
    "root": {"handlers": ["console"], "level": env.log_level.upper()},
    "loggers": {"django": {"handlers": [], "level": "INFO", "propagate": True}},
}

# Greenroom must work over plain HTTP in a local network, so what only makes sense
# behind TLS is decided per response or left to the proxy.
SILENCED_SYSTEM_CHECKS = [
    "security.W004",  # HSTS: belongs to the proxy that owns the certificate.
    "security.W008",  # Redirect to HTTPS: belongs to the proxy; there may be none.
    "security.W012",  # Secure session cookie: SecureCookies adds it per response.
    "security.W016",  # Secure CSRF cookie: SecureCookies adds it per response.
]
