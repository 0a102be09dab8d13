#!/usr/bin/env bash
# Installs Chromium and its WebDriver server on a Debian machine, for the tests that sign in with a
# real browser. It does nothing where both are there.
set -euo pipefail

if command -v chromium >/dev/null && command -v chromedriver >/dev/null; then
    echo "this machine has Chromium and ChromeDriver already"
    exit 0
fi
command -v apt-get >/dev/null || { echo "this machine has no apt-get: install Chromium and ChromeDriver" >&2; exit 1; }
[ "$(id -u)" = 0 ] || { echo "packages can only be installed by root: sudo $0" >&2; exit 1; }
apt-get -qq update
DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends chromium chromium-driver >/dev/null
