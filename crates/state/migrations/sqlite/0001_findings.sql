-- Times are microseconds since 1970 in UTC. States and severities are spelt as in Azure.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
);

-- Other tables name scans and findings by number: a long id in every row costs more than all else in it.
CREATE TABLE scans (
    number    INTEGER PRIMARY KEY,
    id        TEXT NOT NULL UNIQUE,
    started   BIGINT NOT NULL,
    finished  BIGINT NOT NULL,
    resources BIGINT NOT NULL,
    findings  BIGINT NOT NULL
);

CREATE TABLE scan_inputs (
    scan      BIGINT NOT NULL REFERENCES scans (number),
    input_key TEXT NOT NULL,
    complete  BIGINT NOT NULL,
    PRIMARY KEY (scan, input_key)
);

-- One row per resource and recommendation, kept after the resource is gone. Written only where something changed;
-- `content` is a hash of the columns from `resource_key` to `input_key` but `state`, to tell without reading them.
CREATE TABLE findings (
    number         INTEGER PRIMARY KEY,
    id             TEXT NOT NULL UNIQUE,
    resource_key   TEXT NOT NULL,
    recommendation TEXT NOT NULL,
    state          TEXT NOT NULL,
    severity       TEXT NOT NULL,
    cause_hash     TEXT NOT NULL,
    input_key      TEXT NOT NULL,
    content        BIGINT NOT NULL,
    first_seen     BIGINT NOT NULL,
    status_changed BIGINT NOT NULL,
    opened_at      BIGINT,
    resolved_at    BIGINT,
    gone_at        BIGINT
);

-- The last scan that judged a finding: written for each in every scan, thus apart and small.
CREATE TABLE finding_seen (
    finding INTEGER PRIMARY KEY,
    scan    BIGINT NOT NULL
);

-- Changes on their way to the lake; removed once they are there.
CREATE TABLE finding_changes (
    sequence   INTEGER PRIMARY KEY AUTOINCREMENT,
    scan       BIGINT NOT NULL,
    finding    BIGINT NOT NULL,
    kind       TEXT NOT NULL,
    from_state TEXT,
    to_state   TEXT
);
