"""A graph of three clouds of any size, in the columns of ExposureGraphNodes and ExposureGraphEdges.

Same arguments, same graph. Shares are those of a large firm: accounts hold some 2,000 nodes, rights lie on resources and
resource groups and seldom on whole accounts, a few per mille of the workloads answer the internet, three in a hundred
stores hold sensitive data, one node in fifteen is about AI.
"""

import json
import os

import numpy
import pyarrow
import pyarrow.compute as compute
import pyarrow.parquet as parquet
import yaml

CLOUDS = ("azure", "aws", "google")
EDGES_A_NODE = 5
BITS = 62  # Of a column of the peer.

# By kind: its share of all nodes in per mille, and its labels by cloud ("" where the cloud has none of it).
KINDS = {
    "group": (10, ["microsoft.resources/subscriptions/resourcegroups"], [], []),
    "store": (110, ["microsoft.storage/storageaccounts"], ["aws::s3::bucket"], ["storage.googleapis.com/bucket"]),
    "database": (40, ["microsoft.documentdb/databaseaccounts", "microsoft.sql/servers"], ["aws::dynamodb::table"],
                 ["bigquery.googleapis.com/dataset"]),
    "vault": (30, ["microsoft.keyvault/vaults"], ["aws::secretsmanager::secret"], ["secretmanager.googleapis.com/secret"]),
    "machine": (90, ["microsoft.compute/virtualmachines", "microsoft.app/containerapps"], ["aws::ec2::instance"],
                ["compute.googleapis.com/instance"]),
    "function": (30, ["microsoft.web/sites"], ["aws::lambda::function"], ["run.googleapis.com/service"]),
    "notebook": (4, ["microsoft.machinelearningservices/workspaces/computes"], ["aws::sagemaker::notebookinstance"],
                 ["notebooks.googleapis.com/instance"]),
    "account": (5, ["microsoft.cognitiveservices/accounts"], [], []),
    "project": (6, ["microsoft.cognitiveservices/accounts/projects"], [], []),
    "agent": (12, ["microsoft.cognitiveservices/accounts/projects/agents", "microsoft.copilotstudio/agents"],
              ["aws::bedrock::agent"], ["aiplatform.googleapis.com/reasoningengine"]),
    "model": (8, ["microsoft.cognitiveservices/accounts/deployments"], ["aws::bedrock::custommodel"],
              ["aiplatform.googleapis.com/model"]),
    "endpoint": (2, ["microsoft.machinelearningservices/workspaces/onlineendpoints"], ["aws::sagemaker::endpoint"],
                 ["aiplatform.googleapis.com/endpoint"]),
    "training": (2, ["microsoft.machinelearningservices/workspaces/jobs"], ["aws::sagemaker::trainingjob"],
                 ["aiplatform.googleapis.com/customjob"]),
    "index": (4, ["microsoft.search/searchservices/indexes"], ["aws::bedrock::knowledgebase"],
              ["discoveryengine.googleapis.com/datastore"]),
    "search": (2, ["microsoft.search/searchservices"], [], []),
    "guardrail": (1, ["microsoft.cognitiveservices/accounts/raipolicies"], ["aws::bedrock::guardrail"],
                  ["modelarmor.googleapis.com/template"]),
    "tool": (20, ["tool"], ["tool"], ["tool"]),
    "server": (2, ["mcp/server"], ["mcp/server"], ["mcp/server"]),
    "channel": (3, ["channel"], ["channel"], ["channel"]),
    "content": (2, ["untrusted content"], ["untrusted content"], ["untrusted content"]),
    "identity": (150, ["managed identity", "microsoft.managedidentity/userassignedidentities"], ["aws::iam::role"],
                 ["iam.googleapis.com/serviceaccount"]),
    "user": (120, ["microsoft.graph/users"], ["aws::iam::user"], []),
    "team": (12, ["microsoft.graph/groups"], ["aws::iam::group"], []),
    "key": (5, [], ["aws::iam::accesskey"], ["iam.googleapis.com/serviceaccountkey"]),
    # The rest of an estate, which no rule asks for.
    "other": (None, ["microsoft.network/networkinterfaces", "microsoft.compute/disks", "microsoft.insights/components"],
              ["aws::ec2::networkinterface", "aws::ec2::volume", "aws::logs::loggroup"],
              ["compute.googleapis.com/disk", "compute.googleapis.com/subnetwork", "pubsub.googleapis.com/topic"]),
}
SCOPES = ("microsoft.resources/subscriptions", "aws.account", "cloudresourcemanager.googleapis.com/project")
UNPLACED = ("user", "team", "tool", "server", "channel", "content")
CONFIDENCE = ("high", "medium", "low")


def capability_pairs(content):
    """Cloud -> capability -> labels, out of content/graph/capabilities."""
    found = {}
    for cloud in CLOUDS:
        found[cloud] = {}
        with open(os.path.join(content, "graph/capabilities", f"{cloud}.yaml"), encoding="utf-8") as file:
            for entry in yaml.safe_load(file):
                found[cloud].setdefault(entry["capability"], []).extend(entry["types"])
    return found


class Graph:
    def __init__(self, nodes, content):
        self.random = numpy.random.default_rng(7)
        self.pairs = capability_pairs(content)
        self.by_label = {}
        self.labels, self.parts = [], []
        self.blocks, self.roles = [], []
        self.insights = {}
        self.scopes = max(3, nodes // 2000)
        self.place_nodes(nodes)
        self.connect(nodes * EDGES_A_NODE)

    # Nodes

    def place_nodes(self, total):
        """Numbers nodes kind by kind, and within a kind by account, so that neighbours are found by arithmetic."""
        shares = numpy.array([0.5, 0.3, 0.2])
        cloud = numpy.sort(self.random.choice(3, self.scopes, p=shares))
        cloud[:3] = [0, 1, 2] if self.scopes == 3 else cloud[:3]
        self.scope_cloud = cloud
        self.range, self.start_of = {"internet": (0, 1), "everyone": (1, 2), "scope": (2, 2 + self.scopes)}, {}
        at = 2 + self.scopes
        kind_of = [numpy.array([0, 1]), numpy.full(self.scopes, 2)]
        account_of = [numpy.array([-1, -1]), numpy.arange(self.scopes)]
        self.kinds = ["internet", "everyone", "scope", *KINDS]
        for number, (kind, (share, *labels)) in enumerate(KINDS.items()):
            count = total - at if share is None else max(1, total * share // 1000)
            may = numpy.flatnonzero([bool(labels[cloud[scope]]) for scope in range(self.scopes)])
            account = numpy.sort(self.random.choice(may, count))
            self.range[kind] = (at, at + count)
            self.start_of[kind] = at + numpy.searchsorted(account, numpy.arange(self.scopes + 1))
            kind_of.append(numpy.full(count, number + 3))
            account_of.append(account)
            at += count
        self.count = at
        self.kind, self.account = numpy.concatenate(kind_of), numpy.concatenate(account_of)
        self.cloud = numpy.where(self.account >= 0, cloud[numpy.maximum(self.account, 0)], 0)
        variant = self.random.integers(0, 6, at)
        self.label = numpy.empty(at, dtype=numpy.int64)
        for number, kind in enumerate(self.kinds):
            start, end = self.range[kind]
            for which in range(3):
                names = {"internet": ["internet"], "everyone": ["everyone"], "scope": [SCOPES[which]]}.get(kind)
                names = names or KINDS[kind][1 + which]
                members = start + numpy.flatnonzero(self.cloud[start:end] == which)
                if names and len(members):
                    codes = numpy.array([self.label_code(name) for name in names])
                    self.label[members] = codes[variant[members] % len(codes)]

    def label_code(self, name):
        if name not in self.by_label:
            self.by_label[name] = len(self.labels)
            self.labels.append(name)
        return self.by_label[name]

    def all(self, kind):
        return numpy.arange(*self.range[kind])

    def some(self, kind, count):
        start, end = self.range[kind]
        return self.random.integers(start, end, max(1, int(count)))

    def near(self, nodes, kind):
        """For each node one of that kind in its account; -1 where it has none."""
        account = numpy.maximum(self.account[nodes], 0)
        start, end = self.start_of[kind][account], self.start_of[kind][account + 1]
        chosen = start + (self.random.random(len(nodes)) * (end - start)).astype(numpy.int64)
        return numpy.where(end > start, chosen, -1)

    def mark(self, insight, nodes):
        self.insights.setdefault(insight, []).append(numpy.unique(nodes))

    def share(self, nodes, part):
        return nodes[self.random.random(len(nodes)) < part]

    # Edges

    def edge(self, label, source, target, maker, roles=None):
        source, target = numpy.asarray(source), numpy.asarray(target)
        keep = (source >= 0) & (target >= 0) & (source != target)
        roles = None if roles is None else roles[keep]
        self.blocks.append((label, source[keep], target[keep], maker, roles))

    def grant(self, holders, targets, capabilities):
        """Rights of one role: these capabilities, on the labels of the target's cloud that know them, or on its own."""
        keep = (holders >= 0) & (targets >= 0) & (holders != targets)
        holders, targets = holders[keep], targets[keep]
        codes = numpy.zeros(len(targets), dtype=numpy.int64)
        for label in numpy.unique(self.label[targets]):
            here = self.label[targets] == label
            codes[here] = self.role(capabilities, self.labels[label], int(self.cloud[targets[here][0]]))
        known = codes >= 0
        self.edge("has permissions to", holders[known], targets[known], "azure rbac", codes[known])

    def role(self, capabilities, label, cloud):
        pairs = self.pairs[CLOUDS[cloud]]
        is_scope = label in SCOPES or label.endswith("/resourcegroups")
        names = []
        for capability in capabilities:
            for known in pairs.get(capability, []):
                if is_scope or known in (label, "*") or known.startswith(label + "/"):
                    names.append(f"{capability}: {known}")
        if not names:
            return -1
        names = tuple(dict.fromkeys(names))
        if names not in self.roles:
            self.roles.append(names)
        return self.roles.index(names)

    def connect(self, wanted):
        total = self.count
        self.contain()
        machines = numpy.concatenate([self.all(kind) for kind in ("machine", "function", "notebook", "endpoint")])
        agents, stores, identities = self.all("agent"), self.all("store"), self.all("identity")
        for kind in ("machine", "function", "notebook", "account", "project", "agent", "training"):
            nodes = self.all(kind)
            self.edge("can authenticate as", nodes, self.near(nodes, "identity"), "workload identity")
        sensitive = self.share(numpy.concatenate([stores, self.all("database")]), 0.03)
        self.mark("containsSensitiveData", sensitive)
        self.mark("containsSensitiveData", self.share(self.all("vault"), 0.05))
        self.expose(machines)
        self.agents(agents)
        self.knowledge(stores)
        self.trust(total, identities)
        self.few_rights(total, machines, agents)
        self.fill(wanted, identities)

    def contain(self):
        for kind in KINDS:
            nodes = self.all(kind)
            if kind in UNPLACED:
                continue
            parent = 2 + self.account[nodes]
            inside = {"project": "account", "agent": "project", "model": "account", "guardrail": "account",
                      "index": "search"}.get(kind, "group")
            if kind != "group":
                near = self.near(nodes, inside)
                near = numpy.where(near < 0, self.near(nodes, "group"), near)
                parent = numpy.where(near < 0, parent, near)
            self.edge("contains", parent, nodes, "inventory")

    def expose(self, machines):
        exposed = self.share(machines, 0.004)
        self.exposed = exposed
        self.mark("exposedToInternet", exposed)
        self.mark("hasVulnerabilities", self.share(machines, 0.05))
        self.mark("hasVulnerabilities", self.share(exposed, 0.2))
        internet = lambda nodes: numpy.zeros(len(nodes), dtype=numpy.int64)
        for kind, part in (("account", 0.1), ("channel", 0.1), ("search", 0.1), ("store", 0.001)):
            nodes = self.share(self.all(kind), part)
            self.edge("routes traffic to", internet(nodes), nodes, "network")
        self.edge("routes traffic to", internet(exposed), exposed, "network")
        self.mark("allowsBasicAuthentication", self.share(self.all("search"), 0.5))
        self.mark("isUnauthenticated", self.share(exposed, 0.1))
        others = self.all("other")
        self.edge("routes traffic to", others, self.near(others, "machine"), "network")

    def agents(self, agents):
        self.mark("canAct", self.share(self.all("tool"), 0.05))
        self.mark("actsWithoutApproval", self.share(self.all("tool"), 0.3))
        self.mark("runsCode", self.share(self.all("tool"), 0.05))
        self.mark("isThirdParty", self.share(self.all("server"), 0.05))
        self.mark("isUnauthenticated", self.share(self.all("server"), 0.02))
        self.mark("isUnauthenticated", self.share(agents, 0.02))
        self.mark("isGuarded", self.share(agents, 0.6))
        self.mark("isGuardedAgainstIndirectAttacks", self.share(agents, 0.4))
        for _ in range(3):
            self.edge("uses", agents, self.near(agents, "tool"), "agents")
        self.edge("uses", agents, self.near(agents, "model"), "agents")
        for kind, part in (("server", 0.2), ("agent", 0.05), ("function", 0.05)):
            some = self.share(agents, part)
            self.edge("uses", some, self.near(some, kind), "agents")
        some = self.share(agents, 0.5)
        self.edge("guarded by", some, self.near(some, "guardrail"), "agents")
        channels, contents = self.all("channel"), self.all("content")
        self.edge("triggers", channels, self.near(channels, "agent"), "agents")
        self.edge("reads untrusted", contents, self.near(contents, "agent"), "agents")

    def knowledge(self, stores):
        indexes, training = self.all("index"), self.all("training")
        for _ in range(2):
            self.edge("grounds on", self.near(indexes, "store"), indexes, "agents")
            self.edge("trained on", self.near(training, "store"), training, "training")
        self.edge("grounds on", indexes, self.near(indexes, "agent"), "agents")
        self.edge("trained on", training, self.near(training, "model"), "training")

    def trust(self, total, identities):
        some = self.some("identity", total * 0.0004)
        self.edge("can impersonate as", some, self.some("identity", len(some))[:len(some)], "trust")
        some = self.some("user", total * 0.0002)
        self.edge("can impersonate as", some, self.some("identity", len(some))[:len(some)], "directory")
        keys = self.all("key")
        self.edge("has credentials of", keys, self.near(keys, "identity"), "keys")
        some = self.share(self.all("function"), 0.02)
        self.edge("has credentials of", some, self.near(some, "account"), "settings")
        some = self.share(self.all("project"), 0.1)
        self.edge("has credentials of", some, self.near(some, "store"), "connections")
        self.mark("hasStandingKey", self.share(identities, 0.0003))
        users = self.all("user")
        self.mark("doesNotHaveMfaEnabled", self.share(users, 0.03))
        self.mark("isExternalUser", self.share(users, 0.01))
        self.edge("member of", users, self.near(users, "team"), "directory")

    def few_rights(self, total, machines, agents):
        """What attack paths are made of."""
        users, some = self.some("user", total * 0.001), self.some
        self.grant(users, self.near(users, "agent"), ["change agent", "invoke agent"])
        users = some("user", total * 0.001)
        self.grant(users, self.near(users, "notebook"), ["run code"])
        for kind, each in (("user", 0.0005), ("identity", 0.0005)):
            holders = some(kind, total * each)
            self.grant(holders, self.near(holders, "identity"), ["pass identity", "impersonate"])
        holders = self.near(self.share(self.exposed, 0.2), "identity")
        holders = holders[holders >= 0]
        for kind, can in (("account", ["use model", "list keys"]), ("model", ["change model"]),
                          ("guardrail", ["change guardrail"])):
            self.grant(holders, self.near(holders, kind), can)
        roles = [("identity", 0.00025, ["read data"]), ("identity", 0.0001, ["write data"]),
                 ("user", 0.00025, ["grant access", "create compute"]), ("identity", 0.00005, ["grant access"]),
                 ("team", 0.0001, ["manage", "use model"]), ("identity", 0.00005, ["create compute", "run code", "pass identity"])]
        for kind, each, can in roles:
            holders = some(kind, total * each)
            self.grant(holders, 2 + self.account[holders], can)
        roles = [("identity", 0.02, ["read data"]), ("team", 0.01, ["manage"]), ("user", 0.01, ["manage"]),
                 ("identity", 0.0003, ["create compute", "run code", "pass identity", "read data", "write data", "manage"])]
        for kind, each, can in roles:
            holders = some(kind, total * each)
            self.grant(holders, self.near(holders, "group"), can)
        everyone = lambda count: numpy.ones(count, dtype=numpy.int64)
        for kind, count, can in (("store", 60, ["read data"]), ("store", 20, ["write data"]), ("model", 5, ["use model"])):
            targets = some(kind, total * count / 1e6)
            self.grant(everyone(len(targets)), targets, can)

    def fill(self, wanted, identities):
        """The many rights on single resources that make up most edges of a real estate."""
        shares = [("identity", "store", 0.16, ["read data"]), ("identity", "store", 0.10, ["read data", "write data"]),
                  ("identity", "database", 0.12, ["read data"]), ("identity", "vault", 0.05, ["read secrets"]),
                  ("team", "store", 0.12, ["read data"]), ("team", "machine", 0.10, ["manage"]),
                  ("user", "store", 0.10, ["manage"]), ("user", "vault", 0.08, ["manage"]),
                  ("user", "account", 0.05, ["use model"]), ("identity", "model", 0.02, ["use model"])]
        left = wanted - sum(len(block[1]) for block in self.blocks)
        for kind, target, part, can in shares:
            holders = self.some(kind, left * part)
            self.grant(holders, self.near(holders, target), can)
        left = wanted - sum(len(block[1]) for block in self.blocks)
        users = self.some("user", left // 2)
        self.edge("member of", users, self.near(users, "team"), "directory")
        left = wanted - sum(len(block[1]) for block in self.blocks)
        others = self.some("other", max(left, 1))
        self.edge("runs on", others, self.near(others, "machine"), "inventory")


def padded(numbers, digits):
    return compute.utf8_lpad(pyarrow.array(numbers).cast(pyarrow.string()), width=digits, padding="0")


def joined(*parts):
    return compute.binary_join_element_wise(*parts, "")


def node_ids(graph):
    """Ids as each cloud writes them, about 120 characters in Azure."""
    number, account = padded(numpy.arange(graph.count), 8), padded(numpy.maximum(graph.account, 0), 12)
    labels = pyarrow.array(graph.labels).take(pyarrow.array(graph.label))
    group = padded(numpy.arange(graph.count) % 50, 4)
    azure = joined("/subscriptions/00000000-0000-0000-0000-", account, "/resourcegroups/rg-workload-", group, "/providers/", labels, "/n", number)
    aws = joined("arn:aws:", compute.replace_substring(labels, "::", ":"), ":eu-central-1:", account, ":n", number)
    google = joined("//", labels, "/projects/p", account, "/locations/europe-west3/n", number)
    cloud = pyarrow.array(graph.cloud)
    ids = compute.if_else(compute.equal(cloud, 0), azure, compute.if_else(compute.equal(cloud, 1), aws, google)).to_pylist()
    ids[0], ids[1] = "internet", "everyone"
    return pyarrow.array(ids)


def write(graph, folder, content):
    """nodes.parquet and edges.parquet, and for the peer one file per label with what its patterns need as columns."""
    ids = node_ids(graph)
    labels = pyarrow.array(graph.labels).take(pyarrow.array(graph.label))
    names = joined("n", padded(numpy.arange(graph.count), 8))
    with open(os.path.join(content, "graph/kinds.yaml"), encoding="utf-8") as file:
        kinds = yaml.safe_load(file)
    categories = pyarrow.array(
        ["[" + ",".join(f'"{kind}"' for kind, members in kinds.items() if label in members) + "]" for label in graph.labels])
    raw = [[] for _ in range(graph.count)]
    flags = {}
    for insight, parts in graph.insights.items():
        nodes = numpy.unique(numpy.concatenate(parts))
        flags[insight] = numpy.isin(numpy.arange(graph.count), nodes)
        for node in nodes:
            raw[node].append(f'"{insight}":true')
    properties = pyarrow.array(['{"rawData":{' + ",".join(one) + "}}" for one in raw])
    entity = joined('[{"id":"', ids, '","type":"CloudResourceId"}]')
    parquet.write_table(pyarrow.table({
        "NodeId": ids, "NodeLabel": labels, "NodeName": names,
        "Categories": categories.take(pyarrow.array(graph.label)), "NodeProperties": properties, "EntityIds": entity,
    }), os.path.join(folder, "nodes.parquet"))
    peer = {"number": numpy.arange(graph.count), "id": ids, "label": labels}
    for kind, members in kinds.items():
        peer[f"is_{kind}"] = numpy.array([label in members for label in graph.labels])[graph.label]
    for insight in insights_of(content):
        peer[insight] = flags.get(insight, numpy.zeros(graph.count, dtype=bool))
    parquet.write_table(pyarrow.table(peer), os.path.join(folder, "peer_nodes.parquet"))
    write_edges(graph, folder, (ids, labels, names, categories.take(pyarrow.array(graph.label))))


def insights_of(content):
    with open(os.path.join(content, "graph/insights.yaml"), encoding="utf-8") as file:
        return [entry["name"] for entry in yaml.safe_load(file) if entry["name"] != "criticalityLevel"]


def pair_bits(roles):
    """Pair of capability and label -> the column of the peer and the bit that stand for it."""
    names = sorted({name for role in roles for name in role})
    return {name: (f"rights{place // BITS}", 1 << place % BITS) for place, name in enumerate(names)}


def write_edges(graph, folder, columns):
    ids, labels, names, categories = columns
    writer, done, peer = None, 0, {}
    bits = pair_bits(graph.roles)
    with open(os.path.join(folder, "peer_rights.json"), "w", encoding="utf-8") as file:
        json.dump(bits, file)
    rights = {column for column, _ in bits.values()}
    role_json = pyarrow.array(['{"permissions":[' + ",".join(f'"{name}"' for name in role) + "]}" for role in graph.roles])
    for label, source, target, maker, roles in graph.blocks:
        if not len(source):
            continue
        count = len(source)
        sure = graph.random.choice(3, count, p=[0.85, 0.12, 0.03])
        at, to = pyarrow.array(source), pyarrow.array(target)
        number = padded(numpy.arange(done, done + count), 12)
        done += count
        raw, field, said = "{}", f"properties.{label.replace(' ', '')}", f"{label}, as the resource says"
        stated = ids.take(to if label == "contains" else at)
        if roles is not None:
            raw, field, said = role_json.take(pyarrow.array(roles)), "", "a role assignment"
            stated = joined(ids.take(to), "/roleassignments/00000000-0000-0000-0000-", number)
        properties = joined(
            '{"source":"', maker, '","confidence":"', pyarrow.array(CONFIDENCE).take(pyarrow.array(sure)),
            '","evidence":{"object":"', stated, f'","field":"{field}","text":"{said}"}},"rawData":', raw, "}")
        table = pyarrow.table({
            "EdgeId": joined("00000000000000000000", number), "EdgeLabel": pyarrow.array([label]).take(pyarrow.array(numpy.zeros(count, dtype=int))),
            "SourceNodeId": ids.take(at), "SourceNodeName": names.take(at), "SourceNodeLabel": labels.take(at), "SourceNodeCategories": categories.take(at),
            "TargetNodeId": ids.take(to), "TargetNodeName": names.take(to), "TargetNodeLabel": labels.take(to), "TargetNodeCategories": categories.take(to),
            "EdgeProperties": properties,
        })
        writer = writer or parquet.ParquetWriter(os.path.join(folder, "edges.parquet"), table.schema)
        writer.write_table(table)
        own = {"source": source, "target": target, "confidence": 2 - sure}
        if roles is not None:
            for column in sorted(rights):
                held = [sum(bits[name][1] for name in role if bits[name][0] == column) for role in graph.roles]
                own[column] = numpy.array(held, dtype=numpy.int64)[roles]
        peer.setdefault(label, []).append(pyarrow.table(own))
    writer.close()
    for label, tables in peer.items():
        parquet.write_table(pyarrow.concat_tables(tables), os.path.join(folder, f"peer_{label.replace(' ', '_')}.parquet"))
    return done
