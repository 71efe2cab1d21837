//! The two databases behind one small face: statements in SQL both understand, plain parameters, plain rows.

use chrono::{DateTime, Utc};
use sqlx::postgres::{PgArguments, PgPool, PgRow};
use sqlx::sqlite::{SqliteArguments, SqlitePool, SqliteRow};
use sqlx::{AssertSqlSafe, Postgres, Row as _, Sqlite, Transaction};

use crate::StateError;

/// A parameter. `$1` is the first, in both databases.
#[derive(Debug, Clone)]
pub(crate) enum Parameter {
    Text(String),
    /// States and the like.
    Word(&'static str),
    Integer(i64),
    OptionalInteger(Option<i64>),
}

impl From<&str> for Parameter {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Option<i64>> for Parameter {
    fn from(number: Option<i64>) -> Self {
        Self::OptionalInteger(number)
    }
}

impl From<String> for Parameter {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Parameter {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<u64> for Parameter {
    fn from(number: u64) -> Self {
        Self::Integer(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<DateTime<Utc>> for Parameter {
    fn from(instant: DateTime<Utc>) -> Self {
        Self::Integer(instant.timestamp_micros())
    }
}

/// A row of either database.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    pub(crate) fn text(&self, column: usize) -> Result<String, sqlx::Error> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
    }

    pub(crate) fn optional_text(&self, column: usize) -> Result<Option<String>, sqlx::Error> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
    }

    pub(crate) fn integer(&self, column: usize) -> Result<i64, sqlx::Error> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
    }

    pub(crate) fn count(&self, column: usize) -> Result<u64, sqlx::Error> {
        self.integer(column)
            .map(|number| u64::try_from(number).unwrap_or_default())
    }

    pub(crate) fn instant(&self, column: usize) -> Result<DateTime<Utc>, sqlx::Error> {
        self.integer(column).and_then(to_instant)
    }

    pub(crate) fn optional_instant(
        &self,
        column: usize,
    ) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
        let number: Option<i64> = match self {
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        };
        number.map(to_instant).transpose()
    }
}

fn to_instant(microseconds: i64) -> Result<DateTime<Utc>, sqlx::Error> {
    DateTime::from_timestamp_micros(microseconds)
        .ok_or_else(|| sqlx::Error::Decode(format!("{microseconds} is no instant").into()))
}

/// The database and its connections.
#[derive(Debug, Clone)]
pub(crate) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

fn sqlite_arguments(parameters: Vec<Parameter>) -> Result<SqliteArguments, sqlx::Error> {
    use sqlx::Arguments as _;
    let mut arguments = SqliteArguments::default();
    for parameter in parameters {
        match parameter {
            Parameter::Text(text) => arguments.add(text),
            Parameter::Word(word) => arguments.add(word),
            Parameter::Integer(number) => arguments.add(number),
            Parameter::OptionalInteger(number) => arguments.add(number),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

fn postgres_arguments(parameters: Vec<Parameter>) -> Result<PgArguments, sqlx::Error> {
    use sqlx::Arguments as _;
    let mut arguments = PgArguments::default();
    for parameter in parameters {
        match parameter {
            Parameter::Text(text) => arguments.add(text),
            Parameter::Word(word) => arguments.add(word),
            Parameter::Integer(number) => arguments.add(number),
            Parameter::OptionalInteger(number) => arguments.add(number),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

impl Pool {
    pub(crate) async fn fetch(
        &self,
        sql: &str,
        parameters: Vec<Parameter>,
    ) -> Result<Vec<Row>, sqlx::Error> {
        let statement = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(pool) => {
                let rows = sqlx::query_with(statement, sqlite_arguments(parameters)?)
                    .fetch_all(pool)
                    .await?;
                Ok(rows.into_iter().map(Row::Sqlite).collect())
            }
            Self::Postgres(pool) => {
                let rows = sqlx::query_with(statement, postgres_arguments(parameters)?)
                    .fetch_all(pool)
                    .await?;
                Ok(rows.into_iter().map(Row::Postgres).collect())
            }
        }
    }

    pub(crate) async fn execute(
        &self,
        sql: &str,
        parameters: Vec<Parameter>,
    ) -> Result<u64, sqlx::Error> {
        let statement = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(pool) => {
                let done = sqlx::query_with(statement, sqlite_arguments(parameters)?)
                    .execute(pool)
                    .await?;
                Ok(done.rows_affected())
            }
            Self::Postgres(pool) => {
                let done = sqlx::query_with(statement, postgres_arguments(parameters)?)
                    .execute(pool)
                    .await?;
                Ok(done.rows_affected())
            }
        }
    }

    /// Begins a transaction that no other writer overlaps. Waits for one that is under way.
    pub(crate) async fn begin_exclusive(&self) -> Result<Writing, sqlx::Error> {
        match self {
            Self::Sqlite(pool) => pool
                .begin_with("BEGIN IMMEDIATE")
                .await
                .map(Writing::Sqlite),
            Self::Postgres(pool) => {
                let mut writing = Writing::Postgres(pool.begin().await?);
                // A first scan fills tables of which there are no statistics yet; plans made while they are
                // nearly empty would read them whole for every round.
                for setting in [
                    "SET LOCAL lock_timeout = '30s'",
                    "SET LOCAL enable_seqscan = off",
                    "SET LOCAL plan_cache_mode = force_custom_plan",
                ] {
                    writing.execute(setting, Vec::new()).await?;
                }
                writing
                    .execute(
                        "LOCK TABLE findings IN SHARE ROW EXCLUSIVE MODE",
                        Vec::new(),
                    )
                    .await?;
                Ok(writing)
            }
        }
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// A transaction; dropped without commit it leaves nothing.
#[derive(Debug)]
pub(crate) enum Writing {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Writing {
    /// Rows of places for `VALUES`, such as `($1, $2), ($3, $4)`.
    ///
    /// `SQLite` looks up each numbered parameter's name one after the other, which is slow for thousands; plain ones
    /// have no name.
    pub(crate) fn places(&self, rows: usize, columns: usize) -> String {
        let mut places = String::with_capacity(rows * columns * 4);
        for number in 1..=rows * columns {
            let before = match (number - 1) % columns {
                0 if number == 1 => "(",
                0 => "), (",
                _ => ", ",
            };
            places.push_str(before);
            match self {
                Self::Sqlite(_) => places.push('?'),
                Self::Postgres(_) => {
                    places.push('$');
                    places.push_str(&number.to_string());
                }
            }
        }
        places.push(')');
        places
    }

    pub(crate) async fn execute(
        &mut self,
        sql: &str,
        parameters: Vec<Parameter>,
    ) -> Result<u64, sqlx::Error> {
        let statement = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(transaction) => {
                let query = sqlx::query_with(statement, sqlite_arguments(parameters)?);
                Ok(query.execute(&mut **transaction).await?.rows_affected())
            }
            Self::Postgres(transaction) => {
                let query = sqlx::query_with(statement, postgres_arguments(parameters)?);
                Ok(query.execute(&mut **transaction).await?.rows_affected())
            }
        }
    }

    pub(crate) async fn fetch(
        &mut self,
        sql: &str,
        parameters: Vec<Parameter>,
    ) -> Result<Vec<Row>, sqlx::Error> {
        let statement = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(transaction) => {
                let query = sqlx::query_with(statement, sqlite_arguments(parameters)?);
                Ok(query
                    .fetch_all(&mut **transaction)
                    .await?
                    .into_iter()
                    .map(Row::Sqlite)
                    .collect())
            }
            Self::Postgres(transaction) => {
                let query = sqlx::query_with(statement, postgres_arguments(parameters)?);
                Ok(query
                    .fetch_all(&mut **transaction)
                    .await?
                    .into_iter()
                    .map(Row::Postgres)
                    .collect())
            }
        }
    }

    pub(crate) async fn commit(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(transaction) => transaction.commit().await,
            Self::Postgres(transaction) => transaction.commit().await,
        }
    }
}

/// Names what failed and where.
pub(crate) trait Explain<T> {
    fn explain(self, doing: &'static str, place: &str) -> Result<T, StateError>;
}

impl<T> Explain<T> for Result<T, sqlx::Error> {
    fn explain(self, doing: &'static str, place: &str) -> Result<T, StateError> {
        self.map_err(|source| StateError::database(doing, place, source))
    }
}
