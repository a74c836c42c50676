"""Whether signatures are those of Standard Webhooks, by the package of its authors. Reads a list of `{secret, headers,
body}` and prints for each what came of it."""

import json
import sys

from standardwebhooks import Webhook, WebhookVerificationError

for sent in json.load(sys.stdin):
    try:
        print("sound:", json.dumps(Webhook(sent["secret"]).verify(sent["body"], sent["headers"])["type"]))
    except WebhookVerificationError as error:
        print("refused:", error)
