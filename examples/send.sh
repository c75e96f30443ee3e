#!/bin/sh
# Sends one campaign to a list of any length over HTTP, and waits for its report. With QUNFA_KEY where keys are set:
#   QUNFA_URL=http://127.0.0.1:3000 sh examples/send.sh november-offer openids.txt
set -eu

id=${1:?usage: QUNFA_URL=http://… sh examples/send.sh CAMPAIGN_ID FILE}
file=${2:?usage: QUNFA_URL=http://… sh examples/send.sh CAMPAIGN_ID FILE}
: "${QUNFA_URL:?usage: QUNFA_URL=http://… sh examples/send.sh CAMPAIGN_ID FILE}"

ask() {
  path=$1
  shift
  curl --silent --show-error --fail-with-body -H "Authorization: Bearer ${QUNFA_KEY:-}" "$@" "$QUNFA_URL$path"
}

# Takes the text of a field out of one line of JSON; with jq at hand: jq -r .audienceId
field() {
  sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"
}

audience=$(ask "/v1/audiences?name=$id" -H "Content-Type: text/plain" --data-binary "@$file" | field audienceId)

# The key is the campaign's id: sent again, the same campaign changes nothing.
ask /v1/campaigns -H "Content-Type: application/json" -H "Idempotency-Key: $id" --data-binary @- >/dev/null <<JSON
{
  "account": "demo",
  "message": { "msgtype": "text", "text": { "content": "您好" } },
  "audience": { "type": "list", "audienceId": "$audience" }
}
JSON

until campaign=$(ask "/v1/campaigns/$id") && ! echo "$campaign" | grep -q '"report":null'; do
  sleep 1
done
echo "$campaign"
