//! The schema of the engine's store: the migrations of all services, in the order in which they were released.

use rusqlite::Connection;

use crate::{
    dynamodb,
    error::ApiError,
    eventbridge, lambda, logs,
    stepfunctions::service::{history, migrations},
    store::Schema,
};

/// The schema of the store. A released migration never changes; append one instead.
pub(crate) const SCHEMA: Schema = Schema {
    migrations: &[
        create_tables,
        history::batch_rows,
        migrations::add_tags_and_trace_header,
        lambda::migrations::migrate,
        eventbridge::migrations::add_modified_and_tags,
        migrations::index_parents,
        eventbridge::migrations::add_rule_and_detail_type,
        migrations::add_arn_hash,
        migrations::create_deferred_steps,
        migrations::create_short_lived,
    ],
};

/// The format version of the store. A file with a higher version is refused; one with a lower version is migrated when
/// it is opened.
pub const VERSION: i64 = SCHEMA.version();

fn create_tables(db: &Connection) -> Result<(), ApiError> {
    migrations::migrate(db)?;
    eventbridge::migrations::migrate(db)?;
    logs::migrations::migrate(db)?;
    dynamodb::rows::migrate(db)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs};

    use super::*;
    use crate::{
        clock::{SeededRng, Timestamp},
        outbox::queue,
        store::{APPLICATION_ID, OpenFile, token_key},
    };

    fn schema_objects(db: &Connection) -> BTreeSet<(String, String)> {
        let mut query = db.prepare("SELECT type, name FROM sqlite_schema").unwrap();
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn a_file_of_any_earlier_version_is_migrated_and_keeps_its_contents() {
        let folder = std::env::temp_dir().join(format!("engine-versions-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        for version in 1..VERSION {
            let path = folder.join(format!("{version}.db"));
            let db = Connection::open(&path).unwrap();
            db.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
            db.execute_batch("CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID")
                .unwrap();
            for step in SCHEMA.migrations.iter().take(usize::try_from(version).unwrap()) {
                step(&db).unwrap();
            }
            db.pragma_update(None, "user_version", version).unwrap();
            // Columns that every version has.
            db.execute_batch(
                "INSERT INTO secrets (name, value) VALUES ('task-token-key', x'01');
                 INSERT INTO event_buses (name, created) VALUES ('kept', 0);
                 INSERT INTO outbox (event_id, target_arn, payload, bare_answer, max_attempts, give_up, next_attempt)
                     VALUES ('e1', 'arn', '{}', 0, 186, 9, 5);",
            )
            .unwrap();
            if version < 7 {
                db.execute_batch("INSERT INTO dead_letters VALUES (7, 'e0', 'arn', '{}', 186, 'old', 5)").unwrap();
            }
            drop(db);

            let file = OpenFile::open(Some(&path), &SeededRng::new(1), SCHEMA).unwrap();
            let db = &file.connection;
            let found: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
            assert_eq!(found, VERSION, "from {version}");
            let new = Connection::open_in_memory().unwrap();
            SCHEMA.create(&new, &SeededRng::new(1)).unwrap();
            assert_eq!(schema_objects(db), schema_objects(&new), "from {version}");
            assert_eq!(token_key(db).unwrap(), [1]);
            let kept: i64 =
                db.query_row("SELECT count(*) FROM event_buses WHERE name = 'kept'", [], |row| row.get(0)).unwrap();
            assert_eq!(kept, 1, "from {version}");
            assert_eq!(queue::next_attempt(db, Timestamp(0)).unwrap(), Some(Timestamp(5)), "from {version}");
            let letters = queue::dead_letters(db).unwrap();
            let ids: Vec<_> = letters.iter().map(|letter| (letter.id, letter.event_id.as_str())).collect();
            assert_eq!(ids, if version < 7 { vec![(7, "e0")] } else { vec![] }, "from {version}");
        }
        fs::remove_dir_all(&folder).unwrap();
    }
}
