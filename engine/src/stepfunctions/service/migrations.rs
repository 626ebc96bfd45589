//! The tables of this service.

use rusqlite::{Connection, types::Value};

use crate::{error::ApiError, stepfunctions::service::names::arn_hash};

/// Creates the tables.
pub(crate) fn migrate(db: &Connection) -> Result<(), ApiError> {
    db.execute_batch(
        "CREATE TABLE state_machines (
             arn TEXT PRIMARY KEY,
             name TEXT NOT NULL,
             revision TEXT NOT NULL,
             -- LoggingConfiguration, tracingConfiguration and the like: kept and given back, in JSON.
             configuration TEXT NOT NULL,
             created INTEGER NOT NULL
         ) STRICT, WITHOUT ROWID;
         -- A revision never changes, and stays as long as executions may need it.
         CREATE TABLE machine_revisions (
             id TEXT PRIMARY KEY,
             machine_arn TEXT NOT NULL,
             definition TEXT NOT NULL,
             role_arn TEXT NOT NULL,
             updated INTEGER NOT NULL
         ) STRICT;
         CREATE TABLE executions (
             id INTEGER PRIMARY KEY AUTOINCREMENT,
             arn TEXT NOT NULL UNIQUE,
             machine_arn TEXT NOT NULL,
             revision TEXT NOT NULL,
             name TEXT NOT NULL,
             status TEXT NOT NULL,
             input TEXT NOT NULL,
             output TEXT,
             error TEXT,
             cause TEXT,
             started INTEGER NOT NULL,
             stopped INTEGER,
             -- The task of another execution that waits for the end of this one.
             parent_execution INTEGER,
             parent_task INTEGER,
             -- Whether that task wants the output as JSON (.sync:2) or as text (.sync).
             parent_wants_json INTEGER
         ) STRICT;
         CREATE INDEX executions_by_machine ON executions (machine_arn, id);
         CREATE INDEX executions_by_status ON executions (machine_arn, status, id);
         CREATE TABLE history (
             execution INTEGER NOT NULL,
             id INTEGER NOT NULL,
             event TEXT NOT NULL,
             PRIMARY KEY (execution, id)
         ) STRICT, WITHOUT ROWID;
         CREATE TABLE open_tasks (
             execution INTEGER NOT NULL,
             task INTEGER NOT NULL,
             -- The random part of the task's token; null when no token answers it.
             nonce BLOB,
             heartbeat_interval INTEGER,
             heartbeat_due INTEGER,
             timeout_due INTEGER,
             -- The earlier of the two.
             due INTEGER,
             PRIMARY KEY (execution, task)
         ) STRICT, WITHOUT ROWID;
         CREATE INDEX open_tasks_by_due ON open_tasks (due) WHERE due IS NOT NULL;
         -- An event of 0 is the beginning of an execution that a workflow started.
         CREATE TABLE timers (
             execution INTEGER NOT NULL,
             event INTEGER NOT NULL,
             due INTEGER NOT NULL,
             PRIMARY KEY (execution, event)
         ) STRICT, WITHOUT ROWID;
         CREATE INDEX timers_by_due ON timers (due);",
    )?;
    Ok(())
}

/// Adds tags, trace headers, and a mark for the first revision of a state machine.
pub(crate) fn add_tags_and_trace_header(db: &Connection) -> Result<(), ApiError> {
    db.execute_batch(
        "CREATE TABLE tags (
             resource TEXT NOT NULL,
             key TEXT NOT NULL,
             value TEXT NOT NULL,
             PRIMARY KEY (resource, key)
         ) STRICT, WITHOUT ROWID;
         -- The id of the first revision of a machine is not shown: AWS gives one to updates only.
         ALTER TABLE machine_revisions ADD COLUMN is_initial INTEGER NOT NULL DEFAULT 0;
         ALTER TABLE executions ADD COLUMN trace_header TEXT;",
    )?;
    Ok(())
}

/// Adds an index of the executions that tasks of another execution wait for.
pub(crate) fn index_parents(db: &Connection) -> Result<(), ApiError> {
    db.execute_batch(
        "CREATE INDEX IF NOT EXISTS executions_by_parent ON executions (parent_execution) WHERE parent_execution IS NOT NULL",
    )?;
    Ok(())
}

/// Finds executions by a hash of their ARN, and stores the rows of histories in the order in which they are written.
///
/// An index of the ARNs themselves has a hundred bytes per execution, in random order. With a million executions it is a
/// tree of five levels that fits no cache, so that each lookup reads pages from the system. An index of hashes has three
/// levels and an eighth of the size.
///
/// History rows used to be stored next to earlier rows of the same execution. So a commit changed a page for each of its
/// steps and kept making room in the middle of the table. Now rows are appended, and only an index is ordered by
/// execution.
pub(crate) fn add_arn_hash(db: &Connection) -> Result<(), ApiError> {
    let next: i64 =
        db.query_row("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'executions'), 0)", [], |row| {
            row.get(0)
        })?;
    db.execute_batch(
        "DROP INDEX executions_by_machine;
         DROP INDEX executions_by_status;
         DROP INDEX executions_by_parent;
         ALTER TABLE executions RENAME TO executions_by_arn_itself;
         CREATE TABLE executions (
             id INTEGER PRIMARY KEY AUTOINCREMENT,
             arn TEXT NOT NULL,
             -- The first eight bytes of the SHA-256 of the ARN.
             arn_hash INTEGER NOT NULL,
             machine_arn TEXT NOT NULL,
             revision TEXT NOT NULL,
             name TEXT NOT NULL,
             status TEXT NOT NULL,
             input TEXT NOT NULL,
             output TEXT,
             error TEXT,
             cause TEXT,
             started INTEGER NOT NULL,
             stopped INTEGER,
             -- The task of another execution that waits for the end of this one.
             parent_execution INTEGER,
             parent_task INTEGER,
             -- Whether that task wants the output as JSON (.sync:2) or as text (.sync).
             parent_wants_json INTEGER,
             trace_header TEXT
         ) STRICT;",
    )?;
    {
        let mut old = db.prepare(
            "SELECT id, arn, machine_arn, revision, name, status, input, output, error, cause, started, stopped,
                 parent_execution, parent_task, parent_wants_json, trace_header
             FROM executions_by_arn_itself ORDER BY id",
        )?;
        let mut copy = db.prepare(
            "INSERT INTO executions (id, arn, machine_arn, revision, name, status, input, output, error, cause, started,
                 stopped, parent_execution, parent_task, parent_wants_json, trace_header, arn_hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        )?;
        let mut rows = old.query([])?;
        while let Some(row) = rows.next()? {
            for column in 0..16 {
                copy.raw_bind_parameter(column + 1, row.get::<_, Value>(column)?)?;
            }
            copy.raw_bind_parameter(17, arn_hash(&row.get::<_, String>(1)?))?;
            copy.raw_execute()?;
        }
    }
    db.execute_batch(
        "DROP TABLE executions_by_arn_itself;
         CREATE INDEX executions_by_arn ON executions (arn_hash);
         CREATE INDEX executions_by_machine ON executions (machine_arn, id);
         CREATE INDEX executions_by_status ON executions (machine_arn, status, id);
         CREATE INDEX executions_by_parent ON executions (parent_execution) WHERE parent_execution IS NOT NULL;
         DELETE FROM sqlite_sequence WHERE name = 'executions';",
    )?;
    // No id is reused, even after the last executions were deleted: task tokens contain it.
    db.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('executions', ?1)", [next])?;
    db.execute_batch(
        "ALTER TABLE history RENAME TO history_by_place_itself;
         CREATE TABLE history (
             id INTEGER PRIMARY KEY,
             -- The execution in the high bits, the id of the row's first event in the low 15.
             place INTEGER NOT NULL,
             -- When they happened, in milliseconds since the epoch.
             timestamp INTEGER NOT NULL,
             -- Pairs of the previous event's id and the event, in JSON; each id is one more than that before it.
             events TEXT NOT NULL
         ) STRICT;
         INSERT INTO history (place, timestamp, events)
             SELECT place, timestamp, events FROM history_by_place_itself ORDER BY place;
         DROP TABLE history_by_place_itself;
         CREATE UNIQUE INDEX history_by_place ON history (place);",
    )?;
    Ok(())
}

/// Creates the tables of deferred steps.
pub(crate) fn create_deferred_steps(db: &Connection) -> Result<(), ApiError> {
    db.execute_batch(
        "CREATE TABLE agenda (
             id INTEGER PRIMARY KEY,
             execution INTEGER NOT NULL,
             -- In JSON; null when the execution goes on with its queue of states.
             stimulus TEXT,
             -- 0 unless an attempt has failed: a clock that steps back delays nothing.
             due INTEGER NOT NULL DEFAULT 0
         ) STRICT;
         CREATE INDEX agenda_by_due ON agenda (due);
         CREATE UNIQUE INDEX agenda_by_resumed ON agenda (execution) WHERE stimulus IS NULL;
         CREATE TABLE queued_states (
             id INTEGER PRIMARY KEY,
             execution INTEGER NOT NULL,
             position INTEGER NOT NULL,
             strand INTEGER NOT NULL,
             name TEXT NOT NULL,
             -- The input in queued_inputs.
             input INTEGER NOT NULL
         ) STRICT;
         CREATE UNIQUE INDEX queued_states_by_position ON queued_states (execution, position);
         CREATE TABLE queued_inputs (
             id INTEGER PRIMARY KEY,
             execution INTEGER NOT NULL,
             -- The position of the first state that has this input.
             number INTEGER NOT NULL,
             input TEXT NOT NULL
         ) STRICT;
         CREATE UNIQUE INDEX queued_inputs_by_number ON queued_inputs (execution, number);",
    )?;
    Ok(())
}

/// Creates the table of executions that are kept for a shorter time.
pub(crate) fn create_short_lived(db: &Connection) -> Result<(), ApiError> {
    db.execute_batch(
        "CREATE TABLE short_lived (
             execution INTEGER PRIMARY KEY,
             forget_at INTEGER NOT NULL
         ) STRICT;
         CREATE INDEX short_lived_by_time ON short_lived (forget_at);",
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stepfunctions::service::history::batch_rows;

    #[test]
    fn an_upgrade_keeps_executions_histories_and_the_last_id() {
        let db = Connection::open_in_memory().unwrap();
        for step in [migrate, batch_rows, add_tags_and_trace_header, index_parents] {
            step(&db).unwrap();
        }
        db.execute_batch(
            "INSERT INTO executions VALUES
                 (3, 'arn:3', 'm', 'r', 'three', 'SUCCEEDED', '{}', '[1]', NULL, NULL, 5, 6, NULL, NULL, NULL, 'trace'),
                 (4, 'arn:4', 'm', 'r', 'four', 'FAILED', '{}', NULL, 'E', 'C', 5, 6, 3, 17, 1, NULL),
                 (9, 'arn:9', 'm', 'r', 'nine', 'RUNNING', '{}', NULL, NULL, NULL, 5, NULL, NULL, NULL, NULL, NULL);
             DELETE FROM executions WHERE id = 9;
             INSERT INTO history VALUES (98305, 5, '[]'), (131073, 5, 'four'), (98310, 6, 'three');",
        )
        .unwrap();
        let all = |sql: &str| -> Vec<Vec<Value>> {
            let mut query = db.prepare(sql).unwrap();
            let columns = query.column_count();
            let rows = query.query_map([], |row| (0..columns).map(|column| row.get(column)).collect()).unwrap();
            rows.collect::<Result<_, _>>().unwrap()
        };
        const EXECUTIONS: &str =
            "SELECT id, arn, machine_arn, revision, name, status, input, output, error, cause, started,
             stopped, parent_execution, parent_task, parent_wants_json, trace_header FROM executions ORDER BY id";
        const HISTORY: &str = "SELECT place, timestamp, events FROM history ORDER BY place";
        let (executions, history) = (all(EXECUTIONS), all(HISTORY));
        add_arn_hash(&db).unwrap();
        assert_eq!((all(EXECUTIONS), all(HISTORY)), (executions, history));
        for (arn, id) in [("arn:3", 3), ("arn:4", 4)] {
            let found =
                db.query_row("SELECT id FROM executions WHERE arn_hash = ?1", [arn_hash(arn)], |row| row.get(0));
            assert_eq!(found, Ok(id));
        }
        db.execute_batch(
            "INSERT INTO executions (arn, arn_hash, machine_arn, revision, name, status, input, started)
                 VALUES ('arn:10', 0, 'm', 'r', 'ten', 'RUNNING', '{}', 7)",
        )
        .unwrap();
        assert_eq!(db.last_insert_rowid(), 10);
    }
}
