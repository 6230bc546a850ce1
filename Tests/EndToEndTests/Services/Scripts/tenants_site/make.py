"""Makes ten tenants, each with an admin, an order and a tag."""

import django

django.setup()

from django.contrib.auth.models import User
from django_tenants.utils import schema_context

from clients.models import Client, Domain
from shop.models import Order, Tag

for number in range(11):
    schema = "public" if number == 0 else "o_brien" if number == 1 else f"tenant{number}"
    client = Client(schema_name=schema, name=schema.title())
    client.save(verbosity=0)
    Domain.objects.create(domain=schema.replace("_", "-") + ".example", tenant=client, is_primary=True)
    if number > 0:
        with schema_context(schema):
            User.objects.create_superuser("root", f"root@{schema}.example", "hunter2")
            Order.objects.create(total=5).tags.add(Tag.objects.create(name="first"))
