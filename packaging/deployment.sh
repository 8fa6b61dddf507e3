#!/usr/bin/env bash
# What docs/DEPLOY.md needs of a release beside the function's zip, in the places that it has in the repository.
# $1: folder, $2: file name of the zip, $3: its architecture, as Lambda calls it.
set -euo pipefail
to=$(realpath "$1") function=$2 architecture=$3
cd "$(dirname "$0")/.."

# The template that takes the zip as it is: there is nothing to build.
sed -e "s#CodeUri: \.\$#CodeUri: $function#" -e '/^ *BuildMethod: /d' -e '/^ *BuildProperties:$/,/^ *Binary: /d' \
    -e "/^  Architecture:\$/,/Default:/s#Default: .*#Default: $architecture#" template.yaml >"$to/template.yaml"
sed -e '/^template_file = /d' -e "s#^Architecture = .*#Architecture = \"$architecture\"#" \
    samconfig.example.toml >"$to/samconfig.example.toml"
cp member-role.yaml pending-deletion-alarm.yaml "$to/"
mkdir -p "$to/docs" "$to/events" "$to/statemachine"
cp --parents deploy/terraform/README.md deploy/terraform/*/*.tf "$to/"
cp docs/queries.sql "$to/docs/"
cp events/*.json "$to/events/"
cp statemachine/*.json "$to/statemachine/"
