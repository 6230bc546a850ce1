"""Requests of two tenants mixed, several threads on few connections; counts, and judges nothing. usage: mixed.py REQUESTS THREADS"""

import json
import sys
import threading

import django

django.setup()

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from piste_django import OutsideCompany

HOSTS = {"o-brien": "o_brien", "tenant2": "tenant2"}
requests, threads = int(sys.argv[1]), int(sys.argv[2])
counts = dict.fromkeys(["requests", "rows", "wrong", "writes", "misuses", "refused"], 0)
failures = []
lock = threading.Lock()


def count(name, by=1):
    with lock:
        counts[name] += by


def judge(host, text):
    for each, schema in HOSTS.items():
        found = text.count(f"root@{schema}.example")
        count("rows" if each == host else "wrong", found)


def refused(is_refused):
    count("misuses")
    count("refused", 1 if is_refused else 0)


def request(clients, host, number):
    client, other = clients[host], next(each for each in HOSTS if each != host)
    kind = number % 10
    if kind < 4:
        judge(host, client.get("/whose").content.decode())
    elif kind == 4:
        page = client.get("/admin/auth/user/")
        assert page.status_code == 200, page.status_code
        judge(host, page.content.decode())
    elif kind == 5:
        assert client.post("/orders").status_code == 200
        count("writes")
    elif kind == 6:
        assert client.post("/crash").status_code == 500
    elif kind == 7:
        # The other tenant's cookie is nobody's here.
        stranger = Client(HTTP_HOST=host + ".example", raise_request_exception=False)
        for name, morsel in clients[other].cookies.items():
            stranger.cookies[name] = morsel.value
        answer = stranger.get("/admin/auth/user/")
        judge(host, answer.content.decode())
        refused(answer.status_code == 302)
    elif kind == 8:
        answer = client.get("/other", {"company": other})
        judge(host, answer.content.decode())
        refused(answer.status_code == 409)
    else:
        answer = client.get("/beyond", {"schema": HOSTS[other]})
        judge(host, answer.content.decode())
        refused(answer.status_code == 500)
        try:
            list(User.objects.all())
            refused(False)
        except OutsideCompany:
            refused(True)
    count("requests")


def serve(worker):
    try:
        clients = {}
        for host in HOSTS:
            clients[host] = Client(HTTP_HOST=host + ".example", raise_request_exception=False)
            answer = clients[host].post("/admin/login/?next=/admin/", {"username": "root", "password": "hunter2"})
            assert answer.status_code == 302, answer.status_code
        for number in range(requests // threads):
            request(clients, list(HOSTS)[(worker + number // 10 + number) % 2], number)
    except Exception as failure:
        failures.append(repr(failure))
    finally:
        connection.close()


workers = [threading.Thread(target=serve, args=(worker,)) for worker in range(threads)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
print(json.dumps(counts, sort_keys=True))
sys.exit("\n".join(failures[:5]) or 0)
