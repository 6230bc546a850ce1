"""Runs a command behind a private PgBouncer. usage: through_pgbouncer.py PGBOUNCER MODE COMMAND…

MODE is session or transaction; the address comes from libpq's variables, and the command finds PgBouncer's there.
"""

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

pgbouncer, mode, command = sys.argv[1], sys.argv[2], sys.argv[3:]
folder = tempfile.mkdtemp(prefix="piste-pgbouncer-", dir="/tmp")


def start():
    """PgBouncer refuses root, and ends with this script however that ends."""
    account = {}
    if os.geteuid() == 0:
        postgres = pwd.getpwnam("postgres")
        os.chown(folder, postgres.pw_uid, postgres.pw_gid)
        account = {"user": postgres.pw_uid, "group": postgres.pw_gid, "extra_groups": []}
    with open(folder + "/users", "w") as users:
        users.write('"%s" ""\n' % os.environ["PGUSER"])
    with open(folder + "/ini", "w") as ini:
        # Fewer connections to the server than clients, so that they share: in session mode they wait for each other.
        ini.write(
            "[databases]\n%s = host=%s pool_size=%d\n[pgbouncer]\nlisten_addr =\nlisten_port = 6543\n"
            "unix_socket_dir = %s\nauth_type = trust\nauth_file = %s/users\npool_mode = %s\n"
            "ignore_startup_parameters = extra_float_digits\nserver_reset_query = DISCARD ALL\n"
            % (os.environ["PGDATABASE"], os.environ["PGHOST"], 8 if mode == "session" else 2, folder, folder, mode))
    for name in ("users", "ini"):
        os.chmod(folder + "/" + name, 0o644)
    process = subprocess.Popen(
        [pgbouncer, folder + "/ini"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        preexec_fn=lambda: ctypes.CDLL(None).prctl(1, signal.SIGKILL), **account)
    for _ in range(6000):
        # The socket is there before anybody listens.
        with socket.socket(socket.AF_UNIX) as knock:
            if knock.connect_ex(folder + "/.s.PGSQL.6543") == 0:
                return process
        if process.poll() is not None:
            break
        time.sleep(0.01)
    process.kill()
    sys.exit("PgBouncer did not start")


process = start()
try:
    status = subprocess.run(command, env=dict(os.environ, PGHOST=folder, PGPORT="6543")).returncode
finally:
    process.terminate()
    process.wait()
    shutil.rmtree(folder, ignore_errors=True)
sys.exit(status)
