//! Formats dead letters as a table.

use crate::control::DeadLetterInfo;

/// The longest error that is shown, in characters; `--json` has the whole text.
const LONGEST_ERROR: usize = 100;

const HEAD: [&str; 7] = ["ID", "GIVEN UP", "RULE", "TARGET", "DETAIL TYPE", "ATTEMPTS", "LAST ERROR"];

/// One line for each dead letter, in columns.
pub(super) fn of(letters: &[DeadLetterInfo]) -> String {
    let mut rows = vec![HEAD.map(str::to_owned)];
    rows.extend(letters.iter().map(row));
    let widths: Vec<usize> = (0..HEAD.len())
        .map(|at| rows.iter().filter_map(|row| row.get(at)).map(|cell| width(cell)).max().unwrap_or(0))
        .collect();
    let line = |row: &[String; 7]| {
        let cells = row.iter().zip(&widths).map(|(cell, wide)| format!("{cell}{}", " ".repeat(wide - width(cell))));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn width(cell: &str) -> usize {
    cell.chars().count()
}

fn row(letter: &DeadLetterInfo) -> [String; 7] {
    let or_dash = |text: &str| if text.is_empty() { "-".to_owned() } else { one_line(text) };
    [
        letter.id.to_string(),
        letter.given_up.clone(),
        or_dash(&letter.rule),
        short_arn(&letter.target).to_owned(),
        or_dash(&letter.detail_type),
        letter.attempts.to_string(),
        shortened(&one_line(&letter.last_error)),
    ]
}

/// The part of an ARN that names the resource: `function:WorkflowStarted`, `stateMachine:Orders`.
fn short_arn(arn: &str) -> &str {
    arn.splitn(6, ':').nth(5).unwrap_or(arn)
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST_ERROR) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or(text)),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_columns_and_errors_cannot_break_them() {
        let letter = |id: i64, rule: &str, last_error: &str| DeadLetterInfo {
            id,
            given_up: "2026-11-20T10:42:07.123Z".to_owned(),
            rule: rule.to_owned(),
            target: "arn:aws:lambda:us-east-1:000000000000:function:Wärme".to_owned(),
            detail_type: "Order".to_owned(),
            event_id: "e".to_owned(),
            attempts: 186,
            last_error: last_error.to_owned(),
        };
        let shown = of(&[letter(7, "", "no\nmilk"), letter(1_234, "a-rule", &"x".repeat(500))]);
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(
            lines[..2],
            [
                "ID    GIVEN UP                  RULE    TARGET          DETAIL TYPE  ATTEMPTS  LAST ERROR",
                "7     2026-11-20T10:42:07.123Z  -       function:Wärme  Order        186       no milk",
            ]
        );
        assert_eq!(lines.len(), 3);
        assert!(lines[2].ends_with("x…") && lines[2].chars().count() < 200, "{}", lines[2]);
    }
}
