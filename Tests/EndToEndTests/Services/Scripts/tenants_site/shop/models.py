import os

from django.db import models

# The second version of the application changes a column that windows show, and adds a table.
IS_SECOND = os.environ.get("SHOP_VERSION") == "2"


class Tag(models.Model):
    name = models.CharField(max_length=50)


class Order(models.Model):
    total = models.DecimalField(max_digits=12 if IS_SECOND else 10, decimal_places=2)
    data = models.JSONField(default=dict)
    tags = models.ManyToManyField(Tag)


if IS_SECOND:
    class Refund(models.Model):
        order = models.ForeignKey(Order, on_delete=models.PROTECT)
