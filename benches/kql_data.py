"""Generates the tables of kql.py as Parquet files, laid out as the lake writes them. Same arguments, same rows.

Events    a log: N rows in order of time over 30 days, Zipf-distributed names, a message of 8 to 48 words and a
          JSON column. Every message holds an identifier of its own, as log messages do.
Resources an inventory: N/10 rows with a JSON column of about 500 bytes.
"""

import os
import uuid

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

GROUP_ROWS = 131_072
GROUPS_OF_FILE = 8
START = 1_790_812_800_000_000  # 2026-10-01T00:00:00Z in microseconds
DAYS_30 = 30 * 86_400_000_000
COMMON, UNCOMMON = "timeout", "replication"
RARE = "mimikatz"
SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe qui ro su ta ve wi xo zu al en or is".split()


def words(count, seed):
    """Different words of two to five syllables."""
    rng = np.random.default_rng(seed)
    found = {}
    while len(found) < count:
        found["".join(rng.choice(SYLLABLES, rng.integers(2, 6)))] = None
    return list(found)


def zipf(rng, values, count, exponent=1.1):
    """Indexes into `values` names, the first the most frequent."""
    weights = 1.0 / np.arange(1, values + 1) ** exponent
    bounds = np.cumsum(weights) / weights.sum()
    return np.minimum(np.searchsorted(bounds, rng.random(count)), values - 1).astype(np.int32)


def taken(names, indexes):
    return pa.array(names).take(pa.array(indexes))


def joined(*parts):
    texts = [part if isinstance(part, (pa.Array, pa.ChunkedArray)) else pa.scalar(part) for part in parts]
    return pc.binary_join_element_wise(*texts, "")


def number_text(values):
    return pc.cast(pa.array(values), pa.string())


def flags(values):
    return taken(["false", "true"], values.astype(np.int32))


class Names:
    """Lists that all row groups share."""

    def __init__(self):
        vocabulary = words(20_000, 1)
        vocabulary[60], vocabulary[2_000] = COMMON, UNCOMMON
        # Some words are capital, some have letters beyond ASCII.
        vocabulary = [w.capitalize() if i % 7 == 3 else w for i, w in enumerate(vocabulary)]
        self.words = pa.array([w + "é" if i % 501 == 500 else w for i, w in enumerate(vocabulary)])
        self.computers = [f"srv-{w}-{i:04}.corp.example" for i, w in enumerate(words(2_000, 2))]
        self.accounts = [f"{w.capitalize()}.{i:05}@example.com" for i, w in enumerate(words(50_000, 3))]
        rng = np.random.default_rng(4)
        self.addresses = [".".join(map(str, octets)) for octets in np.where(rng.random((100_000, 1)) < 0.4, [[10, 0, 0, 0]], [[0, 0, 0, 0]]) + rng.integers(1, 120, (100_000, 4))]
        self.countries = ["US", "DE", "GB", "NL", "FR", "SE", "IN", "BR", "JP", "AU", "PL", "ES", "IT", "CA", "CH", ""]
        self.results = ["0", "50126", "50053", "50074", "50097", "53003", "70044", "65001"]
        self.levels = ["Information", "Warning", "Error", "Critical"]
        self.apps = [str(uuid.UUID(int=int(i) * 0x9E3779B97F4A7C15 + 7)) for i in range(300)]
        self.agents = ["Browser", "Mobile Apps and Desktop clients", "Exchange ActiveSync", "Other clients"]
        self.systems = ["Windows 11", "Windows 10", "MacOs", "Linux", "Ios", "Android"]
        self.risks = ["none", "low", "medium", "high"]


def messages(rng, names, count, group):
    lengths = rng.integers(8, 48, count)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    picked = names.words.take(pa.array(zipf(rng, len(names.words), int(offsets[-1]), 1.0)))
    text = pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets), picked), " ")
    low, high = rng.integers(0, 2**32, count), rng.integers(0, 2**32, count)
    identifiers = pa.array([f"{a:08x}{b:08x}" for a, b in zip(high.tolist(), low.tolist())])
    rare = np.full(count, "", dtype=object)
    if group % 20 == 3:
        rare[[count // 3, count // 2]] = f" {RARE}.exe"
    return joined(text, " [id=", identifiers, "; pid=", number_text(rng.integers(100, 65_000, count)), "]", pa.array(rare.tolist()))


def event_properties(rng, names, count):
    score = np.round(rng.random(count) * 100, 2)
    return joined(
        '{"appId":"', taken(names.apps, zipf(rng, 300, count)),
        '","clientApp":"', taken(names.agents, zipf(rng, 4, count)),
        '","device":{"os":"', taken(names.systems, zipf(rng, 6, count)), '","trusted":', flags(rng.random(count) < 0.7),
        '},"risk":{"level":"', taken(names.risks, zipf(rng, 4, count, 2.0)), '","score":', number_text(score),
        '},"port":', number_text(rng.integers(1, 65_535, count)), ',"mfa":', flags(rng.random(count) < 0.5),
        ',"tags":["', taken(names.levels, zipf(rng, 4, count)), '","', taken(names.countries, zipf(rng, 15, count)), '"]}',
    )


def events(names, group, count, first, total):
    rng = np.random.default_rng([11, group])
    position = (np.arange(first, first + count) / max(total, 1) * DAYS_30).astype(np.int64)
    times = START + position + rng.integers(0, 2_000_000, count)
    score = rng.random(count)
    return pa.table({
        "TimeGenerated": pa.array(times, pa.timestamp("us", tz="UTC")),
        "EventId": pa.array(zipf(rng, 300, count) + 4_600, pa.int32()),
        "Level": taken(names.levels, zipf(rng, 4, count, 1.5)),
        "Computer": taken(names.computers, zipf(rng, 2_000, count)),
        "Account": taken(names.accounts, zipf(rng, 50_000, count)),
        "IPAddress": taken(names.addresses, zipf(rng, 100_000, count)),
        "Country": taken(names.countries, zipf(rng, 16, count)),
        "Result": taken(names.results, zipf(rng, 8, count, 2.0)),
        "DurationMs": pa.array((rng.pareto(1.5, count) * 20).clip(0, 600_000).astype(np.int64)),
        "Bytes": pa.array(rng.integers(0, 1 << 20, count)),
        "Score": pa.array(score, mask=score < 0.05),
        "Message": messages(rng, names, count, group),
        "Properties": event_properties(rng, names, count),
    })


KINDS = [
    "Microsoft.Compute/virtualMachines", "microsoft.compute/disks", "Microsoft.Storage/storageAccounts", "microsoft.network/privateendpoints",
    "microsoft.keyvault/vaults", "microsoft.network/networksecuritygroups", "Microsoft.CognitiveServices/accounts", "microsoft.web/sites",
    "microsoft.managedidentity/userassignedidentities", "microsoft.machinelearningservices/workspaces",
]


def resources(names, group, count, first):
    rng = np.random.default_rng([13, group])
    numbers = np.arange(first, first + count)
    kinds = taken(KINDS, zipf(rng, len(KINDS), count, 0.5))
    subscriptions = taken([str(uuid.UUID(int=i * 0xD1B54A32D192ED03 + 3)) for i in range(200)], zipf(rng, 200, count))
    groups = taken([f"rg-{i:04}" for i in range(4_000)], zipf(rng, 4_000, count))
    name = joined("res", number_text(numbers))
    rules = []
    for i, size in enumerate(rng.integers(0, 4, count).tolist()):
        rules.append(",".join(f'{{"value":"10.{(i * 7 + j) % 250}.{j}.0/24","action":"{"Allow" if (i + j) % 3 else "Deny"}"}}' for j in range(size)))
    properties = joined(
        '{"provisioningState":"', taken(["Succeeded", "Failed", "Updating"], zipf(rng, 3, count, 3.0)),
        '","creationTime":"2026-0', number_text(rng.integers(1, 10, count)), "-1", number_text(rng.integers(0, 10, count)), 'T08:00:00.0000000Z',
        '","publicNetworkAccess":"', taken(["Enabled", "enabled", "Disabled"], zipf(rng, 3, count)),
        '","minimumTlsVersion":"', taken(["TLS1_2", "TLS1_0", "TLS1_3"], zipf(rng, 3, count)),
        '","disableLocalAuth":', flags(rng.random(count) < 0.4), ',"capacity":', number_text(rng.integers(1, 500, count)),
        ',"endpoints":{"blob":"https://', name, '.blob.example.net/","queue":"https://', name, '.queue.example.net/","file":"https://', name, '.file.example.net/"}',
        ',"networkAcls":{"defaultAction":"', taken(["Allow", "Deny"], zipf(rng, 2, count)), '","bypass":"AzureServices","ipRules":[', pa.array(rules), ']}}',
    )
    return pa.table({
        "id": joined("/subscriptions/", subscriptions, "/resourceGroups/", groups, "/providers/", kinds, "/", name),
        "name": name,
        "type": kinds,
        "location": taken(["westeurope", "eastus", "swedencentral", "northeurope", "uksouth", "japaneast"], zipf(rng, 6, count)),
        "resourceGroup": groups,
        "subscriptionId": subscriptions,
        "tags": joined('{"owner":"team-', number_text(zipf(rng, 300, count)), '","environment":"', taken(["prod", "dev", "test"], zipf(rng, 3, count)), '"}'),
        "properties": properties,
    })


def write(folder, rows, table_of):
    """Writes the row groups; 8 of them make a file."""
    os.makedirs(folder, exist_ok=True)
    writer = None
    for group, first in enumerate(range(0, rows, GROUP_ROWS)):
        table = table_of(group, min(GROUP_ROWS, rows - first), first)
        if group % GROUPS_OF_FILE == 0:
            if writer:
                writer.close()
            path = os.path.join(folder, f"part-{group // GROUPS_OF_FILE:03}.parquet")
            writer = pq.ParquetWriter(path, table.schema, compression="zstd", compression_level=1, write_page_index=True, store_schema=False, max_rows_per_page=20_000)
        writer.write_table(table, row_group_size=GROUP_ROWS)
    writer.close()


def generate(folder, rows):
    """Writes both tables unless they are there."""
    done = os.path.join(folder, f"made-{rows}")
    if os.path.exists(done):
        return
    names = Names()
    write(os.path.join(folder, "Events"), rows, lambda group, count, first: events(names, group, count, first, rows))
    write(os.path.join(folder, "Resources"), max(rows // 10, 1), lambda group, count, first: resources(names, group, count, first))
    open(done, "w").close()


if __name__ == "__main__":
    import sys

    generate(sys.argv[1], int(sys.argv[2]))
