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
use crate::records::ScanSummary;

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

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
