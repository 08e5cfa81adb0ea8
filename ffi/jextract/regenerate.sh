#!/bin/sh
# Regenerates a library's bindings or its list of checksums for the version in pom.xml.
#   regenerate.sh openblas|onednn bindings     needs mvn, unzip and jextract (https://jdk.java.net/jextract)
#   regenerate.sh openblas|onednn checksums    needs mvn, unzip and sha256sum
set -eu

usage() {
  echo "usage: regenerate.sh openblas|onednn bindings|checksums" >&2
  exit 2
}

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
ffi=$(dirname -- "$here")
library=${1-}
case "$library" in
  openblas) artifact=openblas header=cblas.h class=cblas_h ;;
  onednn) artifact=dnnl header=oneapi/dnnl/dnnl.h class=dnnl_h ;;
  *) usage ;;
esac
version=$(sed -n "s:.*<$library.version>\(.*\)</$library.version>.*:\1:p" "$ffi/../pom.xml")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Copies the jar of a platform into $work and prints its path.
jar_of() {
  (cd "$work" && mvn -q dependency:copy -DoutputDirectory="$work" \
    -Dartifact="org.bytedeco:$artifact:$version:jar:$1") >&2
  echo "$work/$artifact-$version-$1.jar"
}

bindings() {
  if ! command -v jextract >/dev/null; then
    echo "regenerate.sh: jextract is not on PATH; get it from https://jdk.java.net/jextract" >&2
    exit 1
  fi
  jar=$(jar_of linux-x86_64)
  unzip -q "$jar" "org/bytedeco/$artifact/linux-x86_64/include/*" -d "$work"
  include=$work/org/bytedeco/$artifact/linux-x86_64/include
  # jextract takes every line of an argument file for an argument.
  grep -v '^#' "$here/$library.args" >"$work/$library.args"
  jextract "@$work/$library.args" --output "$work/java" -t "birkhoff.ffi.$library.gen" \
    --header-class-name "$class" -I "$include" "$include/$header"
  target=$ffi/src/main/java/birkhoff/ffi/$library/gen
  rm -rf "$target"
  cp -r "$work/java/birkhoff/ffi/$library/gen" "$target"
  echo "wrote $target"
}

checksums() {
  list=$work/embedded.sha256
  echo "# org.bytedeco:$artifact:$version" >"$list"
  case "$library" in
    openblas)
      sums linux-x86_64 libquadmath.so.0 libgfortran.so.5 libopenblas.so.0
      sums linux-arm64 libgfortran.so.5 libopenblas.so.0
      sums macosx-arm64 libgcc_s.1.1.dylib libquadmath.0.dylib libgfortran.5.dylib libopenblas.0.dylib
      ;;
    onednn) sums linux-x86_64 libgomp.so.1 libdnnl.so.3 ;;
  esac
  target=$ffi/src/main/resources/birkhoff/ffi/$library/embedded.sha256
  cp "$list" "$target"
  echo "wrote $target"
}

# The files of a platform, in the order in which they must be loaded.
sums() {
  platform=$1
  shift
  jar=$(jar_of "$platform")
  for file in "$@"; do
    unzip -p "$jar" "org/bytedeco/$artifact/$platform/$file" >"$work/file"
    echo "$(sha256sum <"$work/file" | cut -d' ' -f1)  $platform/$file" >>"$list"
  done
}

case "${2-}" in
  bindings | checksums) "$2" ;;
  *) usage ;;
esac
