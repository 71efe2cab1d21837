"""Runs SQL or KQL inside DuckDB or chdb for kql.py: a line of JSON in, a line of JSON out.

First line {"engine", "threads", "tables": {name: folder}}, then {"query", "kusto"} -> {"ms", "rows"} or {"error"}.
"""

import datetime
import json
import sys
import time


def duckdb_runner(threads, tables):
    import duckdb

    connection = duckdb.connect(config={"threads": threads})
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET parquet_metadata_cache = true")
    for name, folder in tables.items():
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{folder}/*.parquet')")

    def run(query, _):
        start = time.perf_counter()
        rows = connection.execute(query).fetchall()
        return (time.perf_counter() - start) * 1000, rows

    return run


def chdb_runner(threads, tables):
    from chdb import session

    opened = session.Session()
    for setting in (f"max_threads = {threads}", "session_timezone = 'UTC'", "allow_experimental_kusto_dialect = 1"):
        opened.query(f"SET {setting}")
    opened.query("CREATE DATABASE bench ENGINE = Atomic")
    opened.query("USE bench")
    for name, folder in tables.items():
        opened.query(f"CREATE VIEW {name} AS SELECT * FROM file('{folder}/*.parquet', 'Parquet')")

    def run(query, kusto):
        if kusto:
            opened.query("SET dialect = 'kusto'")
        try:
            start = time.perf_counter()
            text = str(opened.query(query, "JSONCompact"))
            taken = (time.perf_counter() - start) * 1000
        finally:
            if kusto:
                opened.query("SET dialect = 'clickhouse'")
        return taken, json.loads(text)["data"]

    return run


def plain(value):
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%f")
    return str(value) if value.__class__.__name__ in ("UUID", "Decimal") else value


def main():
    setup = json.loads(sys.stdin.readline())
    runner = {"duckdb": duckdb_runner, "chdb": chdb_runner}[setup["engine"]](setup["threads"], setup["tables"])
    for line in sys.stdin:
        request = json.loads(line)
        try:
            taken, rows = runner(request["query"], request.get("kusto", False))
            answer = {"ms": taken, "rows": [[plain(value) for value in row] for row in rows]}
        except Exception as error:  # noqa: BLE001 - whatever a peer raises is its answer
            answer = {"error": str(error)[:400]}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
