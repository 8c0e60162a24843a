#!/usr/bin/env bash
# Builds a small program against the library in each way that people consume it.
# usage: run.sh find_package|add_subdirectory|fetch_content|pkg_config SOURCE BUILD
set -euo pipefail
kind=$1 source=$2 build=$3
here=$source/tests/consumers
# As deep as build/, and Release as it is: so the cache of compilations serves what is built here.
work=$(mktemp -d "$source/build-consumer.XXXXXX")
trap 'rm -rf "$work"' EXIT
export CCACHE_BASEDIR=$source CCACHE_NOHASHDIR=1

configure() {
  cmake -S "$here/$kind" -B "$work" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DFAIRLEAD_SOURCE="$source" -DCMAKE_CXX_COMPILER_LAUNCHER=ccache "$@" >"$work/log" || { cat "$work/log"; exit 1; }
  cmake --build "$work" --target consumer >"$work/log" || { cat "$work/log"; exit 1; }
  "$work/consumer"
}

case $kind in
  find_package)
    cmake --install "$build" --prefix "$work/prefix" >/dev/null
    configure -DCMAKE_PREFIX_PATH="$work/prefix"
    ;;
  pkg_config)
    cmake --install "$build" --prefix "$work/prefix" >/dev/null
    PKG_CONFIG_PATH=$(dirname "$(find "$work/prefix" -name fairlead.pc)")
    export PKG_CONFIG_PATH
    # shellcheck disable=SC2046
    ccache g++ -std=c++20 "$here/main.cpp" -o "$work/consumer" $(pkg-config --cflags --libs fairlead)
    "$work/consumer"
    ;;
  *)
    configure
    ;;
esac
