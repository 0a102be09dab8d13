#!/usr/bin/env bash
# Gives a Debian machine a Rust compiler for arm64 Lambda functions where
# `rustup target add aarch64-unknown-linux-gnu` is not possible.
#
#   local/arm64-toolchain.sh DIR     # afterwards: . DIR/env
#
# It does nothing where rustc has the target already. Otherwise it unpacks Debian's own rustc and the
# arm64 standard library of the very same version into DIR. The system is not changed and root is not
# needed: apt's lists and archives are DIR's own, and no package is installed.
set -euo pipefail

target=aarch64-unknown-linux-gnu
package=rustc-web # Debian's current compiler; its `rustc` is too old for this crate.

[ $# -eq 1 ] || { echo "usage: $0 DIR" >&2; exit 2; }
mkdir -p "$1"
dir=$(cd "$1" && pwd)

has_target() { # has_target RUSTC
    local lib
    lib=$("$1" --print target-libdir --target "$target" 2>/dev/null) && compgen -G "$lib/libstd-*.rlib" >/dev/null
}

# cargo-lambda is not to ask rustup for the target, with whichever compiler.
if has_target "${RUSTC:-rustc}"; then
    echo "${RUSTC:-rustc} has $target already"
    echo "export RUSTUP=none" >"$dir/env"
    exit 0
elif has_target "$dir/rustc"; then
    echo "$dir/rustc has $target already"
    exit 0
fi

command -v apt-get >/dev/null && command -v dpkg >/dev/null ||
    { echo "this machine has no apt-get: \`rustup target add $target\` is the usual way" >&2; exit 1; }

host=$(dpkg --print-architecture)
rm -rf "$dir/apt" "$dir/usr" "$dir/rustc" "$dir/env"
mkdir -p "$dir/apt/lists/partial" "$dir/apt/cache/archives/partial" "$dir/apt/debs"
cd "$dir/apt/debs"

# The machine's own package sources, looked at for a second architecture.
apt=(-o "Dir::State::lists=$dir/apt/lists" -o "Dir::Cache=$dir/apt/cache" -o Debug::NoLocking=1
    -o "APT::Architectures::=$host" -o APT::Architectures::=arm64 -o APT::Sandbox::User="$(id -un)")
apt-get "${apt[@]}" -qq update

version=$(apt-cache "${apt[@]}" show --no-all-versions "$package" | sed -n 's/^Version: //p')
[ -n "$version" ] || { echo "no package $package in this machine's sources" >&2; exit 1; }

# The compiler, its libraries, and those of their dependencies that the machine lacks.
wanted=("$package=$version" "libstd-rust-web-dev:arm64=$version")
while read -r name; do
    case $name in
    libstd-rust-web-*) wanted+=("$name=$version") ;;
    *) [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || wanted+=("$name") ;;
    esac
done < <(apt-cache "${apt[@]}" depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks \
    --no-replaces --no-enhances libstd-rust-web-dev | grep '^[a-z]')
apt-get "${apt[@]}" -qq download "${wanted[@]}"
for deb in *.deb; do dpkg-deb -x "$deb" "$dir"; done
cd "$dir"
rm -rf apt

libraries=$(dirname usr/lib/*/librustc_driver-*.so)
cat >rustc <<END
#!/bin/sh
# Debian's compiler, which finds its standard libraries beside itself.
here=\$(dirname "\$(readlink -f "\$0")")
LD_LIBRARY_PATH="\$here/$libraries" exec "\$here/usr/bin/rustc" "\$@"
END
chmod +x rustc
has_target ./rustc || { echo "the $target library of $package $version is not usable" >&2; exit 1; }
echo "export RUSTC='$dir/rustc' RUSTUP=none" >env
echo "$(./rustc --version) for $target is in $dir; to use it: . $dir/env"
