"""What Drumlin's commands leave on disk for the tables that storage.py compares, and what Columns measures on it.

`drumlin` is the table of a user's own with the same columns and types as the peers'; `drumlin task` is the predictions
table of the task, as a replay leaves it: with the class, the bucket and the epoch of each prediction, and the score in
double precision as it stands in the file.
"""
import json
import os
import shutil
import subprocess

import pyarrow

import measure

SYSTEM_COLUMNS = {"_id": "id", "_at": "ts", "_score": "prediction"}
TYPES = {"float": "float32", "double": "float64", "string": "string", "int64": "int64"}


def figures(commands, source, table, plan, folder):
    """Formats by name, as in storage.py's result: sizes, and times where Columns is built too."""
    drumlin = os.path.join(os.path.abspath(commands), "drumlin")
    colstat = os.path.join(os.path.abspath(commands), "colstat")
    found = {}
    store = _fresh(folder, "import")
    types = ",".join(f"{field.name}:{'timestamp' if pyarrow.types.is_timestamp(field.type) else TYPES[str(field.type)]}"
                     f"{'' if table[field.name].null_count else '!'}" for field in table.schema)
    path = os.path.join(source, "predictions.csv") if os.path.isdir(source) else source
    run(drumlin, "import", store, "rows", path, "--schema", types, "--time", plan.time,
        *(["--index", plan.key] if plan.key else []))
    found["drumlin"] = _sizes(colstat, os.path.join(store, "rows"), {})
    driver = os.path.join(os.path.abspath(commands), "Columns")
    if os.path.exists(driver):
        asked = json.loads(run(driver, store, "rows", os.path.join(folder, "plan.json")))
        for name, figures in asked.items():
            found.setdefault(name, {}).update(figures)
    if os.path.isdir(source):
        store = _fresh(folder, "replay")
        run(drumlin, "replay", store, "--spec", os.path.join(source, "task.json"),
            "--reference", os.path.join(source, "reference.csv"), "--predictions", path)
        with open(os.path.join(source, "task.json")) as file:
            name = json.load(file)["name"]
        found["drumlin task"] = _sizes(colstat, os.path.join(store, name, "predictions"), SYSTEM_COLUMNS)
    return found


def run(*arguments):
    return subprocess.run(arguments, check=True, stdout=subprocess.PIPE, preexec_fn=measure.pin).stdout


def _fresh(folder, name):
    store = os.path.join(folder, f"{name}.drumlin")
    shutil.rmtree(store, ignore_errors=True)
    return store


def _sizes(colstat, path, names):
    columns = json.loads(run(colstat, "columns", path, "--json"))
    sizes = {names.get(column["column"], column["column"]): column["encoded_bytes"] for column in columns}
    files = {end: sum(os.path.getsize(os.path.join(path, file)) for file in os.listdir(path) if file.endswith(end))
             for end in (".seg", ".idx")}
    return {"rows": max(column["rows"] for column in columns), "bytes": sum(sizes.values()), "column_bytes": sizes,
            "encodings": {names.get(column["column"], column["column"]): column["encoding"] for column in columns},
            "file_bytes": files[".seg"], "index_bytes": files[".idx"]}
