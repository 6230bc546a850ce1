#!/usr/bin/env bash
# A cluster of three PostgreSQL under Patroni, strictly synchronous, with one etcd, all on loopback, in FOLDER.
#   patroni_cluster.sh start FOLDER PYTHON-BIN PG-BIN PORT   prints the addresses for libpq: host=…,… port=…,…
#   patroni_cluster.sh leader FOLDER                        the name of the one that leads
#   patroni_cluster.sh kill FOLDER NAME                     Patroni and PostgreSQL of that one, at once, as a crash would
#   patroni_cluster.sh revive FOLDER NAME                   starts it again
#   patroni_cluster.sh standbys FOLDER                      how many follow the leader
#   patroni_cluster.sh stop FOLDER
set -euo pipefail
verb=$1 folder=$2
as_server() { if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

# Ends a process and all that came of it: a parent that stands still makes no more children.
end_tree() {
    kill -STOP "$1" 2>/dev/null || return 0
    for child in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do end_tree "$child"; done
    kill -KILL "$1" 2>/dev/null || true
}

# Runs what goes on after this script, under a name: it keeps none of the caller's pipes open.
in_background() {
    (cd / && as_server nohup "${@:2}") >"$folder/$1.log" 2>&1 </dev/null &
    echo $! >"$folder/$1.pid"
}

node() {
    # shellcheck disable=SC1091
    . "$folder/settings"
    in_background "$1" env PATH="$python:$PATH" "$python/python3" -m patroni "$folder/$1.yml"
}

leader() {
    . "$folder/settings"
    for number in 1 2 3; do
        if curl -fsS -o /dev/null -m 2 "http://127.0.0.1:$((port + 10 + number))/primary" 2>/dev/null; then
            echo "node$number"
            return 0
        fi
    done
    return 1
}

case $verb in
start)
    python=$3 programs=$4 port=$5
    mkdir -p "$folder"
    # Whoever runs the servers may not be allowed to where the programs were made.
    cp -rL "${python%/bin}" "$folder/python"
    python=$folder/python/bin
    if [ "$(id -u)" -eq 0 ]; then chown postgres "$folder"; fi
    printf 'python=%q\nport=%q\n' "$python" "$port" >"$folder/settings"
    in_background etcd "$python/etcd" --data-dir "$folder/etcd" --listen-client-urls "http://127.0.0.1:$port" \
        --advertise-client-urls "http://127.0.0.1:$port" --listen-peer-urls "http://127.0.0.1:$((port + 9))" \
        --initial-advertise-peer-urls "http://127.0.0.1:$((port + 9))" \
        --initial-cluster "default=http://127.0.0.1:$((port + 9))"
    for number in 1 2 3; do
        cat >"$folder/node$number.yml" <<YAML
scope: piste
name: node$number
restapi: {listen: 127.0.0.1:$((port + 10 + number)), connect_address: 127.0.0.1:$((port + 10 + number))}
etcd3: {host: 127.0.0.1:$port}
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 2
    retry_timeout: 4
    synchronous_mode: true
    synchronous_mode_strict: true
    postgresql:
      # A standby that was ahead of the one that is promoted could not follow it otherwise.
      use_pg_rewind: true
      parameters: {max_prepared_transactions: 0, max_locks_per_transaction: 256, shared_buffers: 32MB, max_connections: 60}
  initdb: [encoding: UTF8, {locale: C.UTF-8}, no-sync]
postgresql:
  listen: 127.0.0.1:$((port + number))
  connect_address: 127.0.0.1:$((port + number))
  data_dir: $folder/data$number
  bin_dir: $programs
  pgpass: $folder/pgpass$number
  authentication:
    superuser: {username: postgres}
    replication: {username: replicator}
    rewind: {username: rewinder}
  pg_hba: [local all all trust, host all all 127.0.0.1/32 trust, host replication all 127.0.0.1/32 trust]
YAML
        node "node$number"
        # The first one makes the cluster; the others copy it.
        if [ "$number" = 1 ]; then until leader >/dev/null; do sleep 0.5; done; fi
    done
    for number in 2 3; do
        until curl -fsS -o /dev/null -m 2 "http://127.0.0.1:$((port + 10 + number))/replica"; do sleep 0.5; done 2>/dev/null
    done
    until curl -fsS -m 2 "http://127.0.0.1:$((port + 11))/cluster" | grep -q sync_standby; do sleep 0.5; done 2>/dev/null
    echo "host=127.0.0.1,127.0.0.1,127.0.0.1 port=$((port + 1)),$((port + 2)),$((port + 3)) target_session_attrs=read-write"
    ;;
leader) leader ;;
kill)
    number=${3#node}
    # Patroni first, or it starts the server again; then the server with its children.
    end_tree "$(cat "$folder/$3.pid")"
    end_tree "$(head -n 1 "$folder/data$number/postmaster.pid")"
    ;;
revive) node "$3" ;;
standbys)
    . "$folder/settings"
    for number in 1 2 3; do
        if curl -fsS -o /dev/null -m 2 "http://127.0.0.1:$((port + 10 + number))/replica" 2>/dev/null; then echo "node$number"; fi
    done | wc -l
    ;;
stop)
    for number in 1 2 3; do "$0" kill "$folder" "node$number" 2>/dev/null || true; done
    end_tree "$(cat "$folder/etcd.pid")"
    ;;
*) exit 2 ;;
esac
