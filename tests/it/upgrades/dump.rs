//! Whole databases as text, tables and rows, and back.

use std::process::Command;

use sqlx::{AnyPool, AssertSqlSafe, Connection, PgConnection, SqlitePool};

/// Everything in a SQLite file as statements.
pub async fn of_sqlite(url: &str) -> String {
    let pool = SqlitePool::connect(url).await.unwrap();
    let mut text = String::from("pragma foreign_keys = off;\n");
    let made: Vec<(String, String, String)> =
        sqlx::query_as("select type, name, sql from sqlite_master where sql is not null order by rowid")
            .fetch_all(&pool)
            .await
            .unwrap();
    let of_kind = |table: bool| {
        made.iter().filter(move |(kind, name, _)| (kind == "table") == table && !name.starts_with("sqlite_"))
    };
    for (_, _, sql) in of_kind(true) {
        text += &format!("{sql};\n");
    }
    let own = ("table".to_owned(), "sqlite_sequence".to_owned(), String::new());
    for (_, name, _) in of_kind(true).chain([&own]) {
        if *name == own.1 {
            // The rows before have made their own.
            text += "delete from sqlite_sequence;\n";
        }
        let columns: Vec<String> = sqlx::query_scalar("select name from pragma_table_info($1)")
            .bind(name)
            .fetch_all(&pool)
            .await
            .unwrap();
        let quoted: Vec<String> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
        let rows = format!("select {} from \"{name}\" order by 1", quoted.join(" || ', ' || "));
        let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(rows)).fetch_all(&pool).await.unwrap();
        for row in rows {
            text += &format!("insert into \"{name}\" values ({row});\n");
        }
    }
    for (_, _, sql) in of_kind(false) {
        text += &format!("{sql};\n");
    }
    pool.close().await;
    text
}

/// Everything in a PostgreSQL database, as `pg_dump` says it, without what hangs on the version of that.
pub fn of_postgres(url: &str) -> String {
    let said = Command::new("pg_dump")
        .args(["--inserts", "--no-owner", "--no-privileges", "--no-comments", url])
        .output()
        .expect("pg_dump comes with PostgreSQL");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let text = String::from_utf8(said.stdout).unwrap();
    let own = |line: &&str| {
        let psql = line.starts_with('\\') || line.starts_with("--") || line.starts_with("SET ");
        !psql && !line.starts_with("SELECT pg_catalog.set_config")
    };
    let lines: Vec<&str> = text.lines().filter(own).collect();
    let mut text = lines.join("\n");
    while text.contains("\n\n\n") {
        text = text.replace("\n\n\n", "\n\n");
    }
    text.trim().to_owned() + "\n"
}

pub async fn into_sqlite(url: &str, text: &str) {
    let path = url.strip_prefix("sqlite:").unwrap();
    std::fs::write(path, "").unwrap();
    let pool = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1).connect(url).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(text.to_owned())).execute(&pool).await.unwrap();
    pool.close().await;
}

pub async fn into_postgres(url: &str, text: &str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(text.to_owned())).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// A table, its columns, and every row with those columns as text.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    pub table: String,
    pub columns: Vec<String>,
    pub rows: Vec<String>,
}

/// Of every table of ours but the one that says which releases can work with them.
pub async fn everything(url: &str) -> Vec<Rows> {
    let tables = match url.starts_with("sqlite:") {
        true => "select name from sqlite_master where type = 'table' order by name",
        false => {
            "select cast(tablename as text) from pg_catalog.pg_tables where schemaname = 'public' order by 1"
        }
    };
    let columns = match url.starts_with("sqlite:") {
        true => "select name from pragma_table_info($1) order by cid",
        false => {
            "select cast(column_name as text) from information_schema.columns
            where table_name = $1 order by ordinal_position"
        }
    };
    let pool = connect(url).await;
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&pool).await.unwrap();
    let mut found = Vec::new();
    for table in tables {
        if ["_sqlx_migrations", "schema_needs"].contains(&&*table) || table.starts_with("sqlite_") {
            continue;
        }
        let columns: Vec<String> = sqlx::query_scalar(columns).bind(&table).fetch_all(&pool).await.unwrap();
        found.push(read(&pool, table, columns).await);
    }
    pool.close().await;
    found
}

/// The same columns of the same tables, as they are now.
pub async fn again(url: &str, before: &[Rows]) -> Vec<Rows> {
    let pool = connect(url).await;
    let mut found = Vec::new();
    for Rows { table, columns, .. } in before {
        found.push(read(&pool, table.clone(), columns.clone()).await);
    }
    pool.close().await;
    found
}

pub async fn connect(url: &str) -> AnyPool {
    sqlx::any::install_default_drivers();
    AnyPool::connect(url).await.unwrap()
}

async fn read(pool: &AnyPool, table: String, columns: Vec<String>) -> Rows {
    let texts: Vec<String> =
        columns.iter().map(|column| format!("coalesce(cast(\"{column}\" as text), 'null')")).collect();
    let text = format!("select {} from \"{table}\" order by 1", texts.join(" || ' | ' || "));
    let rows = sqlx::query_scalar(AssertSqlSafe(text)).fetch_all(pool).await.unwrap();
    Rows { table, columns, rows }
}
