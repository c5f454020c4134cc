"""Reads OpenMetrics text with Prometheus's own parser and prints what it found: a JSON array of families, each with
[name, kind, unit, help, [[name of the sample, labels, value], …]]. Fails as that parser does."""
import json
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families

with open(sys.argv[1], encoding="utf-8", newline="") as file:
    families = text_string_to_metric_families(file.read())
    json.dump(
        [[f.name, f.type, f.unit, f.documentation, [[s.name, s.labels, repr(float(s.value))] for s in f.samples]]
         for f in families], sys.stdout)
