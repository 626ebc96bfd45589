//! The tables of this service.

use rusqlite::Connection;

use crate::error::ApiError;

/// Makes the tables of this service.
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

/// Tags, and what a machine and an execution further remember.
pub(crate) fn remember_more(db: &Connection) -> Result<(), ApiError> {
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

/// Finds the executions that tasks of another one wait for.
pub(crate) fn find_awaited(db: &Connection) -> Result<(), ApiError> {
    db.execute_batch(
        "CREATE INDEX IF NOT EXISTS executions_by_parent ON executions (parent_execution) WHERE parent_execution IS NOT NULL",
    )?;
    Ok(())
}
