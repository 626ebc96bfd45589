//! The tables of this service.

use rusqlite::Connection;

use crate::error::ApiError;

/// Creates the tables of EventBridge and of the outbox.
pub(crate) fn migrate(db: &Connection) -> Result<(), ApiError> {
    db.execute_batch(
        "CREATE TABLE event_buses (
             name TEXT PRIMARY KEY,
             description TEXT,
             created INTEGER NOT NULL
         ) STRICT, WITHOUT ROWID;
         INSERT INTO event_buses (name, created) VALUES ('default', 0);
         CREATE TABLE event_rules (
             bus TEXT NOT NULL REFERENCES event_buses (name),
             name TEXT NOT NULL,
             pattern TEXT NOT NULL,
             enabled INTEGER NOT NULL,
             description TEXT,
             role_arn TEXT,
             PRIMARY KEY (bus, name)
         ) STRICT, WITHOUT ROWID;
         CREATE TABLE event_targets (
             bus TEXT NOT NULL,
             rule TEXT NOT NULL,
             id TEXT NOT NULL,
             arn TEXT NOT NULL,
             -- The target as PutTargets gave it, in JSON.
             target TEXT NOT NULL,
             PRIMARY KEY (bus, rule, id)
         ) STRICT, WITHOUT ROWID;
         CREATE INDEX event_targets_by_arn ON event_targets (bus, arn);
         CREATE TABLE outbox (
             id INTEGER PRIMARY KEY AUTOINCREMENT,
             event_id TEXT NOT NULL,
             target_arn TEXT NOT NULL,
             payload TEXT NOT NULL,
             -- The task that waits for the answer, when a workflow made the call.
             caller_execution INTEGER,
             caller_task INTEGER,
             -- Whether that task wants the answer alone, without what lambda:invoke puts around it.
             bare_answer INTEGER NOT NULL,
             max_attempts INTEGER NOT NULL,
             -- Times in milliseconds since the epoch.
             give_up INTEGER NOT NULL,
             next_attempt INTEGER NOT NULL,
             attempts INTEGER NOT NULL DEFAULT 0
         ) STRICT;
         CREATE INDEX outbox_by_next_attempt ON outbox (next_attempt, id);
         CREATE TABLE dead_letters (
             id INTEGER PRIMARY KEY,
             event_id TEXT NOT NULL,
             target_arn TEXT NOT NULL,
             payload TEXT NOT NULL,
             attempts INTEGER NOT NULL,
             reason TEXT NOT NULL,
             given_up INTEGER NOT NULL
         ) STRICT;",
    )?;
    Ok(())
}

/// Adds the modification time of buses, and tags.
pub(crate) fn add_modified_and_tags(db: &Connection) -> Result<(), ApiError> {
    db.execute_batch(
        "ALTER TABLE event_buses ADD COLUMN modified INTEGER NOT NULL DEFAULT 0;
         UPDATE event_buses SET modified = created;",
    )?;
    db.execute_batch(
        "CREATE TABLE event_tags (
             arn TEXT NOT NULL,
             key TEXT NOT NULL,
             value TEXT NOT NULL,
             PRIMARY KEY (arn, key)
         ) STRICT, WITHOUT ROWID;",
    )?;
    Ok(())
}

/// Adds the rule and the detail type to deliveries and dead letters, and an index of deliveries by target, so that the
/// deliveries to one target can be read without those to others.
pub(crate) fn add_rule_and_detail_type(db: &Connection) -> Result<(), ApiError> {
    db.execute_batch(
        "ALTER TABLE outbox ADD COLUMN rule TEXT NOT NULL DEFAULT '';
         ALTER TABLE outbox ADD COLUMN detail_type TEXT NOT NULL DEFAULT '';
         CREATE TABLE named_dead_letters (
             -- A number is never given again, or a second replay of one letter could meet another.
             id INTEGER PRIMARY KEY AUTOINCREMENT,
             event_id TEXT NOT NULL,
             rule TEXT NOT NULL,
             detail_type TEXT NOT NULL,
             target_arn TEXT NOT NULL,
             payload TEXT NOT NULL,
             attempts INTEGER NOT NULL,
             reason TEXT NOT NULL,
             given_up INTEGER NOT NULL
         ) STRICT;
         INSERT INTO named_dead_letters
             SELECT id, event_id, '', '', target_arn, payload, attempts, reason, given_up FROM dead_letters;
         DROP TABLE dead_letters;
         ALTER TABLE named_dead_letters RENAME TO dead_letters;
         DROP INDEX outbox_by_next_attempt;
         CREATE INDEX outbox_by_target ON outbox (target_arn, next_attempt, id);",
    )?;
    Ok(())
}
