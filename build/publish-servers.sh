#!/bin/bash
# Publishes every server whose inputs changed in content since its last publish (compiling one takes seconds), into .build/servers.
set -euo pipefail
cd "$(dirname "$0")/.."

out=.build/servers
shared=(Directory.*.props Directory.*.targets .editorconfig servers/*.props servers/*.txt libsys/abi libsys/linux libsys/rings libsys/messages libsys/hosting tests/servers/*.cs .build/stubs/hosting.o)
mkdir -p "$out"

# One hash of the names and contents of all files below the given paths.
content_hash() {
    find "$@" -type f ! -name '*.user' -print0 2>/dev/null | sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1
}

shared_hash=$(content_hash "${shared[@]}" || true)
projects=() names=() hashes=()
kept=()
# A project below these folders is a server, and nothing else lists it: an image gets those that its configuration names.
while read -r project; do
    name=$(sed -n 's:.*<ServerName>\(.*\)</ServerName>.*:\1:p' "$project")
    [ -n "$name" ] || name=$(basename "$project" .csproj | tr '[:upper:]' '[:lower:]')
    kept+=("$name")
    # With what it compiles from elsewhere.
    mapfile -t sources < <(sed -n "s:.*<Compile Include=\"\([^\"*]*\).*:$(dirname "$project")/\1:p" "$project")
    hash="$shared_hash $(content_hash "$(dirname "$project")" "${sources[@]}")"
    if [ ! -f "$out/$name" ] || [ "$(cat ".build/publish/$name.hash" 2>/dev/null)" != "$hash" ]; then
        projects+=("$PWD/$project") names+=("$name") hashes+=("$hash")
    fi
done < <(find servers tests/servers -name '*.csproj' | sort)

# A server whose project is gone must not stay in images.
for file in "$out"/*; do
    [ -f "$file" ] || continue
    [[ " ${kept[*]} " == *" $(basename "$file") "* ]] || rm "$file"
done
[ ${#projects[@]} -gt 0 ] || exit 0

list=$(IFS=';'; echo "${projects[*]}")
dotnet publish servers/Servers.proj -m:2 -nodeReuse:false -v q --nologo '-clp:NoSummary;ErrorsOnly' "-p:Projects=\"$list\""
for i in "${!names[@]}"; do
    name=${names[$i]}
    cp ".build/publish/$name/$name" "$out/$name.new"
    mv "$out/$name.new" "$out/$name"
    echo "${hashes[$i]}" > ".build/publish/$name.hash"
done
