"""The same site guarded whole, on Piste's backend: each request in its company by a ticket."""

from settings import *  # noqa: F403

DATABASES["default"].update({
    "ENGINE": "piste_django", "PORT": os.environ.get("PGPORT", ""), "CONN_MAX_AGE": None})
DATABASE_ROUTERS = []
INSTALLED_APPS = TENANT_APPS
MIDDLEWARE = ["piste_django.InsideCompany"] + [name for name in MIDDLEWARE if not name.startswith("django_tenants")]
PISTE = {"tables": "*"}
ROOT_URLCONF = "urls_tickets"
# Django's own handler looks at a request's objects, and so asks the database, while every other request waits for its lock: with
# few connections they wait for each other.
LOGGING_CONFIG = None
