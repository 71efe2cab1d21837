//! Databases for tests: a fresh `SQLite` file, and a schema of its own in a local `PostgreSQL`.

use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use stance_state::{State, StateOptions};

const DEFAULT_URL: &str = "postgres://postgres@127.0.0.1:5432/test";

pub(crate) struct Database {
    pub(crate) state: State,
    pub(crate) name: &'static str,
    _folder: Option<tempfile::TempDir>,
    schema: Option<(String, String)>,
}

impl Database {
    /// Takes away what the test made.
    pub(crate) async fn remove(self) {
        self.state.close().await;
        if let Some((url, schema)) = self.schema {
            let mut connection = PgConnection::connect(&url).await.unwrap();
            let sql = AssertSqlSafe(format!("DROP SCHEMA {schema} CASCADE"));
            sqlx::query(sql).execute(&mut connection).await.unwrap();
        }
    }
}

pub(crate) async fn sqlite() -> Database {
    let folder = tempfile::tempdir().unwrap();
    let state = State::open(folder.path().join("state.db"), &StateOptions::default())
        .await
        .unwrap();
    Database {
        state,
        name: "SQLite",
        _folder: Some(folder),
        schema: None,
    }
}

fn postgres_url() -> Option<String> {
    if let Ok(url) = std::env::var("STANCE_TEST_POSTGRES_URL") {
        return Some(url);
    }
    let address = "127.0.0.1:5432".to_socket_addrs().ok()?.next()?;
    TcpStream::connect_timeout(&address, Duration::from_millis(300))
        .ok()
        .map(|_| DEFAULT_URL.to_owned())
}

/// `None`, said loudly, where there is no server.
pub(crate) async fn postgres() -> Option<Database> {
    let Some(url) = postgres_url() else {
        eprintln!(
            "SKIPPED on PostgreSQL: set STANCE_TEST_POSTGRES_URL, or let a server answer on 127.0.0.1:5432"
        );
        return None;
    };
    let mut connection = match PgConnection::connect(&url).await {
        Ok(connection) => connection,
        Err(error) if std::env::var_os("STANCE_TEST_POSTGRES_URL").is_none() => {
            eprintln!("SKIPPED on PostgreSQL: the server on 127.0.0.1:5432 refused: {error}");
            return None;
        }
        Err(error) => panic!("STANCE_TEST_POSTGRES_URL: {error}"),
    };
    let schema = format!("stance_test_{}", uuid::Uuid::new_v4().simple());
    let sql = AssertSqlSafe(format!("CREATE SCHEMA {schema}"));
    sqlx::query(sql).execute(&mut connection).await.unwrap();
    let separator = if url.contains('?') { '&' } else { '?' };
    let own = format!("{url}{separator}options=-csearch_path%3D{schema}");
    let state = State::connect(&own, &StateOptions::default())
        .await
        .unwrap();
    Some(Database {
        state,
        name: "PostgreSQL",
        _folder: None,
        schema: Some((url, schema)),
    })
}

/// Every database there is to test on.
pub(crate) async fn all() -> Vec<Database> {
    let mut databases = vec![sqlite().await];
    databases.extend(postgres().await);
    databases
}
