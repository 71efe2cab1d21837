#!/usr/bin/env python3
"""Graph searches beside LadybugDB (the graph database that goes on from Kuzu): time, memory, and the same answers.

    cargo build --release -p stance
    python3 -m venv /tmp/peer && /tmp/peer/bin/pip install ladybug==0.22.0 pyarrow numpy
    /tmp/peer/bin/python benches/graph.py [--binary target/release/stance] [--nodes 1000000] [--edges 5000000]

Both read the same two Parquet files. Stance has no graph store: each run of it reads the files, builds its index and
searches. LadybugDB loads the files once into a database of its own and then answers; its column "with loading" is what
one question costs when it starts, as Stance does, from files. Walks may repeat edges here (`cycles=all`), because that
is what plain Cypher patterns in LadybugDB mean. Out-degrees follow a power law up to 60 and half of the edges prefer
nodes with many edges. Processor seconds are the steadier measure on a machine that does other things too.

`--binary` may also be the example `kql_bench` (`cargo build --release --workspace --example kql_bench`): the same engine
without the data folder around it.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import numpy
import pyarrow
import pyarrow.parquet as parquet

SOURCES = 1000


def write_graph(folder, nodes, edges):
    """Two files, the same bytes for the same arguments."""
    random = numpy.random.default_rng(7)
    degrees = numpy.minimum((random.pareto(1.8, nodes) + 1) * 2, 60)
    shares = numpy.cumsum(degrees / degrees.sum())
    source = numpy.minimum(numpy.searchsorted(shares, random.random(edges)), nodes - 1)
    target = numpy.where(
        random.random(edges) < 0.5,
        source[random.integers(0, edges, edges)],
        random.integers(0, nodes, edges),
    )
    chosen = numpy.zeros(nodes, dtype=bool)
    chosen[random.choice(nodes, SOURCES, replace=False)] = True
    names = pyarrow.array([f"node-{number:07}" for number in range(nodes)])
    table = {"id": numpy.arange(nodes, dtype=numpy.int64), "name": names, "chosen": chosen}
    parquet.write_table(pyarrow.table(table), os.path.join(folder, "nodes.parquet"))
    table = {"source": source.astype(numpy.int64), "target": target.astype(numpy.int64)}
    parquet.write_table(pyarrow.table(table), os.path.join(folder, "edges.parquet"))
    return [int(node) for node in numpy.flatnonzero(chosen)]


def questions(chosen):
    """Name, KQL after `make-graph`, Cypher."""
    found = []
    for hops in (1, 2, 3, 4):
        chain = "".join(f"-[e{hop}]->({'t' if hop == hops else f'n{hop}'})" for hop in range(1, hops + 1))
        cypher = "".join(f"-[:Edge]->({'t:Node' if hop == hops else ''})" for hop in range(1, hops + 1))
        match, where = f"graph-match cycles=all (s){chain}", "where s.chosen project t.id"
        found.append((f"{hops} hops, paths", f"{match} {where} | count", f"MATCH (s:Node {{chosen: true}}){cypher} RETURN count(*)"))
        found.append((f"{hops} hops, distinct ends", f"{match} {where} | distinct t_id | count", f"MATCH (s:Node {{chosen: true}}){cypher} RETURN count(DISTINCT t.id)"))
    found.append((
        "1 to 4 hops, distinct ends",
        "graph-match cycles=all (s)-[e*1..4]->(t) where s.chosen project t.id | distinct t_id | count",
        "MATCH (s:Node {chosen: true})-[:Edge*1..4]->(t:Node) RETURN count(DISTINCT t.id)",
    ))
    for pair in range(3):
        start, end = chosen[pair], chosen[-1 - pair]
        found.append((
            f"shortest path {pair + 1}",
            f"graph-shortest-paths (a)-[e*1..20]->(b) where a.id == {start} and b.id == {end} project array_length(map(e, target))",
            f"MATCH (a:Node {{id: {start}}})-[e:Edge* SHORTEST 1..20]->(b:Node {{id: {end}}}) RETURN length(e)",
        ))
    return found


def run_stance(binary, folder, query):
    """The answer, wall and processor seconds, peak MiB of one whole process."""
    text = f"Edges | make-graph source --> target with Nodes on id | {query}"
    files = {"Nodes": f"{folder}/nodes.parquet", "Edges": f"{folder}/edges.parquet"}
    is_example = os.path.basename(binary) == "kql_bench"
    with tempfile.TemporaryDirectory() as data:
        command, asked = [binary], ""
        if is_example:
            asked = "\n".join(json.dumps(line) for line in ({"threads": 2, "tables": files}, {"query": text})) + "\n"
        else:
            command += ["query", "--data", data, "--format", "json"]
            for name, path in files.items():
                command += ["--table", f"{name}={path}"]
            command.append(text)
        start = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        process.stdin.write(asked.encode())
        process.stdin.close()
        output = process.stdout.read().decode()
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    if status != 0:
        sys.exit("stance failed")
    if is_example:
        reply = json.loads(output.splitlines()[-1])
        if "error" in reply:
            sys.exit(f"stance failed: {reply['error']}")
        rows = reply["rows"]
        answer = rows[0][0] if rows else None
    else:
        rows = json.loads(output)
        answer = list(rows[0].values())[0] if rows else None
    return answer, seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def peer(folder, runs):
    """Runs inside a process of its own: prints the loading time and each answer with its times as JSON lines."""
    import ladybug

    def processor():
        used = resource.getrusage(resource.RUSAGE_SELF)
        return used.ru_utime + used.ru_stime

    with tempfile.TemporaryDirectory() as data:
        connection = ladybug.Connection(ladybug.Database(os.path.join(data, "graph")))
        start, before = time.perf_counter(), processor()
        connection.execute("CREATE NODE TABLE Node(id INT64, name STRING, chosen BOOLEAN, PRIMARY KEY(id))")
        connection.execute("CREATE REL TABLE Edge(FROM Node TO Node)")
        connection.execute(f"COPY Node FROM '{folder}/nodes.parquet'")
        connection.execute(f"COPY Edge FROM '{folder}/edges.parquet'")
        print(json.dumps({"load": [time.perf_counter() - start, processor() - before]}), flush=True)
        with open(os.path.join(folder, "questions.json"), encoding="utf-8") as file:
            for name, _, cypher in json.load(file):
                times = []
                for _ in range(runs):
                    start, before = time.perf_counter(), processor()
                    result = connection.execute(cypher)
                    rows = [result.get_next() for _ in range(1) if result.has_next()]
                    times.append((time.perf_counter() - start, processor() - before))
                answer = rows[0][0] if rows else None
                print(json.dumps({"name": name, "answer": answer, "times": times}), flush=True)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"peak": peak}), flush=True)


def run_peer(folder, runs):
    output = subprocess.run([sys.executable, os.path.abspath(__file__), "--peer", folder, "--runs", str(runs)],
                            stdout=subprocess.PIPE, check=True, text=True).stdout
    lines = [json.loads(line) for line in output.splitlines()]
    answers = {line["name"]: line for line in lines if "name" in line}
    return lines[0]["load"], answers, lines[-1]["peak"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default="target/release/stance")
    parser.add_argument("--nodes", type=int, default=1_000_000)
    parser.add_argument("--edges", type=int, default=5_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peer:
        return peer(arguments.peer, arguments.runs)

    with tempfile.TemporaryDirectory() as folder:
        chosen = write_graph(folder, arguments.nodes, arguments.edges)
        asked = questions(chosen)
        with open(os.path.join(folder, "questions.json"), "w", encoding="utf-8") as file:
            json.dump(asked, file)
        load, answers, peer_peak = run_peer(folder, arguments.runs)
        print(f"{arguments.nodes:,} nodes, {arguments.edges:,} edges; {SOURCES:,} starts. "
              f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}. "
              f"Seconds, median of {arguments.runs}.\n")
        print("| question | answer | stance, from files: wall (processor) | stance, peak MiB | ladybug, loaded: wall (processor) | "
              "ladybug, with loading: wall (processor) | same answer |")
        print("|---|---|---|---|---|---|---|")
        for name, kql, _ in asked:
            found = [run_stance(arguments.binary, folder, kql) for _ in range(arguments.runs)]
            answer, peak = found[0][0], max(run[3] for run in found)
            wall, processor = (statistics.median(run[place] for run in found) for place in (1, 2))
            other = answers[name]
            loaded, spent = (statistics.median(run[place] for run in other["times"]) for place in (0, 1))
            same = "yes" if str(answer) == str(other["answer"]) else f"no: {other['answer']}"
            print(f"| {name} | {answer} | {wall:.2f} ({processor:.2f}) | {peak:.0f} | {loaded:.2f} ({spent:.2f}) | "
                  f"{load[0] + loaded:.2f} ({load[1] + spent:.2f}) | {same} |", flush=True)
        print(f"\nLoading into LadybugDB took {load[0]:.1f} s ({load[1]:.1f} s of processor); its process peaked at {peer_peak:.0f} MiB.")
    return None


if __name__ == "__main__":
    sys.exit(main())
