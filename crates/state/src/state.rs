//! Opening the database and reading from it.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use crate::StateError;
use crate::connection::{Explain as _, Pool};
use crate::records::{FindingChange, ScanSummary, parse_severity, parse_state};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// Changes handed out at once at most.
const CHANGES_LIMIT: u64 = 100_000;

/// How the database is opened.
#[derive(Debug, Clone)]
pub struct StateOptions {
    /// How long to wait for another process before giving up.
    pub busy_timeout: Duration,
}

impl Default for StateOptions {
    fn default() -> Self {
        Self {
            busy_timeout: Duration::from_secs(30),
        }
    }
}

/// The state database. Cheap to clone; clones share connections.
#[derive(Debug, Clone)]
pub struct State {
    pub(crate) pool: Pool,
    /// The file or the server, without credentials.
    pub(crate) place: String,
}

impl State {
    /// Opens the `SQLite` file, makes it where it is missing (readable by its owner alone), and brings its
    /// schema up to date.
    pub async fn open(path: impl AsRef<Path>, options: &StateOptions) -> Result<Self, StateError> {
        let path = path.as_ref();
        create_private_file(path).map_err(|source| StateError::File {
            path: path.to_owned(),
            source,
        })?;
        let place = format!("`{}`", path.display());
        let connect = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(options.busy_timeout)
            .foreign_keys(true)
            .row_buffer_size(1000)
            .statement_cache_capacity(32)
            .pragma("temp_store", "memory")
            .pragma("cache_size", "-65536");
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .acquire_timeout(options.busy_timeout)
            .connect_with(connect)
            .await
            .explain("open", &place)?;
        SQLITE
            .run(&pool)
            .await
            .map_err(|error| StateError::migration(&place, newest(&SQLITE), error))?;
        Ok(Self {
            pool: Pool::Sqlite(pool),
            place,
        })
    }

    /// Connects to a `postgres://` URL and brings the schema up to date.
    pub async fn connect(url: &str, options: &StateOptions) -> Result<Self, StateError> {
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            // Without what may be a password.
            let shown = url.split("://").next().unwrap_or_default();
            return Err(StateError::Address(shown.chars().take(40).collect()));
        }
        let connect: PgConnectOptions = url.parse().explain("understand the URL", "given")?;
        let database = connect.get_database().unwrap_or_default().to_owned();
        let place = format!(
            "`{database}` on {}:{}",
            connect.get_host(),
            connect.get_port()
        );
        let pool = PgPoolOptions::new()
            .max_connections(4)
            .acquire_timeout(options.busy_timeout)
            .connect_with(connect)
            .await
            .explain("connect", &place)?;
        POSTGRES
            .run(&pool)
            .await
            .map_err(|error| StateError::migration(&place, newest(&POSTGRES), error))?;
        Ok(Self {
            pool: Pool::Postgres(pool),
            place,
        })
    }

    /// Closes the connections; what was committed is on the disk before as well.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// The last scans, newest first.
    pub async fn scans(&self, limit: u64) -> Result<Vec<ScanSummary>, StateError> {
        let sql = "SELECT id, started, finished, resources, findings FROM scans ORDER BY finished DESC, id LIMIT $1";
        let rows = self
            .pool
            .fetch(sql, vec![limit.into()])
            .await
            .explain("list scans", &self.place)?;
        let summaries = rows.iter().map(|row| {
            Ok(ScanSummary {
                id: row.text(0)?,
                started: row.instant(1)?,
                finished: row.instant(2)?,
                resources: row.count(3)?,
                findings: row.count(4)?,
            })
        });
        summaries
            .collect::<Result<_, sqlx::Error>>()
            .explain("list scans", &self.place)
    }

    /// Changes not yet acknowledged, oldest first, up to `limit`.
    ///
    /// Append them to the lake under the last one's sequence as transaction version, then call
    /// [`Self::acknowledge_changes`]; a crash in between hands out the same changes again, and the lake
    /// stores them once.
    pub async fn pending_changes(&self, limit: u64) -> Result<Vec<FindingChange>, StateError> {
        let sql = "SELECT c.sequence, s.id, s.finished, f.id, f.resource_key, f.recommendation, f.severity, \
                   c.kind, c.from_state, c.to_state, f.first_seen \
                   FROM finding_changes c JOIN findings f ON f.number = c.finding JOIN scans s ON s.number = c.scan ORDER BY c.sequence LIMIT $1";
        let limit = limit.min(CHANGES_LIMIT);
        let rows = self
            .pool
            .fetch(sql, vec![limit.into()])
            .await
            .explain("list changes", &self.place)?;
        rows.iter().map(|row| self.change(row)).collect()
    }

    fn change(&self, row: &crate::connection::Row) -> Result<FindingChange, StateError> {
        let doing = "list changes";
        let place = &self.place;
        let from = row.optional_text(8).explain(doing, place)?;
        let to = row.optional_text(9).explain(doing, place)?;
        Ok(FindingChange {
            sequence: row.integer(0).explain(doing, place)?,
            scan_id: row.text(1).explain(doing, place)?,
            at: row.instant(2).explain(doing, place)?,
            finding_id: row.text(3).explain(doing, place)?,
            resource_key: row.text(4).explain(doing, place)?,
            recommendation: row.text(5).explain(doing, place)?,
            severity: parse_severity(&row.text(6).explain(doing, place)?)?,
            kind: row.text(7).explain(doing, place)?.parse()?,
            from: from.as_deref().map(parse_state).transpose()?,
            to: to.as_deref().map(parse_state).transpose()?,
            first_seen: row.instant(10).explain(doing, place)?,
        })
    }

    /// Forgets changes up to a sequence number: they are in the lake.
    pub async fn acknowledge_changes(&self, up_to: i64) -> Result<(), StateError> {
        let sql = "DELETE FROM finding_changes WHERE sequence <= $1";
        self.pool
            .execute(sql, vec![up_to.into()])
            .await
            .explain("acknowledge changes", &self.place)?;
        Ok(())
    }

    /// A value kept under a name, such as a source's cursor.
    pub async fn meta(&self, key: &str) -> Result<Option<String>, StateError> {
        let sql = "SELECT value FROM meta WHERE key = $1";
        let rows = self
            .pool
            .fetch(sql, vec![key.into()])
            .await
            .explain("read a setting", &self.place)?;
        rows.first()
            .map(|row| row.text(0))
            .transpose()
            .explain("read a setting", &self.place)
    }

    /// Keeps a value under a name.
    pub async fn set_meta(&self, key: &str, value: &str) -> Result<(), StateError> {
        let sql = "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        self.pool
            .execute(sql, vec![key.into(), value.into()])
            .await
            .explain("keep a setting", &self.place)?;
        Ok(())
    }
}

fn newest(migrator: &Migrator) -> i64 {
    migrator
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or_default()
}

/// Makes the file before the library does, which would leave it readable by all. Its companions take over the mode.
fn create_private_file(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
