"""Attack-path rules as Cypher, and LadybugDB that answers them. Runs in a process of its own: JSON lines out."""

import glob
import json
import os
import resource
import sys
import tempfile
import time

import pyarrow.parquet as parquet
import yaml

TIME_LIMIT = 30  # Seconds, as a rule has in Stance.
DEEPEST = 8  # Levels that a right reaches down.
LEVELS = {"low": 0, "medium": 1, "high": 2}


def alias(name):
    """Some names of nodes are words of Cypher."""
    return "n_" + name


class Words:
    """What stands in the files: relation tables, columns, and labels by capability."""

    def __init__(self, folder, content):
        self.relations = {}
        for path in glob.glob(os.path.join(folder, "peer_*.parquet")):
            name = os.path.basename(path)[5:-8]
            if name != "nodes":
                self.relations[name] = path
        self.nodes = os.path.join(folder, "peer_nodes.parquet")
        self.pairs = {}
        with open(os.path.join(folder, "peer_rights.json"), encoding="utf-8") as file:
            self.bits = json.load(file)
        self.rights = sorted({column for column, _ in self.bits.values()})
        labels = parquet.read_table(self.nodes, columns=["label"])["label"].unique().to_pylist()
        for path in glob.glob(os.path.join(content, "graph/capabilities/*.yaml")):
            if path.endswith("names.yaml"):
                continue
            with open(path, encoding="utf-8") as file:
                for entry in yaml.safe_load(file):
                    for label in entry["types"]:
                        self.add(entry["capability"], label, labels)

    def add(self, capability, label, labels):
        if f"{capability}: {label}" in self.bits:
            for known in labels if label == "*" else [label]:
                self.pairs.setdefault(capability, {}).setdefault(known, set()).add(f"{capability}: {label}")

    def may(self, right, node, capabilities):
        """The right holds one of these on the type of the node."""
        needs = {}
        for capability in capabilities:
            for label, pairs in self.pairs.get(capability, {}).items():
                masks = needs.setdefault(label, {})
                for column, bit in (self.bits[pair] for pair in pairs):
                    masks[column] = masks.get(column, 0) | bit
        by_masks = {}
        for label, masks in needs.items():
            by_masks.setdefault(tuple(sorted(masks.items())), []).append(label)
        either = []
        for masks, labels in sorted(by_masks.items()):
            quoted = ", ".join(f"'{label}'" for label in sorted(labels))
            held = " OR ".join(f"bitwise_and({right}.{column}, {mask}) > 0" for column, mask in masks)
            either.append(f"({node}.label IN [{quoted}] AND ({held}))")
        return "(" + (" OR ".join(either) or "false") + ")"

    def grants(self, right, capabilities):
        """The right holds one of these on any type."""
        masks = {}
        for pair, (column, bit) in self.bits.items():
            if pair.split(": ")[0] in capabilities:
                masks[column] = masks.get(column, 0) | bit
        return "(" + (" OR ".join(f"bitwise_and({right}.{column}, {mask}) > 0" for column, mask in masks.items()) or "false") + ")"


class Query:
    """A chain of a rule as a pattern with its conditions."""

    def __init__(self, words, prefix):
        self.words, self.prefix = words, prefix
        self.where = []
        self.steps = 0

    def chain(self, path, known=()):
        text, before = "", None
        for step in path:
            if "node" in step:
                name = alias(step["node"])
                if before is not None:
                    text += self.hop(before, name)
                text += f"({name}{'' if name in known else ':Node'})"
                self.test(name, step)
            else:
                before = step
        return text

    def test(self, name, step):
        if step.get("is"):
            self.where.append("(" + " OR ".join(f"{name}.is_{kind}" for kind in step["is"]) + ")")
        if step.get("label"):
            quoted = ", ".join(f"'{label}'" for label in step["label"])
            self.where.append(f"{name}.label IN [{quoted}]")
        self.where += [f"{name}.{insight}" for insight in step.get("has", [])]
        self.where += [f"NOT {name}.{insight}" for insight in step.get("lacks", [])]

    def hop(self, step, after):
        self.steps += 1
        name = f"{self.prefix}{self.steps}"
        least = LEVELS[step.get("confidence", "low")]
        if "can" in step:
            self.where.append(self.words.may(name, after, step["can"]))
            if least:
                self.where.append(f"{name}.confidence >= {least}")
            return f"-[{name}:has_permissions_to]->(:Node)-[:contains*0..{DEEPEST}]->"
        if step.get("grants"):
            self.where.append(self.words.grants(name, step["grants"]))
        labels = [label.replace(" ", "_") for label in step["edge"]]
        labels = "|".join(label for label in labels if label in self.words.relations)
        repeat = f"*{step['repeat']}" if step.get("repeat") else ""
        if least and not repeat:
            self.where.append(f"{name}.confidence >= {least}")
        text = f"-[{name}:{labels}{repeat}]-"
        return "<" + text if step.get("back") else text + ">"


def cypher(rule, words):
    """The pairs of entry and target of a rule."""
    main = Query(words, "e")
    match = main.chain(rule["path"])
    where = list(main.where)
    names = {alias(step["node"]) for step in rule["path"] if "node" in step}
    for kind, negation in (("also", ""), ("unless", "NOT ")):
        for number, side in enumerate(rule.get(kind, [])):
            query = Query(words, f"{kind}{number}_")
            text = query.chain(side["path"], names)
            ends = [alias(step["node"]) for step in side["path"] if "node" in step]
            query.where.append(f"{ends[0]}.number <> {ends[-1]}.number")  # No node stands twice on a chain.
            inside = " WHERE " + " AND ".join(query.where) if query.where else ""
            where.append(f"{negation}EXISTS {{ MATCH {text}{inside} }}")
    entry, target = alias(rule["entry"]), alias(rule["target"])
    condition = " WHERE " + " AND ".join(where) if where else ""
    return f"MATCH {match}{condition} RETURN DISTINCT {entry}.number, {target}.number"


def processor():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def say(**line):
    print(json.dumps(line), flush=True)


def main(folder, content, wanted):
    import ladybug

    words = Words(folder, content)
    ids = None
    with tempfile.TemporaryDirectory() as data:
        connection = ladybug.Connection(ladybug.Database(os.path.join(data, "graph"), buffer_pool_size=8 << 30), num_threads=2)
        start, before = time.perf_counter(), processor()
        schema = parquet.read_schema(words.nodes)
        columns = ", ".join(f"{column} {'INT64' if column == 'number' else 'STRING' if column in ('id', 'label') else 'BOOLEAN'}"
                            for column in schema.names)
        connection.execute(f"CREATE NODE TABLE Node({columns}, PRIMARY KEY(number))")
        connection.execute(f"COPY Node FROM '{words.nodes}'")
        for name, path in sorted(words.relations.items()):
            columns = ["confidence INT64"] + [f"{right} INT64" for right in words.rights if name == "has_permissions_to"]
            connection.execute(f"CREATE REL TABLE {name}(FROM Node TO Node, {', '.join(columns)})")
            connection.execute(f"COPY {name} FROM '{path}'")
        say(load=[time.perf_counter() - start, processor() - before])
        connection.set_query_timeout(TIME_LIMIT * 1000)
        ids = parquet.read_table(words.nodes, columns=["id"])["id"]
        for path in sorted(glob.glob(os.path.join(content, "attack-paths", "*.yaml"))):
            with open(path, encoding="utf-8") as file:
                rule = yaml.safe_load(file)
            if "path" not in rule or (wanted and rule["name"] not in wanted):
                continue
            start, before = time.perf_counter(), processor()
            try:
                result = connection.execute(cypher(rule, words))
                pairs = []
                while result.has_next():
                    entry, target = result.get_next()
                    pairs.append([ids[entry].as_py(), ids[target].as_py()])
                told = {"pairs": pairs}
            except RuntimeError as problem:
                told = {"problem": str(problem)}
            say(rule=rule["name"], wall=time.perf_counter() - start, processor=processor() - before, **told)
        say(peak=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
