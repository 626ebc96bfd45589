//! The paths of `InputPath` and `InputPathsMap`: `$`, `.name`, `['name']` and `[index]`.

use serde_json::Value;

/// One step of a path.
#[derive(Debug, PartialEq)]
enum Step<'p> {
    Member(&'p str),
    Index(usize),
}

/// Checks that [`at`] understands `path`; the error says why not.
pub(super) fn check(path: &str) -> Result<(), String> {
    steps(path).map(|_| ())
}

/// The value at `path`, if there is one.
pub(super) fn at(path: &str, root: &Value) -> Option<Value> {
    let mut value = root;
    for step in steps(path).ok()? {
        value = match step {
            Step::Member(name) => value.get(name)?,
            Step::Index(index) => value.get(index)?,
        };
    }
    Some(value.clone())
}

fn steps(path: &str) -> Result<Vec<Step<'_>>, String> {
    let mut rest = path.strip_prefix('$').ok_or_else(|| format!("the path {path} must begin with $"))?;
    let mut steps = Vec::new();
    let broken = || format!("the path {path} is not made of .name, ['name'] and [index]");
    while !rest.is_empty() {
        if let Some(behind) = rest.strip_prefix('.') {
            let end = behind.find(['.', '[']).unwrap_or(behind.len());
            let (name, behind) = behind.split_at(end);
            if name.is_empty() || name.contains(['*', '?', '(']) {
                return Err(broken());
            }
            steps.push(Step::Member(name));
            rest = behind;
        } else {
            let (inside, behind) = rest.strip_prefix('[').and_then(|r| r.split_once(']')).ok_or_else(broken)?;
            let quoted = |q| inside.strip_prefix(q).and_then(|i: &str| i.strip_suffix(q));
            let step = match quoted('\'').or_else(|| quoted('"')) {
                Some(name) => Step::Member(name),
                None => Step::Index(inside.parse().map_err(|_| broken())?),
            };
            steps.push(step);
            rest = behind;
        }
    }
    Ok(steps)
}
