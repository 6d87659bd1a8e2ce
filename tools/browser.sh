#!/bin/bash
# browser.sh: the owner's app in a real Chromium, from its own origin, against a real hub in the factory state.
cd "$(dirname "$0")/.." || exit 2
export KEEL_HOME=/var/lib/keel-browser KEEL_NETNS=keel-browser KEEL_APP_PORT=8446
. tools/home.sh
trap 'home_stop; rm -rf "$home"' EXIT
home_stop
rm -rf "$home"
home_start || exit 1
cd web/owner &&
	KEEL_HUB_URL=$hub_url KEEL_LABEL=$(cat "$home/hub/label.txt") KEEL_CA=$maker/ca.crt KEEL_APP_URL=$app_url \
		KEEL_SHOTS="${KEEL_SHOTS-}" node test/run.mjs test/browser.test.mjs
