//! The tables of the file, and the number that says which.

use rusqlite::Connection;

use crate::{clock::Rng, dynamodb, error::ApiError, eventbridge, lambda, logs, stepfunctions};

/// The format of the file (`user_version`): the number of [`STEPS`]. A file with a higher number is refused, one with a
/// lower number is brought up to date when it is opened.
pub const VERSION: i64 = 10;

/// Makes a file of one version out of one of the version before.
type Step = fn(&Connection) -> Result<(), ApiError>;

/// The steps to each version. One that was released never changes: whoever needs another form appends a step.
const STEPS: [Step; VERSION as usize] = [
    first,
    stepfunctions::service::share_rows,
    stepfunctions::service::remember_more,
    lambda::migrate,
    eventbridge::remember_changes,
    stepfunctions::service::find_awaited,
    eventbridge::tell_rule_and_type,
    stepfunctions::service::keep_pace,
    stepfunctions::service::add_agenda,
    stepfunctions::service::add_short_lived,
];

/// Marks the file as ours (`application_id`): "Dopp" in ASCII.
pub(crate) const APPLICATION_ID: i64 = 0x446F_7070;

fn first(db: &Connection) -> Result<(), ApiError> {
    stepfunctions::service::migrate(db)?;
    eventbridge::migrate(db)?;
    logs::migrate(db)?;
    dynamodb::migrate(db)?;
    Ok(())
}

/// Makes the tables of a new file in one transaction.
pub(crate) fn create(db: &Connection, rng: &dyn Rng) -> Result<(), ApiError> {
    let transaction = db.unchecked_transaction()?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction
        .execute_batch("CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID")?;
    let mut key = [0u8; 32];
    rng.fill(&mut key);
    transaction.execute("INSERT INTO secrets (name, value) VALUES ('task-token-key', ?1)", [key.as_slice()])?;
    take_steps(&transaction, 0)?;
    transaction.commit()?;
    Ok(())
}

/// Makes a file of this version out of one of an earlier version, within the transaction that is open.
pub(super) fn take_steps(db: &Connection, from: i64) -> Result<(), ApiError> {
    for step in STEPS.iter().skip(usize::try_from(from).unwrap_or_default()) {
        step(db)?;
    }
    db.pragma_update(None, "user_version", VERSION)?;
    Ok(())
}

/// The key that authenticates task tokens.
pub(crate) fn token_key(db: &Connection) -> Result<Vec<u8>, ApiError> {
    Ok(db.query_row("SELECT value FROM secrets WHERE name = 'task-token-key'", [], |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs};

    use super::*;
    use crate::{
        clock::{SeededRng, Timestamp},
        outbox,
        store::OpenFile,
    };

    fn objects(db: &Connection) -> BTreeSet<(String, String)> {
        let mut query = db.prepare("SELECT type, name FROM sqlite_schema").unwrap();
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn a_file_of_any_earlier_version_is_brought_up_to_date_and_keeps_what_it_has() {
        let folder = std::env::temp_dir().join(format!("engine-versions-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        for version in 1..VERSION {
            let path = folder.join(format!("{version}.db"));
            let db = Connection::open(&path).unwrap();
            db.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
            db.execute_batch("CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID")
                .unwrap();
            for step in STEPS.iter().take(usize::try_from(version).unwrap()) {
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

            let file = OpenFile::open(Some(&path), &SeededRng::new(1)).unwrap();
            let db = &file.connection;
            let found: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
            assert_eq!(found, VERSION, "from {version}");
            let new = Connection::open_in_memory().unwrap();
            create(&new, &SeededRng::new(1)).unwrap();
            assert_eq!(objects(db), objects(&new), "from {version}");
            assert_eq!(token_key(db).unwrap(), [1]);
            let kept: i64 =
                db.query_row("SELECT count(*) FROM event_buses WHERE name = 'kept'", [], |row| row.get(0)).unwrap();
            assert_eq!(kept, 1, "from {version}");
            assert_eq!(outbox::queue::next_attempt(db, Timestamp(0)).unwrap(), Some(Timestamp(5)), "from {version}");
            let letters = outbox::queue::dead_letters(db).unwrap();
            let ids: Vec<_> = letters.iter().map(|letter| (letter.id, letter.event_id.as_str())).collect();
            assert_eq!(ids, if version < 7 { vec![(7, "e0")] } else { vec![] }, "from {version}");
        }
        fs::remove_dir_all(&folder).unwrap();
    }
}
