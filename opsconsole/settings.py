"""Every setting, from the environment, with a default that works.

Without DATABASE_URL the console runs on the sandbox: an embedded PostgreSQL with a
realistic platform. README.md lists the variables.
"""

from pathlib import Path
from urllib.parse import urlsplit

from opsconsole.environment import Environment
from opsconsole.sandbox import secret, standin_address
from opsconsole.sandbox.databases import urls as sandbox_urls

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()

STATE_DIR = Path(
    env.text(
        "OPSCONSOLE_STATE_DIR",
        str(BASE_DIR / ".opsconsole"),
        pattern="/.*",
        shape="an absolute path",
        example="/var/lib/opsconsole",
    )
)
OPSCONSOLE_ENVIRONMENT = env.choice(
    "OPSCONSOLE_ENVIRONMENT",
    "production" if env.has("DATABASE_URL") else "sandbox",
    ["sandbox", "staging", "production"],
)
SANDBOX = OPSCONSOLE_ENVIRONMENT == "sandbox"
EMBEDDED = not env.has("DATABASE_URL")
DEBUG = env.flag("OPSCONSOLE_DEBUG", default=False)

if SANDBOX:
    default_secret = secret.stored_in(STATE_DIR)
else:
    default_secret = ""
    env.require(
        "OPSCONSOLE_SECRET_KEY",
        why="it signs sessions and queue messages",
        example="the output of: openssl rand -base64 48",
    )
SECRET_KEY = env.text(
    "OPSCONSOLE_SECRET_KEY",
    default_secret,
    pattern=r"\S{32,}",
    shape="at least 32 characters without blanks",
    example="the output of: openssl rand -base64 48",
)

# Databases. reads: `platform`; writes: `platform_write`, used by operations.engine alone.
sandbox = sandbox_urls(STATE_DIR / "pg")
if not EMBEDDED:
    env.require(
        "PLATFORM_DATABASE_URL",
        why="the console reads the platform there",
        example="postgresql://opsconsole_reader:password@host:6543/postgres",
    )
DATABASES = {
    "default": env.database("DATABASE_URL", sandbox.console),
    "platform": env.database("PLATFORM_DATABASE_URL", sandbox.platform),
    "platform_write": env.database(
        "PLATFORM_WRITE_DATABASE_URL",
        env.values.get("PLATFORM_DATABASE_URL", "").strip() or sandbox.platform_write,
    ),
}
for alias, database in DATABASES.items():
    database["CONN_MAX_AGE"] = 60  # seconds
    database["CONN_HEALTH_CHECKS"] = True
    options = {"application_name": "opsconsole", "connect_timeout": 2}
    if alias != "default":
        # A transaction-mode pooler keeps neither prepared statements nor cursors.
        database["DISABLE_SERVER_SIDE_CURSORS"] = True
        options["prepare_threshold"] = None
    database["OPTIONS"] = options | database.get("OPTIONS", {})
DATABASE_ROUTERS = ["opsconsole.platform.router.PlatformRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "opsconsole_cache",
    }
}
RUNTIME_ROLE = env.text(
    "OPSCONSOLE_RUNTIME_ROLE",
    "opsconsole_app",
    pattern=r"[a-z_][a-z0-9_]{0,62}",
    shape="the name of the database role in DATABASE_URL",
    example="opsconsole_app",
)

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_filters",
    "django_htmx",
    "django_q",
    "django_tables2",
    # ours last: our admin takes away what theirs offers too much
    "opsconsole.supervisor",
    "opsconsole.workspaces",
    "opsconsole.emergency",
    "opsconsole.deployment",
    "opsconsole.search",
    "opsconsole.operations",
    "opsconsole.history",
    "opsconsole.accounts",
    "opsconsole.audit",
    "opsconsole.platform",
    "opsconsole.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "opsconsole.web.csp.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "opsconsole.accounts.middleware.UserTimeZone",
    "opsconsole.platform.deadline.PageDeadline",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["lucide.templatetags.lucide"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "opsconsole.web.context.console",
            ],
        },
    }
]
ROOT_URLCONF = "opsconsole.urls"
WSGI_APPLICATION = "opsconsole.wsgi.application"
TIME_ZONE = "UTC"
USE_I18N = False
USE_THOUSAND_SEPARATOR = False
DJANGO_TABLES2_TEMPLATE = "django_tables2/console.html"

STATIC_URL = "static/"
STATIC_ROOT = None if SANDBOX else STATE_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = SANDBOX  # no collectstatic before the first look
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if SANDBOX
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Sign-in
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["opsconsole.accounts.permissions.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"
    },
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "overview"
ACCOUNT_ADAPTER = "opsconsole.accounts.adapter.ClosedSignup"
ACCOUNT_FORMS = {"reauthenticate": "opsconsole.accounts.proof_form.PasswordAgain"}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300  # seconds
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer(
    "OPSCONSOLE_TRUSTED_PROXIES", 0, least=0, most=9, unit="proxies in front of us"
)
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "opsconsole"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = SANDBOX  # http://localhost

# Transport
ALLOWED_HOSTS = env.words("OPSCONSOLE_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
HTTPS = env.flag("OPSCONSOLE_HTTPS", default=not SANDBOX)
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if host != "*"]
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
# Neither for subdomains nor preloaded: they may belong to others.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "opsconsole_session", "opsconsole_csrf"
SESSION_COOKIE_AGE = 12 * 3600  # seconds: one working day
X_FRAME_OPTIONS = "DENY"
# A selection of 10,000 ids fits.
DATA_UPLOAD_MAX_MEMORY_SIZE, DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000_000, 10_100  # bytes

# Jobs. A message is a nudge that holds a run's id; the Run row is the truth.
Q_CLUSTER = {
    "name": "bulk",
    "orm": "default",
    # Two may be at samples of a large platform, for seconds: a click finds the third.
    "workers": env.integer("OPSCONSOLE_WORKERS", 3, least=1, most=32, unit="processes"),
    "queue_limit": 1,
    "bulk": 1,
    "poll": 0.1,  # seconds; half of it is the mean wait of a click
    # Seconds; above operations.tasks.SHIFT and what one chunk or one call may take:
    # the sync function has 170 for its answer.
    "timeout": 240,
    "retry": 600,  # seconds; above timeout, else a message runs twice at once
    "max_attempts": 1,  # a crash is resumed by the sweep, an error is shown
    "ack_failures": True,
    "catch_up": False,
    "save_limit": 1000,
    "label": "Jobs",
    "ALT_CLUSTERS": {"urgent": {"workers": 1}},
}
LEASE_SECONDS = env.integer(
    "OPSCONSOLE_LEASE_SECONDS", 30, least=30, most=600, unit="seconds"
)

# The platform's schedule: capture-workspace-issues.yml, `0 */6 * * *` with limit 20 and
# hoursBack 24.
SCHEDULE_HOURS = env.integer(
    "OPSCONSOLE_SCHEDULE_HOURS", 6, least=1, most=168, unit="hours"
)
SCHEDULE_SLOTS = env.integer(
    "OPSCONSOLE_SCHEDULE_SLOTS", 20, least=1, most=1000, unit="repositories"
)
SCHEDULE_WINDOW_HOURS = env.integer(
    "OPSCONSOLE_SCHEDULE_WINDOW_HOURS", 24, least=1, most=720, unit="hours"
)

# What the console remembers of the platform.
SAMPLE_MINUTES = env.integer(
    "OPSCONSOLE_SAMPLE_MINUTES", 5, least=1, most=60, unit="minutes"
)
KEEP_SAMPLES_DAYS = env.integer(
    "OPSCONSOLE_KEEP_SAMPLES_DAYS", 90, least=1, most=3650, unit="days"
)
KEEP_OUTCOMES_DAYS = env.integer(
    "OPSCONSOLE_KEEP_OUTCOMES_DAYS", 400, least=1, most=3650, unit="days"
)
KEEP_RESPONSES_DAYS = env.integer(
    "OPSCONSOLE_KEEP_RESPONSES_DAYS", 90, least=7, most=3650, unit="days"
)

# Services outside. In the sandbox all of them are the stand-in, and no token is real.
STANDIN_URL = ""
if SANDBOX:
    last = standin_address.stored_in(STATE_DIR) if EMBEDDED else ""
    STANDIN_URL = env.address("OPSCONSOLE_STANDIN_URL", last)
SANDBOX_SCHEDULE_SECONDS = env.integer(
    "OPSCONSOLE_SANDBOX_SCHEDULE_SECONDS", 120, least=0, most=21600, unit="seconds"
)
GITHUB_API = STANDIN_URL or "https://api.github.com"
GITHUB_TOKEN = env.token("OPSCONSOLE_GITHUB_TOKEN", "a GitHub token")
GITHUB_REPOSITORY = env.text(
    "OPSCONSOLE_GITHUB_REPOSITORY",
    "",
    pattern=r"[\w.-]+/[\w.-]+",
    shape="the platform's repository as owner/name",
    example="bdougie/contributor.info",
)
GITHUB_WORKFLOW = env.text(
    "OPSCONSOLE_GITHUB_WORKFLOW",
    "capture-workspace-issues.yml",
    pattern=r"[\w.-]+",
    shape="the file name of the workflow that calls the sync function",
    example="capture-workspace-issues.yml",
)
SUPABASE_API = STANDIN_URL or "https://api.supabase.com"
SUPABASE_ACCESS_TOKEN = env.token(
    "OPSCONSOLE_SUPABASE_ACCESS_TOKEN", "a personal access token of Supabase"
)
SUPABASE_URL = env.address("OPSCONSOLE_SUPABASE_URL", "")
SUPABASE_KEY = env.token(
    "OPSCONSOLE_SUPABASE_KEY",
    "a JWT of the project, such as its legacy anon key; the new sb_… keys are none",
    pattern=r"[\w-]+\.[\w-]+\.[\w-]+",
)
supabase_host = (urlsplit(SUPABASE_URL).hostname or "").split(".")
SUPABASE_REF = env.text(
    "OPSCONSOLE_SUPABASE_REF",
    supabase_host[0] if supabase_host[1:] == ["supabase", "co"] else "",
    pattern=r"[a-z]{20}",
    shape="the 20 letters before .supabase.co in the project's address",
    example="abcdefghijklmnopqrst",
)
if STANDIN_URL:
    GITHUB_TOKEN = SUPABASE_ACCESS_TOKEN = "standin"  # noqa: S105
    GITHUB_REPOSITORY = "bdougie/contributor.info"
    GITHUB_WORKFLOW = "capture-workspace-issues.yml"
    SUPABASE_URL, SUPABASE_KEY = STANDIN_URL, "a.b.c"
    SUPABASE_REF = "sandboxsandboxsandbo"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "opsconsole": {"level": "INFO"},
        "django-q": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
    },
}

if DEBUG and not SANDBOX:
    env.problems.append("OPSCONSOLE_DEBUG must be off outside the sandbox")
if env.has("OPSCONSOLE_STANDIN_URL") and not SANDBOX:
    env.problems.append("OPSCONSOLE_STANDIN_URL must be unset outside the sandbox")
if "*" in ALLOWED_HOSTS and not SANDBOX:
    env.problems.append(
        "OPSCONSOLE_HOSTS must name hosts, for example console.example.com"
    )
env.check()
