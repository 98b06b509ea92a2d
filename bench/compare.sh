#!/usr/bin/env bash
# Compares the client of this checkout with that of another revision: compare.sh REVISION [flags of bench compare].
# Both are built into the same benchmark program and run in the same rounds. Micro-benchmarks of both go through benchstat.
# COUNT (6) says how often each of them runs, BENCHTIME (0.2s) for how long.
set -euo pipefail
cd "$(dirname "$0")"
export GOWORK=off # neither revision sees what a workspace adds
if (($# == 0)); then
	echo "usage: bench/compare.sh REVISION [flags]" >&2
	exit 2
fi
base=$1
shift
packages=(./internal/wire ./codec ./codec/msgpack ./client)

work=$(mktemp -d)
trap 'git worktree remove --force "$work/base"; rm -r "$work"' EXIT
git worktree add --quiet --detach "$work/base" "$base"

# The program is this checkout's, also where it measures the client of the other revision.
module=$(go -C .. list -m)
cp go.mod "$work/go.mod"
cp go.sum "$work/go.sum"
go mod edit -replace "$module=$work/base" "$work/go.mod"
go build -mod=mod -modfile "$work/go.mod" -o "$work/bench-base" .
go build -o "$work/bench" .

echo "This checkout ($(git describe --always --dirty)) against $base ($(git rev-parse --short "$base"))."
echo
"$work/bench" compare -base "$work/bench-base" "$@"

for package in "${packages[@]}"; do
	name=${package//[.\/]/_}
	(cd "$work/base" && go test -c -o "$work/base$name.test" "$package")
	(cd .. && go test -c -o "$work/change$name.test" "$package")
done
for ((i = 0; i < ${COUNT:-6}; i++)); do
	for package in "${packages[@]}"; do
		name=${package//[.\/]/_}
		for side in base change; do
			[[ $side == base ]] && tree=$work/base || tree=..
			(cd "$tree/$package" && "$work/$side$name.test" -test.run '^$' -test.bench . -test.benchmem -test.benchtime "${BENCHTIME:-0.2s}") >>"$work/$side.txt"
		done
	done
done
printf '\n### Micro-benchmarks\n\n```\n'
(cd "$work" && exec "$(go -C "$OLDPWD" tool -n benchstat)" base.txt change.txt)
printf '```\n'
