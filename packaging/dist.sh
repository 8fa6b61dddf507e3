#!/usr/bin/env bash
# `make dist`: everything that a release consists of, for the architecture of this machine, into target/dist. The
# same commit gives the same archives on the same toolchain.
set -euo pipefail
cd "$(dirname "$0")/.."

version=$(cargo pkgid --offline --package keycensus | sed 's/.*[#@]//')
machine=$(uname -m)
case $machine in
x86_64) lambda_architecture=x86_64 ;;
aarch64 | arm64) lambda_architecture=arm64 ;;
*) echo "Lambda has no $machine: build on x86_64 or arm64" >&2; exit 1 ;;
esac
target=$(rustc -vV | sed -n 's/^host: //p')
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || date +%s)
export SOURCE_DATE_EPOCH TZ=UTC

dist=target/dist
work=$dist/work
rm -rf "$dist"
mkdir -p "$work/function" "$work/keycensus-$version/man" "$work/keycensus-$version/completions"

make release

# Lambda's provided.al2023 has glibc 2.34 (https://docs.aws.amazon.com/linux/al2023/ug/glibc-gcc-and-binutils.html).
newest=$(objdump -T target/release/bootstrap | grep -o 'GLIBC_2\.[0-9]*' | sort -Vu | tail -1)
if [[ $(printf '%s\nGLIBC_2.34\n' "$newest" | sort -V | tail -1) != GLIBC_2.34 ]]; then
    echo "bootstrap needs $newest, and Lambda has GLIBC_2.34: build on an older system, or with cargo lambda" >&2
    exit 1
fi

# $1: package, $2: where to.
third_party_licenses() {
    cargo about generate --frozen --fail --target "$target" --config packaging/about.toml \
        --manifest-path "crates/$1/Cargo.toml" --output-file "$2" packaging/third-party-licenses.hbs
}

# $1: package, $2: binary, $3: where to. The builder's folder is nobody's business.
sbom() {
    sed "s#file://$PWD/#file://#g" "crates/$1/$2_bin.cdx.json" >"$3"
}

# Archives are of the commit's time, whoever unpacks them.
stamp() {
    find "$1" -exec touch --date="@$SOURCE_DATE_EPOCH" {} +
}

# The function: a zip for Lambda, and what it is deployed with.
cp target/release/bootstrap "$work/function/"
cp LICENSE "$work/function/"
third_party_licenses lambda "$work/function/THIRD-PARTY-LICENSES.txt"
chmod 755 "$work/function/bootstrap"
stamp "$work/function"
function=keycensus-lambda-$version-$lambda_architecture.zip
(cd "$work/function" && python3 -m zipfile -c "../../$function" bootstrap LICENSE THIRD-PARTY-LICENSES.txt)
packaging/deployment.sh "$dist" "$function" "$lambda_architecture"

# The command line: binary, manual pages, completions.
command=$work/keycensus-$version
cp target/release/keycensus LICENSE CHANGELOG.md "$command/"
third_party_licenses cli "$command/THIRD-PARTY-LICENSES.txt"
"$command/keycensus" man --out "$command/man"
for shell in bash elvish fish powershell zsh; do
    "$command/keycensus" completions $shell >"$command/completions/keycensus.$shell"
done
tar --create --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
    --directory "$work" "keycensus-$version" | gzip --no-name -9 >"$dist/keycensus-$version-$target.tar.gz"

# What is in the binaries (CycloneDX). The tool writes beside every Cargo.toml.
cargo cyclonedx --quiet --format json --spec-version 1.5 --describe binaries --target "$target"
sbom lambda bootstrap "$dist/keycensus-lambda-$version-$lambda_architecture.cdx.json"
sbom cli keycensus "$dist/keycensus-$version-$target.cdx.json"
rm -f crates/*/*_bin.cdx.json tests/*_bin.cdx.json

rm -rf "$work"
sums=$(cd "$dist" && find . -type f -printf '%P\0' | LC_ALL=C sort --zero-terminated | xargs --null sha256sum --)
printf '%s\n' "$sums" >"$dist/SHA256SUMS"
ls -lR "$dist"
