"""Reads an exposition as Prometheus' own client for Python does, strictly; prints its families as JSON lines."""

import json
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families

# What the type itself brings along, not a label of ours.
OF_THE_TYPE = {"histogram": {"le"}}

for family in text_string_to_metric_families(sys.stdin.read()):
    labels = set().union(*(sample.labels for sample in family.samples)) - OF_THE_TYPE.get(family.type, set())
    ending = {"counter": "_total", "info": "_info"}.get(family.type, "")
    row = {"name": family.name + ending, "type": family.type, "unit": family.unit, "labels": sorted(labels)}
    print(json.dumps(row | {"help": family.documentation}))
