"""The site's own test: orders and the admin of each tenant. Prints how many orders each has."""

import django

django.setup()

from django.test import Client

counts = set()
for host in ["o-brien"] + [f"tenant{number}" for number in range(2, 11)]:
    client = Client(HTTP_HOST=host + ".example")
    before = client.get("/orders").json()["orders"]
    assert client.post("/orders").json()["orders"] == before + 1
    answer = client.post("/admin/login/?next=/admin/", {"username": "root", "password": "hunter2"})
    assert answer.status_code == 302, answer.status_code
    page = client.get("/admin/auth/user/")
    assert page.status_code == 200 and f"root@{host.replace('-', '_')}.example" in page.content.decode()
    counts.add(before + 1)
print(*counts)
