import asyncio

from asgiref.sync import sync_to_async
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path

from piste_django import inside
from shop.models import Order

later = []


def orders(request):
    if request.method == "POST":
        note = request.POST["note"]
        Order.objects.create(total=1, note=note)
        try:
            with transaction.atomic():
                Order.objects.create(total=1, note="undone by its savepoint")
                raise KeyError
        except KeyError:
            pass
        transaction.on_commit(lambda: later.append(len(Order.objects.filter(note=note))))
        transaction.on_commit(in_another)
        if note == "404":
            raise Http404
        return JsonResponse({}, status=500 if note == "500" else 200)
    # A cursor on the server, and a page of it at a time.
    return JsonResponse({"notes": [order.note for order in Order.objects.order_by("id").iterator(chunk_size=2)]})


def in_another():
    with inside("globex", "auth_user"):
        later.append(User.objects.get(username="root").email)


async def people(request):
    """Whose people are read, by a view that is asynchronous: two queries that begin at once among them."""
    await asyncio.gather(sync_to_async(User.objects.count)(), sync_to_async(Order.objects.count)())
    return JsonResponse({"emails": [user.email for user in await sync_to_async(list)(User.objects.all())]})


def stream(request):
    response = StreamingHttpResponse((user.email for user in User.objects.iterator()), status=202, reason="Read")
    response.set_cookie("kept", "1")
    return response


async def slow_stream(request):
    async def emails():
        async for user in User.objects.all():
            yield user.email

    return StreamingHttpResponse(emails())


def file(request):
    return FileResponse(open(__file__, "rb"))


def left_open(request):
    rows = User.objects.iterator()
    next(rows)
    later.append(rows)
    return HttpResponse()


urlpatterns = [
    path("admin/", admin.site.urls), path("orders", orders), path("people", people), path("stream", stream),
    path("slow_stream", slow_stream), path("file", file), path("left_open", left_open)]
