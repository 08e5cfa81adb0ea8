#!/bin/sh
# Regenerates the OpenBLAS bindings and the list of checksums for the version in pom.xml.
#   regenerate.sh bindings     needs mvn, unzip and jextract (https://jdk.java.net/jextract)
#   regenerate.sh checksums    needs mvn, unzip and sha256sum
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
ffi=$(dirname -- "$here")
version=$(sed -n 's:.*<openblas.version>\(.*\)</openblas.version>.*:\1:p' "$ffi/../pom.xml")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Copies the jar of a platform into $work and prints its path.
jar_of() {
  (cd "$work" && mvn -q dependency:copy -DoutputDirectory="$work" \
    -Dartifact="org.bytedeco:openblas:$version:jar:$1") >&2
  echo "$work/openblas-$version-$1.jar"
}

bindings() {
  if ! command -v jextract >/dev/null; then
    echo "regenerate.sh: jextract is not on PATH; get it from https://jdk.java.net/jextract" >&2
    exit 1
  fi
  jar=$(jar_of linux-x86_64)
  unzip -q "$jar" 'org/bytedeco/openblas/linux-x86_64/include/*' -d "$work"
  include=$work/org/bytedeco/openblas/linux-x86_64/include
  # jextract takes every line of an argument file for an argument.
  grep -v '^#' "$here/openblas.args" >"$work/openblas.args"
  jextract "@$work/openblas.args" --output "$work/java" -t birkhoff.ffi.openblas.gen \
    --header-class-name cblas_h -I "$include" "$include/cblas.h"
  target=$ffi/src/main/java/birkhoff/ffi/openblas/gen
  rm -rf "$target"
  cp -r "$work/java/birkhoff/ffi/openblas/gen" "$target"
  echo "wrote $target"
}

checksums() {
  list=$work/embedded.sha256
  echo "# org.bytedeco:openblas:$version" >"$list"
  sums linux-x86_64 libquadmath.so.0 libgfortran.so.5 libopenblas.so.0
  sums linux-arm64 libgfortran.so.5 libopenblas.so.0
  sums macosx-arm64 libgcc_s.1.1.dylib libquadmath.0.dylib libgfortran.5.dylib libopenblas.0.dylib
  target=$ffi/src/main/resources/birkhoff/ffi/openblas/embedded.sha256
  cp "$list" "$target"
  echo "wrote $target"
}

# The files of a platform, in the order in which they must be loaded.
sums() {
  platform=$1
  shift
  jar=$(jar_of "$platform")
  for file in "$@"; do
    unzip -p "$jar" "org/bytedeco/openblas/$platform/$file" >"$work/file"
    echo "$(sha256sum <"$work/file" | cut -d' ' -f1)  $platform/$file" >>"$list"
  done
}

case "${1-}" in
  bindings | checksums) "$1" ;;
  *)
    echo "usage: regenerate.sh bindings | checksums" >&2
    exit 2
    ;;
esac
