#!/usr/bin/env bash
# Runs the tests.
#
#   ./test.sh          everything: formatting, vet, staticcheck, tests, the race
#                      detector on the core, every fuzz target for ten seconds,
#                      every benchmark once
#   ./test.sh -short   formatting, vet and the quick tests: under two minutes
#                      with a warm build cache
#
# What it needs beyond Go it installs, or says loudly that it is missing.
set -euo pipefail
cd "$(dirname "$0")"

short=
case "${1:-}" in
"") ;;
-short) short=-short ;;
*) echo "usage: ./test.sh [-short]" >&2; exit 2 ;;
esac

step() { printf '\n== %s\n' "$*"; }

need() { # need COMMAND DEBIAN-PACKAGE
	command -v "$1" >/dev/null && return
	if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
		step "installing $2, which has $1"
		apt-get update -qq && apt-get install -y -qq --no-install-recommends "$2"
	fi
	command -v "$1" >/dev/null || { echo "test.sh: $1 is missing: install it (Debian: apt-get install $2)" >&2; exit 1; }
}

need go golang
need curl curl # the tutorials' lines are run
export CGO_ENABLED=0

step "formatting"
unformatted=$(find . -name '*.go' -not -path './.*/*' -print0 | xargs -0 gofmt -l)
[ -z "$unformatted" ] || { echo "not formatted with gofmt: $unformatted" >&2; exit 1; }

step "vet and build"
go vet ./...
mkdir -p .cache
go build -trimpath -o .cache/fullmakt ./cmd/fullmakt

if [ -n "$short" ]; then
	step "quick tests"
	go test -short ./...
	exit
fi

step "go.mod is tidy"
go mod tidy -diff

step "staticcheck"
go build -C tools -o ../.cache/staticcheck honnef.co/go/tools/cmd/staticcheck
.cache/staticcheck ./...

step "tests"
need chromium chromium # the pages are tested in a browser
need node nodejs
need npm npm
(cd web/bundle && npm ci --no-audit --no-fund --loglevel=error)
go test -shuffle=on -timeout 20m ./...

step "the bundle of the pages is what its sources make"
cp -r web/assets/vendor .cache/vendor-committed.$$
trap 'rm -rf .cache/vendor-committed.$$' EXIT
(cd web/bundle && npm run --silent build)
diff -r .cache/vendor-committed.$$ web/assets/vendor

step "race detector on the core"
need gcc gcc
need ld binutils
[ -e /usr/include/stdlib.h ] || need_libc=1
if [ -n "${need_libc:-}" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	apt-get update -qq && apt-get install -y -qq --no-install-recommends libc6-dev
fi
CGO_ENABLED=1 go test -race -short -timeout 20m . ./catalogue ./index ./pdp ./xacml ./registry ./delegation ./world ./text

step "fuzz targets, ten seconds each"
# By package and by name, and counted: a target that silently does not run is
# worse than none.
want=$(grep -rhoE '^func Fuzz[A-Za-z0-9_]+' --include='*_test.go' . | sort -u | wc -l)
ran=0
for package in $(go list ./...); do
	for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
		echo "-- $package $target"
		if ! log=$(go test -run '^$' -fuzz "^$target\$" -fuzztime 10s -fuzzminimizetime 10x -timeout 5m "$package" 2>&1); then
			# When its time is up in the middle of an input, go test now and then
			# calls its own deadline a failure. A real one has an input to show.
			if ! grep -q 'context deadline exceeded' <<<"$log" || grep -qE 'Failing input written|panic:|hung or terminated' <<<"$log"; then
				echo "$log" >&2
				exit 1
			fi
		fi
		grep -q 'fuzz: elapsed' <<<"$log" || { echo "$log" >&2; echo "$target did not run" >&2; exit 1; }
		grep 'fuzz: elapsed' <<<"$log" | tail -n 1
		ran=$((ran + 1))
	done
done
echo "$ran of $want fuzz targets ran"
[ "$ran" -gt 0 ] && [ "$ran" = "$want" ] || { echo "not every fuzz target ran" >&2; exit 1; }

step "every benchmark once"
go test -run '^$' -bench . -benchtime 1x -timeout 20m ./... | grep -E '^(Benchmark|ok|FAIL|panic)' 

step "all passed"
