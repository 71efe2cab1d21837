"""The queries of kql.py: KQL for Stance, SQL written by hand for DuckDB and ClickHouse, and KQL for ClickHouse.

Each query is (name, kind, kql, duckdb, clickhouse, clickhouse_kql, approximate):
- clickhouse_kql: None means the same text as `kql`, "" that its dialect cannot express the query;
- approximate: columns that are estimates by definition (dcount, percentile); they may differ by 10 %.

Kind `text` reads the message column, `dynamic` a JSON column, `inventory` the resources, `log` the rest.
Terms are runs of letters and digits. DuckDB has no search for terms: a cheap substring test stands before the
regular expression, as one would write it by hand. ClickHouse has token functions.
"""

WORD = "(^|[^\\p{{L}}\\p{{N}}]){0}($|[^\\p{{L}}\\p{{N}}])"


def term(word, column="Message"):
    """A term in any case, for DuckDB."""
    return f"(contains(lower({column}), '{word}') AND regexp_matches(lower({column}), '{WORD.format(word)}'))"


def token(word, column="Message"):
    return f"hasTokenCaseInsensitive({column}, '{word}')"


DAY = "TimeGenerated between (datetime(2026-10-10) .. datetime(2026-10-11))"
DAY_SQL = "TimeGenerated BETWEEN '2026-10-10 00:00:00+00' AND '2026-10-11 00:00:00+00'"
DAY_CH = "TimeGenerated BETWEEN toDateTime64('2026-10-10 00:00:00', 6, 'UTC') AND toDateTime64('2026-10-11 00:00:00', 6, 'UTC')"
DAY_CH_KQL = "TimeGenerated >= datetime(2026-10-10) and TimeGenerated <= datetime(2026-10-11)"


def json_text(path, column="Properties"):
    return f"({column}->>'$.{path}')"


def json_ch(path, column="Properties", kind="String"):
    parts = ", ".join(f"'{part}'" for part in path.split("."))
    return f"JSONExtract{kind}({column}, {parts})"


QUERIES = [
    ("count by level", "log", "Events | summarize n = count() by Level",
     "SELECT Level, count(*) FROM Events GROUP BY ALL", "SELECT Level, count() FROM Events GROUP BY Level", None, []),
    ("hourly counts", "log", "Events | summarize n = count() by h = bin(TimeGenerated, 1h)",
     "SELECT date_trunc('hour', TimeGenerated), count(*) FROM Events GROUP BY ALL", "SELECT toStartOfHour(TimeGenerated) h, count() FROM Events GROUP BY h", None, []),
    ("daily counts by level", "log", "Events | summarize n = count(), b = sum(Bytes) by d = startofday(TimeGenerated), Level",
     "SELECT date_trunc('day', TimeGenerated), Level, count(*), sum(Bytes) FROM Events GROUP BY ALL", "SELECT toStartOfDay(TimeGenerated) d, Level, count(), sum(Bytes) FROM Events GROUP BY d, Level", None, []),
    ("one day, top computers", "log", f"Events | where {DAY} | summarize n = count() by Computer | top 10 by n",
     f"SELECT Computer, count(*) n FROM Events WHERE {DAY_SQL} GROUP BY ALL ORDER BY n DESC LIMIT 10", f"SELECT Computer, count() n FROM Events WHERE {DAY_CH} GROUP BY Computer ORDER BY n DESC LIMIT 10",
     f"Events | where {DAY_CH_KQL} | summarize n = count() by Computer | top 10 by n", []),
    ("failed sign-ins by account", "log", "Events | where Result != '0' | summarize n = count(), last = max(TimeGenerated) by Account | top 20 by n",
     "SELECT Account, count(*) n, max(TimeGenerated) FROM Events WHERE Result <> '0' GROUP BY ALL ORDER BY n DESC LIMIT 20", "SELECT Account, count() n, max(TimeGenerated) FROM Events WHERE Result != '0' GROUP BY Account ORDER BY n DESC LIMIT 20", None, []),
    ("distinct accounts by country", "log", "Events | summarize d = dcount(Account) by Country",
     "SELECT Country, approx_count_distinct(Account) FROM Events GROUP BY ALL", "SELECT Country, uniqCombined(Account) FROM Events GROUP BY Country", None, [1]),
    ("conditional aggregates", "log", "Events | summarize f = countif(Result != '0'), s = sumif(Bytes, Level == 'Error'), a = avg(Score), m = max(DurationMs) by Country",
     "SELECT Country, count(*) FILTER (Result <> '0'), sum(Bytes) FILTER (Level = 'Error'), avg(Score), max(DurationMs) FROM Events GROUP BY ALL", "SELECT Country, countIf(Result != '0'), sumIf(Bytes, Level = 'Error'), avg(Score), max(DurationMs) FROM Events GROUP BY Country", None, []),
    ("latest row of each account", "log", "Events | summarize arg_max(TimeGenerated, IPAddress, Result) by Account",
     "SELECT Account, max(TimeGenerated), arg_max(IPAddress, TimeGenerated), arg_max(Result, TimeGenerated) FROM Events GROUP BY ALL",
     "SELECT Account, max(TimeGenerated), argMax(IPAddress, TimeGenerated), argMax(Result, TimeGenerated) FROM Events GROUP BY Account", "", []),
    ("sets by account", "log", f"Events | where {DAY} | summarize c = make_set(Country), n = count() by Account | where n > 200",
     f"SELECT Account, list(DISTINCT Country), count(*) n FROM Events WHERE {DAY_SQL} GROUP BY ALL HAVING n > 200", f"SELECT Account, groupUniqArray(Country), count() n FROM Events WHERE {DAY_CH} GROUP BY Account HAVING n > 200",
     f"Events | where {DAY_CH_KQL} | summarize c = make_set(Country), n = count() by Account | where n > 200", []),
    ("95th percentile by level", "log", "Events | summarize p = percentile(DurationMs, 95) by Level",
     "SELECT Level, approx_quantile(DurationMs, 0.95) FROM Events GROUP BY ALL", "SELECT Level, quantileTDigest(0.95)(DurationMs) FROM Events GROUP BY Level", None, [1]),
    ("slowest requests", "log", "Events | project TimeGenerated, Account, DurationMs, Bytes | top 100 by DurationMs desc, Bytes desc",
     "SELECT TimeGenerated, Account, DurationMs, Bytes FROM Events ORDER BY DurationMs DESC, Bytes DESC LIMIT 100", "SELECT TimeGenerated, Account, DurationMs, Bytes FROM Events ORDER BY DurationMs DESC, Bytes DESC LIMIT 100", None, []),
    ("duration buckets", "log", "Events | extend bucket = case(DurationMs > 1000, 'slow', DurationMs > 100, 'medium', 'fast') | summarize n = count(), b = sum(Bytes) by bucket",
     "SELECT CASE WHEN DurationMs > 1000 THEN 'slow' WHEN DurationMs > 100 THEN 'medium' ELSE 'fast' END bucket, count(*), sum(Bytes) FROM Events GROUP BY ALL",
     "SELECT multiIf(DurationMs > 1000, 'slow', DurationMs > 100, 'medium', 'fast') bucket, count(), sum(Bytes) FROM Events GROUP BY bucket", None, []),
    ("accounts in lower case", "log", "Events | summarize n = count(), b = sum(Bytes) by a = tolower(Account) | top 20 by n",
     "SELECT lower(Account) a, count(*) n, sum(Bytes) FROM Events GROUP BY a ORDER BY n DESC LIMIT 20", "SELECT lower(Account) a, count() n, sum(Bytes) FROM Events GROUP BY a ORDER BY n DESC LIMIT 20", None, []),
    ("first label of the host", "log", "Events | summarize n = count() by h = tostring(split(Computer, '.')[0]) | top 10 by n",
     "SELECT split_part(Computer, '.', 1) h, count(*) n FROM Events GROUP BY h ORDER BY n DESC LIMIT 10", "SELECT splitByChar('.', Computer)[1] h, count() n FROM Events GROUP BY h ORDER BY n DESC LIMIT 10", None, []),
    ("strcat key", "log", "Events | summarize n = count() by k = strcat(Country, '/', Level)",
     "SELECT Country || '/' || Level k, count(*) FROM Events GROUP BY k", "SELECT concat(Country, '/', Level) k, count() FROM Events GROUP BY k", None, []),
    ("any case equality", "log", "Events | where Level =~ 'ERROR' and Country in~ ('de', 'fr', 'nl') | summarize n = count() by EventId | top 10 by n",
     "SELECT EventId, count(*) n FROM Events WHERE lower(Level) = 'error' AND lower(Country) IN ('de', 'fr', 'nl') GROUP BY ALL ORDER BY n DESC LIMIT 10",
     "SELECT EventId, count() n FROM Events WHERE lower(Level) = 'error' AND lower(Country) IN ('de', 'fr', 'nl') GROUP BY EventId ORDER BY n DESC LIMIT 10", None, []),
    ("one account", "log", "Events | where Account == 'Fugocuzu.49990@example.com' or Account endswith '.49999@EXAMPLE.com' | summarize n = count(), s = sum(Bytes)",
     "SELECT count(*), sum(Bytes) FROM Events WHERE Account = 'Fugocuzu.49990@example.com' OR lower(Account) LIKE '%.49999@example.com'",
     "SELECT count(), sum(Bytes) FROM Events WHERE Account = 'Fugocuzu.49990@example.com' OR endsWithCaseInsensitive(Account, '.49999@example.com')", None, []),
    ("failure then success", "log",
     f"Events | where {DAY} and Result == '50126' | summarize f = count() by Account | join kind=inner (Events | where {DAY} and Result == '0' | summarize s = count() by Account) on Account | summarize n = count(), f = sum(f), s = sum(s)",
     f"SELECT count(*), sum(f), sum(s) FROM (SELECT Account, count(*) f FROM Events WHERE {DAY_SQL} AND Result = '50126' GROUP BY ALL) JOIN (SELECT Account, count(*) s FROM Events WHERE {DAY_SQL} AND Result = '0' GROUP BY ALL) USING (Account)",
     f"SELECT count(), sum(f), sum(s) FROM (SELECT Account, count() f FROM Events WHERE {DAY_CH} AND Result = '50126' GROUP BY Account) a JOIN (SELECT Account, count() s FROM Events WHERE {DAY_CH} AND Result = '0' GROUP BY Account) b USING (Account)",
     f"Events | where {DAY_CH_KQL} and Result == '50126' | summarize f = count() by Account | join kind=inner (Events | where {DAY_CH_KQL} and Result == '0' | summarize s = count() by Account) on Account | summarize n = count(), f = sum(f), s = sum(s)", []),
    ("days as text", "log", "Events | summarize n = count() by d = format_datetime(TimeGenerated, 'yyyy-MM-dd')",
     "SELECT strftime(TimeGenerated, '%Y-%m-%d') d, count(*) FROM Events GROUP BY d", "SELECT formatDateTime(TimeGenerated, '%Y-%m-%d') d, count() FROM Events GROUP BY d", "", []),
    ("private addresses", "log", "Events | where ipv4_is_private(IPAddress) | summarize n = count() by Country",
     "SELECT Country, count(*) FROM Events WHERE IPAddress LIKE '10.%' OR IPAddress LIKE '192.168.%' OR regexp_matches(IPAddress, '^172\\.(1[6-9]|2[0-9]|3[01])\\.') GROUP BY ALL",
     "SELECT Country, count() FROM Events WHERE startsWith(IPAddress, '10.') OR startsWith(IPAddress, '192.168.') OR match(IPAddress, '^172\\\\.(1[6-9]|2[0-9]|3[01])\\\\.') GROUP BY Country", None, []),
    ("hourly series by level", "log", "Events | make-series n = count() default = 0 on TimeGenerated from datetime(2026-10-01) to datetime(2026-10-31) step 1h by Level | mv-expand n to typeof(long) | summarize t = sum(n), m = max(n) by Level",
     "SELECT Level, sum(n), max(n) FROM (SELECT Level, date_trunc('hour', TimeGenerated) h, count(*) n FROM Events WHERE TimeGenerated >= '2026-10-01 00:00:00+00' AND TimeGenerated < '2026-10-31 00:00:00+00' GROUP BY ALL) GROUP BY ALL",
     "SELECT Level, sum(n), max(n) FROM (SELECT Level, toStartOfHour(TimeGenerated) h, count() n FROM Events WHERE TimeGenerated >= toDateTime64('2026-10-01 00:00:00', 6, 'UTC') AND TimeGenerated < toDateTime64('2026-10-31 00:00:00', 6, 'UTC') GROUP BY Level, h) GROUP BY Level", "", []),
    ("term, frequent", "text", "Events | where Message has 'timeout' | summarize n = count()",
     f"SELECT count(*) FROM Events WHERE {term('timeout')}", f"SELECT count() FROM Events WHERE {token('timeout')}", None, []),
    ("term, seldom", "text", "Events | where Message has 'replication' | summarize n = count() by Level",
     f"SELECT Level, count(*) FROM Events WHERE {term('replication')} GROUP BY ALL", f"SELECT Level, count() FROM Events WHERE {token('replication')} GROUP BY Level", None, []),
    ("term, rare", "text", "Events | where Message has 'mimikatz' | project TimeGenerated, Computer, Account",
     f"SELECT TimeGenerated, Computer, Account FROM Events WHERE {term('mimikatz')}", f"SELECT TimeGenerated, Computer, Account FROM Events WHERE {token('mimikatz')}", None, []),
    ("term, absent", "text", "Events | where Message has 'nosuchterm' | count",
     f"SELECT count(*) FROM Events WHERE {term('nosuchterm')}", f"SELECT count() FROM Events WHERE {token('nosuchterm')}", None, []),
    ("any of three terms", "text", "Events | where Message has_any ('replication', 'mimikatz', 'nosuchterm') | summarize n = count()",
     f"SELECT count(*) FROM Events WHERE {term('replication')} OR {term('mimikatz')} OR {term('nosuchterm')}", f"SELECT count() FROM Events WHERE {token('replication')} OR {token('mimikatz')} OR {token('nosuchterm')}", None, []),
    ("part of a word", "text", "Events | where Message contains 'eplicat' | summarize n = count()",
     "SELECT count(*) FROM Events WHERE contains(lower(Message), 'eplicat')", "SELECT count() FROM Events WHERE positionCaseInsensitive(Message, 'eplicat') > 0", None, []),
    ("regular expression", "text", "Events | where Message matches regex @'pid=4[0-9]{2}\\]' | summarize n = count()",
     "SELECT count(*) FROM Events WHERE regexp_matches(Message, 'pid=4[0-9]{2}\\]')", "SELECT count() FROM Events WHERE match(Message, 'pid=4[0-9]{2}\\\\]')", "Events | where Message matches regex 'pid=4[0-9]{2}\\\\]' | summarize n = count()", []),
    ("extract a number", "text", "Events | extend pid = tolong(extract('pid=([0-9]+)', 1, Message)) | summarize m = max(pid), a = avg(pid)",
     "SELECT max(pid), avg(pid) FROM (SELECT TRY_CAST(regexp_extract(Message, 'pid=([0-9]+)', 1) AS BIGINT) pid FROM Events)", "SELECT max(pid), avg(pid) FROM (SELECT toInt64OrNull(extract(Message, 'pid=([0-9]+)')) pid FROM Events)", None, []),
    ("parse a message", "text", "Events | parse Message with * '[id=' id '; pid=' pid:long ']' * | summarize n = countif(pid > 1000), l = sum(strlen(id))",
     "SELECT count(*) FILTER (TRY_CAST(regexp_extract(Message, '\\[id=(.*?); pid=(\\d+)\\]', 2) AS BIGINT) > 1000), sum(length(regexp_extract(Message, '\\[id=(.*?); pid=(\\d+)\\]', 1))) FROM Events",
     "SELECT countIf(toInt64OrNull(g[2]) > 1000), sum(length(g[1])) FROM (SELECT extractGroups(Message, '\\\\[id=(.*?); pid=(\\\\d+)\\\\]') g FROM Events)", "", []),
    ("property counts", "dynamic", "Events | summarize n = count() by os = tostring(Properties.device.os), trusted = tobool(Properties.device.trusted)",
     f"SELECT {json_text('device.os')} os, CAST({json_text('device.trusted')} AS BOOLEAN) t, count(*) FROM Events GROUP BY ALL", f"SELECT {json_ch('device.os')} os, {json_ch('device.trusted', kind='Bool')} t, count() FROM Events GROUP BY os, t", "", []),
    ("property conditions", "dynamic", "Events | where Properties.risk.level == 'high' and todouble(Properties.risk.score) > 80 | summarize n = count() by app = tostring(Properties.clientApp)",
     f"SELECT {json_text('clientApp')} app, count(*) FROM Events WHERE {json_text('risk.level')} = 'high' AND CAST({json_text('risk.score')} AS DOUBLE) > 80 GROUP BY ALL",
     f"SELECT {json_ch('clientApp')} app, count() FROM Events WHERE {json_ch('risk.level')} = 'high' AND {json_ch('risk.score', kind='Float')} > 80 GROUP BY app", "", []),
    ("property averages", "dynamic", "Events | summarize a = avg(toreal(Properties.risk.score)), m = max(toint(Properties.port)) by Country",
     f"SELECT Country, avg(CAST({json_text('risk.score')} AS DOUBLE)), max(CAST({json_text('port')} AS INTEGER)) FROM Events GROUP BY ALL",
     f"SELECT Country, avg({json_ch('risk.score', kind='Float')}), max({json_ch('port', kind='Int')}) FROM Events GROUP BY Country", "", []),
    ("array element", "dynamic", "Events | summarize n = count() by t = tostring(Properties.tags[1])",
     "SELECT Properties->>'$.tags[1]' t, count(*) FROM Events GROUP BY t", "SELECT JSONExtractString(Properties, 'tags', 2) t, count() FROM Events GROUP BY t", "", []),
    ("resources by type", "inventory", "Resources | where type =~ 'microsoft.storage/storageaccounts' | summarize n = count() by location, tls = tostring(properties.minimumTlsVersion)",
     f"SELECT location, {json_text('minimumTlsVersion', 'properties')} tls, count(*) FROM Resources WHERE lower(type) = 'microsoft.storage/storageaccounts' GROUP BY ALL",
     f"SELECT location, {json_ch('minimumTlsVersion', 'properties')} tls, count() FROM Resources WHERE lower(type) = 'microsoft.storage/storageaccounts' GROUP BY location, tls", "", []),
    ("open networks", "inventory", "Resources | where properties.publicNetworkAccess =~ 'enabled' and properties.networkAcls.defaultAction =~ 'allow' | summarize n = count() by tolower(type)",
     f"SELECT lower(type), count(*) FROM Resources WHERE lower({json_text('publicNetworkAccess', 'properties')}) = 'enabled' AND lower({json_text('networkAcls.defaultAction', 'properties')}) = 'allow' GROUP BY ALL",
     f"SELECT lower(type) t, count() FROM Resources WHERE lower({json_ch('publicNetworkAccess', 'properties')}) = 'enabled' AND lower({json_ch('networkAcls.defaultAction', 'properties')}) = 'allow' GROUP BY t", "", []),
    ("rules of networks", "inventory", "Resources | mv-expand rule = properties.networkAcls.ipRules | summarize n = count() by action = tostring(rule.action)",
     "SELECT coalesce(r->>'$.action', ''), count(*) FROM (SELECT unnest(CASE WHEN json_array_length(properties->'$.networkAcls.ipRules') = 0 THEN [NULL] ELSE CAST(properties->'$.networkAcls.ipRules' AS JSON[]) END) r FROM Resources) GROUP BY ALL",
     "SELECT JSONExtractString(r, 'action') a, count() FROM (SELECT arrayJoin(if(empty(JSONExtractArrayRaw(assumeNotNull(properties), 'networkAcls', 'ipRules') AS rules), [''], rules)) r FROM Resources) GROUP BY a", "", []),
    ("resource groups from ids", "inventory", "Resources | extend g = tolower(tostring(split(id, '/')[4])) | summarize n = count() by g | top 20 by n",
     "SELECT lower(split_part(id, '/', 5)) g, count(*) n FROM Resources GROUP BY g ORDER BY n DESC LIMIT 20", "SELECT lower(splitByChar('/', id)[5]) g, count() n FROM Resources GROUP BY g ORDER BY n DESC LIMIT 20", None, []),
    ("owners by environment", "inventory", "Resources | where isnotempty(tags.owner) | summarize n = count(), c = sum(tolong(properties.capacity)) by owner = tostring(tags.owner), env = tostring(tags.environment)",
     f"SELECT {json_text('owner', 'tags')} o, {json_text('environment', 'tags')} e, count(*), sum(CAST({json_text('capacity', 'properties')} AS BIGINT)) FROM Resources WHERE {json_text('owner', 'tags')} <> '' GROUP BY ALL",
     f"SELECT {json_ch('owner', 'tags')} o, {json_ch('environment', 'tags')} e, count(), sum({json_ch('capacity', 'properties', 'Int')}) FROM Resources WHERE o != '' GROUP BY o, e", "", []),
    ("accounts joined with groups", "inventory", "Resources | where type has 'cognitiveservices' | project name, resourceGroup, subscriptionId | join kind=leftouter (Resources | where type has 'keyvault' | summarize vaults = count() by resourceGroup, subscriptionId) on resourceGroup, subscriptionId | summarize n = count(), with_vault = countif(vaults > 0)",
     "SELECT count(*), count(*) FILTER (vaults > 0) FROM (SELECT resourceGroup, subscriptionId FROM Resources WHERE lower(type) LIKE '%cognitiveservices%') LEFT JOIN (SELECT resourceGroup, subscriptionId, count(*) vaults FROM Resources WHERE lower(type) LIKE '%keyvault%' GROUP BY ALL) USING (resourceGroup, subscriptionId)",
     "SELECT count(), countIf(vaults > 0) FROM (SELECT resourceGroup, subscriptionId FROM Resources WHERE hasTokenCaseInsensitive(type, 'cognitiveservices')) a LEFT JOIN (SELECT resourceGroup, subscriptionId, count() vaults FROM Resources WHERE hasTokenCaseInsensitive(type, 'keyvault') GROUP BY ALL) b USING (resourceGroup, subscriptionId)", "", []),
]
