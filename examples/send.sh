#!/bin/sh
# Sends one campaign to a list of any length over HTTP, and waits for its report. Run again under the same id it sends
# nothing, and tells the same report. With QUNFA_KEY where keys are set:
#   QUNFA_URL=http://127.0.0.1:3000 sh examples/send.sh november-offer openids.txt
set -eu

id=${1:-}
file=${2:-}
if [ -z "$id" ] || [ -z "$file" ] || [ -z "${QUNFA_URL:-}" ]; then
  echo "usage: QUNFA_URL=http://… sh examples/send.sh <campaign id> <file with an OpenID a line>" >&2
  exit 64
fi
[ -f "$file" ] || { echo "$file: there is no such file" >&2 && exit 66; }

call() {
  path=$1
  shift
  curl --silent --show-error -H "Authorization: Bearer ${QUNFA_KEY:-}" "$@" "$QUNFA_URL$path"
}

# The answer; of a refusal its reason, on standard error.
ask() {
  answer=$(call "$@" --fail-with-body) || { code=$? && printf '%s\n' "$answer" >&2 && return $code; }
  printf '%s\n' "$answer"
}

# Takes the text of a field out of one line of JSON; with jq at hand: jq -r .audienceId
field() {
  sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"
}

# Looked for first: every upload is a list of its own, and with another list it would be another campaign.
status=$(call "/v1/campaigns/$id" --output /dev/null --write-out '%{http_code}')
if [ "$status" = 404 ]; then
  list=$(ask "/v1/audiences?name=$id" -H "Content-Type: text/plain" --data-binary "@$file")
  audience=$(printf '%s\n' "$list" | field audienceId)

  # The key is the campaign's id: sent again, the same campaign changes nothing.
  ask /v1/campaigns -H "Content-Type: application/json" -H "Idempotency-Key: $id" --data-binary @- >/dev/null <<JSON
{
  "account": "demo",
  "message": { "msgtype": "text", "text": { "content": "您好" } },
  "audience": { "type": "list", "audienceId": "$audience" }
}
JSON
fi

campaign=$(ask "/v1/campaigns/$id")
while printf '%s\n' "$campaign" | grep -q '"report":null'; do
  sleep 1
  campaign=$(ask "/v1/campaigns/$id")
done
printf '%s\n' "$campaign"
