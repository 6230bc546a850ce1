"""Requests, blocks and misuse of a site whose ENGINE is Piste's; whatever is not as it should be raises. Prints what it left on record."""

import asyncio
import os
import sys

import django

django.setup()

from django.contrib.auth.models import User
from django.core.asgi import get_asgi_application
from django.db import DatabaseError, Error, connection, transaction
from django.test import Client

import adapter_steps
import piste_django
import urls
from piste_django import Missed, OutsideCompany, PisteError, Refused, drain, each, enqueue, finish, inside, serving
from shop.models import Order

is_atomic = "ATOMIC" in os.environ
is_new = django.VERSION >= (4, 2)


def expect(kind, body, words=""):
    try:
        body()
    except kind as error:
        assert words in str(error), error
    else:
        raise AssertionError(f"{kind.__name__} expected")


def requests():
    client = Client(HTTP_HOST="acme.example", raise_request_exception=False)
    for note, status, kept in [("kept", 200, True), ("404", 404, not is_atomic), ("500", 500, False)]:
        urls.later.clear()
        assert client.post("/orders", {"note": note}).status_code == status
        # What waits for the commit has a ticket of its own, or one of another company.
        assert urls.later == ([1, "root@globex.example"] if kept else []), urls.later
    assert client.get("/orders").json() == {"notes": ["kept"] if is_atomic else ["kept", "404"]}
    assert client.get("/orders", HTTP_HOST="GLOBEX:8000").json() == {"notes": []}
    unknown = client.get("/orders", HTTP_HOST="nobody.example")
    assert (unknown.status_code, unknown["Content-Type"]) == (404, "text/plain"), unknown
    # A stream is read as long as there is something to read, and loses nothing else; a file needs no company.
    streamed = client.get("/stream")
    assert streamed.content == b"root@acme.example" and streamed.cookies["kept"].value == "1"
    assert (streamed.status_code, streamed.reason_phrase) == (202, "Read")
    assert b"piste_django" in b"".join(client.get("/file").streaming_content)
    urls.later.clear()
    client.get("/left_open")
    # Its cursor went with its transaction.
    expect(Exception, lambda: list(urls.later[0]), "cursor")
    if not is_atomic:
        assert client.get("/people").json() == {"emails": ["root@acme.example"]}
        if is_new:
            assert client.get("/slow_stream").content == b"root@acme.example"
            asyncio.run(at_once())


async def at_once():
    """Asynchronous requests of both companies at the same time, as a server of ASGI makes them."""
    application = get_asgi_application()

    async def get(host, path):
        sent, asked = [], []

        async def receive():
            asked.append(path)
            return {"type": "http.request", "body": b""} if len(asked) == 1 else await asyncio.sleep(600)

        async def send(message):
            sent.append(message)

        await application({
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "path": path, "query_string": b"",
            "headers": [(b"host", host.encode())]}, receive, send)
        return b"".join(message.get("body", b"") for message in sent)

    hosts = ["acme.example", "globex.example"] * 4
    for path in ("/people", "/stream", "/slow_stream"):
        for host, body in zip(hosts, await asyncio.gather(*[get(host, path) for host in hosts])):
            assert body.count(b"root@") == 1 and f"root@{host}".encode() in body, (host, path, body)


def admin():
    client = Client(HTTP_HOST="acme.example")
    assert client.get("/admin/").status_code == 302
    assert client.post("/admin/login/?next=/admin/", {"username": "root", "password": "hunter2"}).status_code == 302
    page = client.get("/admin/auth/user/").content
    assert b"root@acme.example" in page and b"root@globex.example" not in page
    assert client.post("/admin/shop/order/add/", {"total": "7", "note": "by the admin"}).status_code == 302
    with inside("acme", "shop_order"):
        place = f"/admin/shop/order/{Order.objects.get(note='by the admin').pk}/"
    assert client.post(place + "change/", {"total": "8", "note": "by the admin"}).status_code == 302
    assert b"8.00" in client.get(place + "change/").content
    assert client.post(place + "delete/", {"post": "yes"}).status_code == 302
    # The session is a row of acme's, and so nobody's elsewhere.
    stranger = Client(HTTP_HOST="globex.example")
    stranger.cookies["sessionid"] = client.cookies["sessionid"].value
    assert stranger.get("/admin/").status_code == 302
    client.post("/admin/logout/")
    assert client.get("/admin/").status_code == 302


def blocks():
    def misses():
        Order.objects.create(total=1, note="lost")
        list(User.objects.all())

    def in_block(company="acme", *tables, body=lambda: None, **options):
        with inside(company, *(tables or ("shop_order",)), **options):
            body()

    # Outside of a unit of work nothing is asked, in whatever way, and it is said what to do.
    for query in (User.objects.count, lambda: list(User.objects.iterator()), lambda: Order.objects.create(total=1),
                  lambda: connection.cursor().execute("SELECT 1"), lambda: connection.cursor().executemany("SELECT %s", [(1,)])):
        expect(OutsideCompany, query, "with piste_django.inside(company, tables):")
        expect(OutsideCompany, transaction.atomic(query))
    expect(OutsideCompany, lambda: each(Order.objects.all(), print, "acme", "shop_order"))
    # PostgreSQL is the lock, and not the sentence.
    with connection.connection.cursor() as raw:
        expect(Exception, lambda: raw.execute("SELECT * FROM auth_user"), "does not exist")
    expect(PisteError, lambda: in_block(body=lambda: in_block("globex")), "in a transaction already")
    expect(PisteError, transaction.atomic(in_block), "in a transaction already")
    expect(PisteError, lambda: in_block(body=drain), "in a transaction already")
    expect(Refused, lambda: in_block("nobody"), "unknown_company")
    expect(Missed, lambda: in_block(body=misses), "auth_user")
    expect(DatabaseError, lambda: in_block(body=lambda: Order.objects.create(total=1), read_only=True))
    with serving("acme", "shop_order"):
        before = Order.objects.count()
        Order.objects.create(total=1, note="alone")
        assert [order.note for order in Order.objects.filter(note="alone").iterator()] == ["alone"]
        expect(Missed, User.objects.count)
        expect(Missed, transaction.atomic(misses))
        with serving("globex", "shop_order"):
            assert Order.objects.count() == 0
        with transaction.atomic(durable=True):
            Order.objects.filter(note="alone").delete()
        assert Order.objects.count() == before
    expect(OutsideCompany, Order.objects.count)
    # A connection that is lost takes its work with it, and the next block has another one.
    expect(Error, lambda: in_block(body=lambda: (
        Order.objects.create(total=1, note="lost"), connection.connection.close(), Order.objects.count())))
    with inside("acme", "shop_order"):
        assert not Order.objects.filter(note="lost").exists()
    assert not connection.is_inside and connection.wish is None


class Calls:
    inside, drain, finish, each = map(staticmethod, (inside, drain, finish, lambda items, work, *tables, **options: each(
        items, lambda item: work(None, item), *tables, **options)))


with inside("acme", "shop_order"):
    Order.objects.all().delete()
requests()
admin()
blocks()
if "--steps" in sys.argv:
    class Person(django.db.models.Model):
        name = django.db.models.TextField()

        class Meta:
            app_label, db_table, managed = "shop", "users", False

    adapter_steps.outbox(Calls, lambda db, kind, payload=None: enqueue(kind, payload))
    adapter_steps.long_work(Calls, lambda db, user, name: Person.objects.filter(id=user).update(name=name))
print("as it should be")
