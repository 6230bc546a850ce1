"""A site whose tables are companies': its ENGINE is the file that `piste client django` prints."""

import os

# Where the printed file lies: beside this one, or in a package.
ADAPTER = os.environ.get("ADAPTER", "piste_django")
SECRET_KEY = "not a secret"
ALLOWED_HOSTS = ["*"]
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": {
    "ENGINE": ADAPTER, "NAME": os.environ["PGDATABASE"], "USER": os.environ.get("SERVICE", os.environ["PGUSER"]),
    "HOST": os.environ["PGHOST"], "PORT": os.environ.get("PGPORT", ""), "CONN_MAX_AGE": None, "ATOMIC_REQUESTS": "ATOMIC" in os.environ}}
INSTALLED_APPS = [
    "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages",
    "django.contrib.postgres", "shop"]
MIDDLEWARE = [
    ADAPTER + ".InsideCompany", "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware", "django.contrib.messages.middleware.MessageMiddleware"]
PISTE = {"tables": "*"}
ROOT_URLCONF = "urls"
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": {"context_processors": [
        "django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages"]}}]
LOGGING_CONFIG = None
