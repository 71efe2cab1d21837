-- Times are microseconds since 1970 in UTC. States and severities are spelt as in Azure.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
);

CREATE TABLE scans (
    id        TEXT PRIMARY KEY NOT NULL,
    started   BIGINT NOT NULL,
    finished  BIGINT NOT NULL,
    resources BIGINT NOT NULL,
    findings  BIGINT NOT NULL
);

CREATE TABLE scan_inputs (
    scan_id   TEXT NOT NULL REFERENCES scans (id),
    input_key TEXT NOT NULL,
    complete  BIGINT NOT NULL,
    PRIMARY KEY (scan_id, input_key)
);

-- One row per resource and recommendation, kept after the resource is gone.
CREATE TABLE findings (
    id             TEXT PRIMARY KEY NOT NULL,
    resource_key   TEXT NOT NULL,
    recommendation TEXT NOT NULL,
    state          TEXT NOT NULL,
    severity       TEXT NOT NULL,
    cause_hash     TEXT NOT NULL,
    input_key      TEXT NOT NULL,
    last_scan      TEXT NOT NULL,
    first_seen     BIGINT NOT NULL,
    last_seen      BIGINT NOT NULL,
    status_changed BIGINT NOT NULL,
    opened_at      BIGINT,
    resolved_at    BIGINT,
    gone_at        BIGINT
);

CREATE INDEX findings_by_resource ON findings (resource_key);

-- Changes on their way to the lake; removed once they are there.
CREATE TABLE finding_changes (
    sequence   INTEGER PRIMARY KEY AUTOINCREMENT,
    scan_id    TEXT NOT NULL,
    at         BIGINT NOT NULL,
    finding_id TEXT NOT NULL,
    kind       TEXT NOT NULL,
    from_state TEXT,
    to_state   TEXT
);
