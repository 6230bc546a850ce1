"""People who are the site's and not a company's: they sign in once, and change what is a company's."""

import django

django.setup()

from django.contrib.auth.models import User
from django.test import Client

from piste_django import inside
from shop.models import Order

User.objects.create_superuser("boss", "boss@site.example", "hunter2")
client = Client(HTTP_HOST="acme.example")
assert client.post("/admin/login/?next=/admin/", {"username": "boss", "password": "hunter2"}).status_code == 302
assert client.post("/admin/shop/order/add/", {"total": "7", "note": "by the boss"}).status_code == 302
assert b"boss@site.example" in client.get("/admin/auth/user/").content
with inside("acme", "shop_order"):
    assert Order.objects.filter(note="by the boss").delete()[0] == 1
other = Client(HTTP_HOST="globex.example")
other.cookies["sessionid"] = client.cookies["sessionid"].value
assert other.get("/admin/shop/order/").status_code == 200
print("as it should be")
