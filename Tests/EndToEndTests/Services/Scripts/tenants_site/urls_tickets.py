from django.contrib.auth.models import User
from django.db import connection
from django.http import JsonResponse
from django.urls import path

from shop.models import Order
from urls import urlpatterns


def whose(request):
    """Whose rows are read, by the addresses of the company's people."""
    return JsonResponse({"emails": list(User.objects.values_list("email", flat=True))})


def crash(request):
    Order.objects.create(total=1, data={"crashed": True})
    return JsonResponse({}, status=500)


def other(request):
    """What an application must not do: another company's ticket in the same request."""
    from piste_django import PisteError, inside
    try:
        with inside(request.GET["company"], "*"):
            return JsonResponse({"emails": list(User.objects.values_list("email", flat=True))})
    except PisteError as error:
        return JsonResponse({"error": str(error)}, status=409)


def beyond(request):
    """A table by its schema, past the window."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT email FROM "{request.GET["schema"]}".auth_user')
        return JsonResponse({"emails": [email for (email,) in cursor.fetchall()]})


urlpatterns = urlpatterns + [
    path("whose", whose), path("crash", crash), path("other", other), path("beyond", beyond)]
