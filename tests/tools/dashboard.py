"""Reads a Grafana dashboard by Grafana's published schema, and prints each key that the schema does not know."""

import json
import sys

from grafana_foundation_sdk.cog import plugins
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

# Grafana's Prometheus data source reads these; the schema of annotations leaves them to the data source.
OF_THE_DATA_SOURCE = {"step", "textFormat", "titleFormat"}


def lost(written, understood, at):
    if isinstance(written, dict) and isinstance(understood, dict):
        for key, value in written.items():
            if key in understood:
                yield from lost(value, understood[key], f"{at}/{key}")
            elif value is not None and not ("/annotations/" in at and key in OF_THE_DATA_SOURCE):
                yield f"{at}/{key}"
    elif isinstance(written, list) and isinstance(understood, list) and len(written) == len(understood):
        for number, (value, other) in enumerate(zip(written, understood)):
            yield from lost(value, other, f"{at}/{number}")
    elif written != understood:
        yield f"{at}: {written!r} is read as {understood!r}"


plugins.register_default_plugins()
dashboard = json.load(sys.stdin)
read = json.loads(JSONEncoder().encode(Dashboard.from_json(dashboard)))
print("\n".join(lost(dashboard, read, "")))
