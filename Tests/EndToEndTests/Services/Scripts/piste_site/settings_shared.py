"""The same, where people and their sessions lie beside the companies, with a login of their own."""

from settings import *  # noqa: F403

DATABASES["site"] = {**DATABASES["default"], "ENGINE": "django.db.backends.postgresql", "USER": os.environ["SITE_USER"]}
DATABASE_ROUTERS = ["piste_django.SharedTables"]
PISTE = {"tables": "*", "shared": dict.fromkeys(["admin", "auth", "contenttypes", "sessions"], "site")}
