"""Django and its models. usage: django_load.py REQUESTS; the address comes from libpq's variables."""

import contextlib
import os
import sys

import django
from django.conf import settings
from django.db import DatabaseError, connection, models, transaction

from workload import TICKET, Workload

settings.configure(
    DATABASES={"default": {
        "ENGINE": "django.db.backends.postgresql", "NAME": os.environ["PGDATABASE"], "USER": os.environ["PGUSER"],
        "HOST": os.environ["PGHOST"], "PORT": os.environ.get("PGPORT", ""), "CONN_MAX_AGE": None,
        "DISABLE_SERVER_SIDE_CURSORS": True}},
    USE_TZ=True, DEFAULT_AUTO_FIELD="django.db.models.BigAutoField")
django.setup()


class User(models.Model):
    email = models.CharField(max_length=254)
    name = models.CharField(max_length=300)
    locale = models.CharField(max_length=35)

    class Meta:
        app_label = "shop"
        db_table = "users"
        managed = False


class Django:
    """A connection a thread, as Django keeps them; the model's queries stand for those that read users."""

    def rows(self, sql, values=None):
        if sql.startswith("SELECT email FROM users"):
            return list(User.objects.order_by("id").values_list("email")[:50])
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall()

    @contextlib.contextmanager
    def inside(self, company):
        ((ticket, refusal),) = self.rows(TICKET.format("%s"), [company])
        assert refusal is None, refusal
        with transaction.atomic():
            self.rows("SELECT piste.use(%s::uuid)", [ticket])
            yield self.rows

    def alone(self, sql):
        return self.rows(sql)

    def together(self, statements):
        with transaction.atomic():
            rows = [self.rows(sql) for sql in statements][-1]
            transaction.set_rollback(True)
            return rows

    def state(self, error):
        return getattr(error.__cause__ if isinstance(error, DatabaseError) else error, "pgcode", None)


Workload(Django(), int(sys.argv[1])).run()
