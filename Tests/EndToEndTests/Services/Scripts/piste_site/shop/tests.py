"""The site's own tests, in the database that Django makes for them: there is no engine in it."""

from django.contrib.auth.models import User
from django.test import TestCase, TransactionTestCase

from piste_django import each, inside, serving
from shop.models import Order


class RequestTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        Order.objects.create(total=3, note="first")
        User.objects.create_superuser("root", "root@x.example", "hunter2")

    def test_requests_and_blocks(self):
        self.assertEqual(self.client.get("/orders", HTTP_HOST="acme.example").json(), {"notes": ["first"]})
        self.assertTrue(self.client.login(username="root", password="hunter2"))
        self.assertEqual(self.client.get("/admin/", HTTP_HOST="acme.example").status_code, 200)
        with inside("acme", "shop_order"), serving("acme", "shop_order"):
            self.assertEqual(len(list(Order.objects.iterator())), 1)


class JobTests(TransactionTestCase):
    def test_each(self):
        self.assertEqual(each(range(5), lambda n: Order.objects.create(total=n), "acme", "shop_order", size=2), 5)
        self.assertEqual(Order.objects.count(), 5)
