from django.contrib import admin
from django.http import JsonResponse
from django.urls import path

from shop.models import Order


def orders(request):
    if request.method == "POST":
        Order.objects.create(total=1)
    return JsonResponse({"orders": Order.objects.count()})


urlpatterns = [path("orders", orders), path("admin/", admin.site.urls)]
