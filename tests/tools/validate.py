"""Says what a JSON Schema has against TOML files: validate.py SCHEMA FILE...

One line for each complaint: the file, where in it, and what. The schema itself is held against its meta-schema.
"""

import datetime
import json
import sys
import tomllib

import jsonschema


def as_json(value):
    """As editors see it: dates and times are their text."""
    match value:
        case dict():
            return {key: as_json(item) for key, item in value.items()}
        case list():
            return [as_json(item) for item in value]
        case datetime.datetime() | datetime.date() | datetime.time():
            return value.isoformat()
        case _:
            return value


def main(schema_path, *paths):
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for path in paths:
        with open(path, "rb") as file:
            tables = as_json(tomllib.load(file))
        for error in sorted(validator.iter_errors(tables), key=lambda error: error.json_path):
            print(f"{path}: {error.json_path}: {error.message}")


main(*sys.argv[1:])
