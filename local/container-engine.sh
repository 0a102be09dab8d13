#!/usr/bin/env bash
# A container engine for `sam local invoke` and `sam local start-api` on a Debian machine that has none
# and may be unable to pull an image.
#
#   local/container-engine.sh start DIR     # as root; afterwards: . DIR/env
#   local/container-engine.sh stop DIR
#
# start unpacks Debian's docker.io into DIR, starts a dockerd whose socket and data are in DIR, and makes
# a base image under the name that SAM asks for. No package is installed, and neither the machine's
# firewall nor its forwarding is changed, so that containers reach nothing but the machine itself. The
# image is no Amazon Linux: it holds a C library and a shell, which is all that the authorizer and SAM
# need in it. Give SAM --skip-pull-image.
set -euo pipefail

image=public.ecr.aws/lambda/provided:al2023

[ $# -eq 2 ] || { echo "usage: $0 start|stop DIR" >&2; exit 2; }
mkdir -p "$2"
dir=$(cd "$2" && pwd)
pidfile=$dir/dockerd.pid

# The engine and what it starts are those of DIR.
export DOCKER_HOST=unix://$dir/docker.sock PATH=$dir/engine/usr/sbin:$dir/engine/usr/bin:$PATH

running() {
    local pid
    pid=$(cat "$pidfile" 2>/dev/null) && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = dockerd ]
}

start() {
    if env -u DOCKER_HOST docker version >/dev/null 2>&1; then
        echo "this machine has a container engine already"
        : >"$dir/env"
        return
    fi
    [ "$(id -u)" = 0 ] || { echo "a container engine can only be started by root" >&2; exit 1; }
    command -v apt-get >/dev/null || { echo "this machine has no apt-get: install Docker or Podman" >&2; exit 1; }
    [ -e "$dir/unpacked" ] || unpack
    running || start_dockerd
    docker image inspect "$image" >/dev/null 2>&1 || tar -C "$dir/image" -c . | docker import - "$image" >/dev/null
    docker tag "$image" "$image-$(uname -m | sed s/aarch64/arm64/)"
    echo "export DOCKER_HOST='$DOCKER_HOST'" >"$dir/env"
    echo "dockerd $(cat "$pidfile") is ready; to use it: . $dir/env"
}

# Unpacks the engine, what it needs and this machine lacks, and the contents of the image.
unpack() {
    rm -rf "$dir/apt" "$dir/engine" "$dir/image"
    mkdir -p "$dir/apt/lists/partial" "$dir/apt/cache/archives/partial" "$dir/apt/"{engine,image}
    apt=(-o "Dir::State::lists=$dir/apt/lists" -o "Dir::Cache=$dir/apt/cache" -o Debug::NoLocking=1
        -o APT::Sandbox::User=root)
    apt-get "${apt[@]}" -qq update

    local engine=(docker.io containerd runc) name
    while read -r name; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || engine+=("$name")
    done < <(apt-cache "${apt[@]}" depends --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
        --no-enhances "${engine[@]}" | sed -n 's/^  Depends: \(lib[^<]*\)$/\1/p')
    (cd "$dir/apt/engine" && apt-get "${apt[@]}" -qq download "${engine[@]}")
    for name in "$dir/apt/engine/"*.deb; do dpkg-deb -x "$name" "$dir/engine"; done

    (cd "$dir/apt/image" && apt-get "${apt[@]}" -qq download busybox-static libc6 libgcc-s1)
    for name in "$dir/apt/image/"*.deb; do dpkg-deb -x "$name" "$dir/image"; done
    mkdir -p "$dir/image/"{bin,opt,tmp,var/task}
    for name in sh cp chmod mv rm wget; do
        ln -sf "$(cd "$dir/image" && find . -path '*bin/busybox' | sed 's/^.//')" "$dir/image/bin/$name"
    done
    for name in lib lib64; do
        [ -e "$dir/image/$name" ] || ln -s "usr/$name" "$dir/image/$name"
    done
    rm -rf "$dir/apt"
    : >"$dir/unpacked"
}

start_dockerd() {
    # Whatever /etc/docker says; and with sudo, for whoever calls it.
    echo '{}' >"$dir/daemon.json"
    ip link show docker0 >/dev/null 2>&1 || : >"$dir/own-bridge"
    # vfs works on any file system, without a kernel module.
    LD_LIBRARY_PATH=$(echo "$dir"/engine/usr/lib/*-linux-gnu) setsid dockerd --host "$DOCKER_HOST" --pidfile "$pidfile" \
        --data-root "$dir/data" --exec-root "$dir/run" --config-file "$dir/daemon.json" --storage-driver vfs \
        --group "${SUDO_GID:-0}" --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false \
        >"$dir/dockerd.log" 2>&1 </dev/null &
    for _ in $(seq 120); do
        docker version >/dev/null 2>&1 && return
        kill -0 $! 2>/dev/null || break
        sleep 0.5
    done
    tail -n 20 "$dir/dockerd.log" >&2
    exit 1
}

stop() {
    if running; then
        local pid
        pid=$(cat "$pidfile")
        docker ps -q | xargs -r docker kill >/dev/null
        kill "$pid"
        while kill -0 "$pid" 2>/dev/null; do sleep 0.2; done
    fi
    rm -f "$pidfile" "$dir/env"
    if [ -e "$dir/own-bridge" ]; then
        ip link delete docker0 2>/dev/null || true
        rm "$dir/own-bridge"
    fi
}

case $1 in
start | stop) "$1" ;;
*) echo "usage: $0 start|stop DIR" >&2; exit 2 ;;
esac
