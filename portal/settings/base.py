"""Settings shared by every environment.

Each part has an embedded default that needs nothing beside Python, and one environment variable
that points it at a bigger engine. `docs/operations.md` lists them all.
"""

from pathlib import Path
from typing import Any

from csp.constants import NONCE, NONE, SELF

from pages.videos import FRAME_SOURCES
from portal.settings.broker import EXCHANGE, TASK_ROUTES, task_queues, transport_options
from portal.settings.environment import Environment
from portal.settings.mail import returned_mailbox, returned_to
from portal.settings.sign_in import openid_connect, sign_in_origins

BASE_DIR = Path(__file__).resolve().parent.parent.parent

env = Environment()

# Where everything that changes is kept: database, queue, mail, uploads.
VAR_DIR = env.folder("VAR_DIR", default=BASE_DIR / "var")

SECRET_KEY: str
DEBUG = False
ALLOWED_HOSTS: list[str] = []
BASE_URL = env.base_url(default="http://localhost:8000")

INSTALLED_APPS = [
    "portal",
    "home",
    "search",
    "events",
    "library",
    "members",
    "mailing",
    "pages",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.embeds",
    "wagtail.sites",
    "members.wagtail_users.WagtailUsersConfig",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django_tasks",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "allauth.usersessions",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "pages.middleware.security_headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "members.middleware.SecondFactorMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
            ],
        },
    },
]
FORM_RENDERER = "pages.rendering.GovukRenderer"

# --- Database: SQLite, or PostgreSQL by DATABASE_URL ---------------------------------------------

DATABASES = {"default": env.database(default=VAR_DIR / "portal.sqlite3")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # Take the write lock at BEGIN: two writers queue up instead of failing half-way.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    # PostgreSQL plans a statement that comes again and again once a connection: half its work for a page.
    DATABASES["default"].setdefault("OPTIONS", {}).update(server_side_binding=True, prepare_threshold=5)
# Opening a connection anew costs about as much as rendering a page.
DATABASES["default"]["CONN_MAX_AGE"] = env.number("DATABASE_CONN_MAX_AGE", default=600)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Cache and sessions ----------------------------------------------------------------------------

CACHES = {"default": env.cache(default="locmemcache://")}
SESSION_COOKIE_AGE = 60 * 60 * 12
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

# --- People ------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "members.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "members.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "members.forms.SignUpForm"
ACCOUNT_FORMS = {
    "add_email": "members.account_forms.AddEmailForm",
    "change_password": "members.account_forms.ChangePasswordForm",
    "confirm_login_code": "members.account_forms.ConfirmLoginCodeForm",
    "login": "members.account_forms.LoginForm",
    "reauthenticate": "members.account_forms.ReauthenticateForm",
    "request_login_code": "members.account_forms.RequestLoginCodeForm",
    "reset_password": "members.account_forms.ResetPasswordForm",
    "reset_password_from_key": "members.account_forms.ResetPasswordKeyForm",
    "set_password": "members.account_forms.SetPasswordForm",
    "signup": "members.account_forms.SignupForm",
}
ACCOUNT_SESSION_REMEMBER = True  # No tick box: every session lasts SESSION_COOKIE_AGE.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
# Only in the browser in which the sign-up began; elsewhere the link leads to the sign-in page.
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60  # Mail gateways of large organisations take their time.
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https"
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXY_COUNT", default=0, highest=10)

MFA_ADAPTER = "members.adapters.MFAAdapter"
MFA_FORMS = {
    "activate_totp": "members.account_forms.ActivateTOTPForm",
    "add_webauthn": "members.account_forms.AddWebAuthnForm",
    "authenticate": "members.account_forms.AuthenticateForm",
    "edit_webauthn": "members.account_forms.EditWebAuthnForm",
    "reauthenticate": "members.account_forms.ReauthenticateByCodeForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Practice Portal"
MFA_TOTP_TOLERANCE = 1  # The code before and the one after count too: clocks of phones are not exact.

SOCIALACCOUNT_PROVIDERS = openid_connect(env)
SOCIALACCOUNT_ADAPTER = "members.adapters.SocialAccountAdapter"
SOCIALACCOUNT_FORMS = {
    "disconnect": "members.account_forms.DisconnectForm",
    "signup": "members.account_forms.SignupAfterProviderForm",
}
# Whose address the provider has verified is known by the provider's own name for them from then on.
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
MEMBERS_IMPORT_MAX_MEGABYTES = env.number("MEMBERS_IMPORT_MAX_MEGABYTES", default=10, lowest=1)

# --- Mail ----------------------------------------------------------------------------------------------

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_TIMEOUT = 15  # Seconds for each exchange; a whole delivery stays well below mailing.models.LEASE.
DEFAULT_FROM_EMAIL = env.mail_address("MAIL_FROM", default="Practice Portal <portal@portal.example>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
MAIL_DIR = VAR_DIR / "mail"
MAIL_PROVIDER = ""  # django-anymail's name of the provider whose reports are taken; production.py sets it.
# What was written is kept so long after a letter was sent, to answer "I never got it".
MAIL_BODY_DAYS = env.number("MAIL_BODY_DAYS", default=30, lowest=1)
# Where letters that cannot be delivered come back to, if not to the address in MAIL_FROM, and the mailbox there.
MAIL_BOUNCES_TO = returned_to(env)
MAIL_BOUNCES_MAILBOX = returned_mailbox(env)
# So many letters leave in a minute at most, altogether and to one domain; 0 for no limit. Urgent ones pass.
MAIL_PER_MINUTE = env.number("MAIL_PER_MINUTE", default=0)
MAIL_PER_DOMAIN_PER_MINUTE = env.number("MAIL_PER_DOMAIN_PER_MINUTE", default=0)

# --- Background work ---------------------------------------------------------------------------------

CELERY_BROKER_URL = env.broker(default="filesystem://")
CELERY_BROKER_TRANSPORT_OPTIONS = transport_options(CELERY_BROKER_URL, VAR_DIR / "queue")
# In a rush a process tells its workers of new letters this often, of all of them at once.
BROKER_GATHER_SECONDS = 0.1
CELERY_BROKER_CONNECTION_TIMEOUT = 2  # A reader may be waiting for the answer meanwhile.
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False  # What was lost is a row; the sweep finds it.
CELERY_TASK_DEFAULT_QUEUE = CELERY_TASK_DEFAULT_ROUTING_KEY = "default"
CELERY_TASK_DEFAULT_EXCHANGE = EXCHANGE
CELERY_TASK_QUEUES = task_queues()
CELERY_TASK_ROUTES = TASK_ROUTES
CELERY_TASK_SOFT_TIME_LIMIT = 9 * 60
CELERY_TASK_TIME_LIMIT = 10 * 60
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Orders to workers (celery control, inspect): in a queue of files they would pile up for dead ones.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = not CELERY_BROKER_URL.startswith("filesystem:")
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_TIMEZONE = "Europe/London"
CELERY_BEAT_SCHEDULER = "portal.clock:Clock"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "clock")
TASKS = {"default": {"BACKEND": "portal.task_backend.CeleryBackend"}}

# --- Language and time -------------------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True

# --- Files ---------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(VAR_DIR / "private")},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
MATERIAL_MAX_MB = env.number("MATERIAL_MAX_MB", default=50, lowest=1)

# --- Security ------------------------------------------------------------------------------------------

X_FRAME_OPTIONS = "SAMEORIGIN"  # Wagtail's preview panel is a frame of the same site.
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "frame-src": [SELF, *FRAME_SOURCES],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF, *sign_in_origins(SOCIALACCOUNT_PROVIDERS)],
        "frame-ancestors": [SELF],
    },
}

# --- Wagtail -------------------------------------------------------------------------------------------

WAGTAIL_SITE_NAME = "Practice Portal"
WAGTAILADMIN_BASE_URL = BASE_URL
WAGTAILADMIN_LOGIN_URL = "account_login"
WAGTAIL_FRONTEND_LOGIN_URL = "account_login"
WAGTAILUSERS_PASSWORD_ENABLED = False
# Passwords and addresses are changed on allauth's pages, behind its checks.
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
# Who may see a page or file is a matter of accounts: a password that is passed on belongs to nobody.
WAGTAIL_PRIVATE_PAGE_OPTIONS = {"SHARED_PASSWORD": False}
WAGTAILDOCS_PRIVATE_COLLECTION_OPTIONS = {"SHARED_PASSWORD": False}
WAGTAIL_I18N_ENABLED = False
WAGTAIL_USER_TIME_ZONES = [TIME_ZONE]  # The portal shows one time to everybody.
WAGTAIL_WORKFLOW_ENABLED = False  # Whoever may edit a page may publish it.
WAGTAIL_ENABLE_UPDATE_CHECK = False  # No page of ours calls home.
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None  # Nor does it tell anyone our people's addresses.
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "odt", "pdf", "pptx", "txt", "xlsx"]
# Wagtail limits images by itself (10 MB), documents not at all.
WAGTAILDOCS_MAX_UPLOAD_SIZE = MATERIAL_MAX_MB * 1024 * 1024
