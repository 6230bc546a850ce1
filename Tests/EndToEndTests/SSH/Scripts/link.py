"""A link between ssh and sshd, as ssh's ProxyCommand: slow if asked to be, and counted.

link.py HOST PORT --delay MS --rate BYTES_PER_SECOND --note FILE

FILE holds "PID BYTES": this process, and how many bytes have come from the server. A link that is stopped (SIGSTOP) is one
that is frozen, one that is killed is cut.
"""
import argparse
import heapq
import os
import select
import socket
import time

parser = argparse.ArgumentParser()
parser.add_argument("host")
parser.add_argument("port", type=int)
parser.add_argument("--delay", type=float, default=0)
parser.add_argument("--rate", type=float, default=0)
parser.add_argument("--note", required=True)
options = parser.parse_args()

server = socket.create_connection((options.host, options.port))
server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
ends = {0: server.fileno(), server.fileno(): 1}
free_at = {end: 0.0 for end in ends}
waiting = []
count = order = 0


def note():
    with open(options.note + ".new", "w") as file:
        file.write(f"{os.getpid()} {count}")
    os.rename(options.note + ".new", options.note)


note()
readable = set(ends)
while readable or waiting:
    pause = max(0, waiting[0][0] - time.monotonic()) if waiting else None
    ready, _, _ = select.select(list(readable), [], [], pause)
    for end in ready:
        data = os.read(end, 16384)
        if not data:
            readable.clear()
            continue
        if end == server.fileno():
            count += len(data)
            note()
        start = max(time.monotonic(), free_at[end])
        free_at[end] = start + (len(data) / options.rate if options.rate else 0)
        order += 1
        heapq.heappush(waiting, (free_at[end] + options.delay / 1000, order, ends[end], data))
    while waiting and waiting[0][0] <= time.monotonic():
        _, _, target, data = heapq.heappop(waiting)
        while data:
            data = data[os.write(target, data):]
