//! Expressions with their names and values.

use serde_json::{Map, Value, json};

use super::{Table, any_value, values::of_type};
use crate::random::Random;

/// The expressions of one request share their names and values.
pub(super) struct Expressions {
    names: Map<String, Value>,
    values: Map<String, Value>,
}

impl Expressions {
    pub(super) fn new() -> Self {
        Self { names: Map::new(), values: Map::new() }
    }

    /// Adds the names and values to the request; seldom one that nobody uses.
    pub(super) fn write_to(mut self, random: &mut Random, request: &mut Value) {
        if random.once_in(100) && !self.values.is_empty() {
            self.values.insert(":unused".to_owned(), json!({"N": "1"}));
        }
        if random.once_in(100) && !self.names.is_empty() {
            self.names.insert("#unused".to_owned(), json!("unused"));
        }
        if !self.names.is_empty() {
            request["ExpressionAttributeNames"] = Value::Object(self.names);
        }
        if !self.values.is_empty() {
            request["ExpressionAttributeValues"] = Value::Object(self.values);
        }
    }

    fn value(&mut self, value: Value) -> String {
        let name = format!(":v{}", self.values.len());
        self.values.insert(name.clone(), value);
        name
    }

    fn name(&mut self, random: &mut Random, name: &str) -> String {
        if !random.once_in(4) {
            return name.to_owned();
        }
        let placeholder = format!("#{name}");
        self.names.insert(placeholder.clone(), json!(name));
        placeholder
    }

    fn path(&mut self, random: &mut Random) -> String {
        let root = *random.one(&["a", "b", "c", "l", "m", "n", "s", "ss", "st"]);
        let mut path = self.name(random, root);
        if random.once_in(3) {
            for _ in 0..1 + random.below(2) {
                if random.once_in(2) {
                    path += &format!("[{}]", random.below(4));
                } else {
                    let field = *random.one(&["a", "b", "c"]);
                    path += &format!(".{}", self.name(random, field));
                }
            }
        }
        if random.once_in(150) {
            path = random.one(&["name", "#nobody", "a.", "a[", "[0]", "status"]).to_string();
        }
        path
    }

    pub(super) fn projection(&mut self, random: &mut Random) -> String {
        (0..1 + random.below(3)).map(|_| self.path(random)).collect::<Vec<_>>().join(", ")
    }

    pub(super) fn condition(&mut self, random: &mut Random, depth: usize) -> String {
        if depth > 0 && random.once_in(2) {
            return match random.below(4) {
                0 => format!("NOT {}", self.condition(random, depth - 1)),
                1 => format!("({})", self.condition(random, depth - 1)),
                2 => format!("{} AND {}", self.condition(random, depth - 1), self.condition(random, depth - 1)),
                _ => format!("{} OR {}", self.condition(random, depth - 1), self.condition(random, depth - 1)),
            };
        }
        let path = self.path(random);
        match random.below(14) {
            0..4 => {
                let sign = *random.one(&["=", "<>", "<", "<=", ">", ">="]);
                format!("{} {sign} {}", self.operand(random), self.operand(random))
            }
            4 | 5 => format!("attribute_exists({path})"),
            6 | 7 => format!("attribute_not_exists({path})"),
            8 => {
                let kind = *random.one(&["S", "N", "L", "M", "SS", "BOOL", "X"]);
                let kind = self.value(json!({"S": kind}));
                format!("attribute_type({path}, {kind})")
            }
            9 => {
                let prefix = if random.once_in(8) { any_value(random) } else { of_type(random, "S") };
                format!("begins_with({path}, {})", self.value(prefix))
            }
            10 => format!("contains({path}, {})", self.operand(random)),
            11 => format!("{path} IN ({}, {})", self.operand(random), self.operand(random)),
            12 => {
                let kind = *random.one(&["S", "N"]);
                let (low, high) = (of_type(random, kind), of_type(random, kind));
                format!("{path} BETWEEN {} AND {}", self.value(low), self.value(high))
            }
            _ => format!("size({path}) {} {}", random.one(&["=", ">", "<="]), self.operand(random)),
        }
    }

    fn operand(&mut self, random: &mut Random) -> String {
        match random.below(6) {
            0 | 1 => self.path(random),
            2 => format!("size({})", self.path(random)),
            3 | 4 => {
                let kind = *random.one(&["S", "N"]);
                let value = of_type(random, kind);
                self.value(value)
            }
            _ => {
                let value = any_value(random);
                self.value(value)
            }
        }
    }

    pub(super) fn key_condition(
        &mut self,
        random: &mut Random,
        table: &Table,
        hash: &str,
        range: Option<&str>,
    ) -> String {
        let hash_value = match hash {
            "PK" => json!({"S": "orders"}),
            "id" => json!({"S": random.one(&["1", "2", "10", "a"])}),
            "h" => json!({"B": random.one(&["AQ==", "/w=="])}),
            _ => json!({"S": random.one(&["x", "y"])}),
        };
        let hash_value = if random.once_in(40) { any_value(random) } else { hash_value };
        let placeholder = self.value(hash_value);
        let sign = if random.once_in(40) { "<" } else { "=" };
        let first = format!("{} {sign} {placeholder}", self.name(random, hash));
        let Some(range) = range.filter(|_| random.once_in(2)) else { return first };
        let numeric = range == "n" || table.range.is_some_and(|(name, kind)| name == range && kind == "N");
        let one = |random: &mut Random, expressions: &mut Self| {
            let value = if random.once_in(40) {
                any_value(random)
            } else if numeric {
                of_type(random, "N")
            } else {
                json!({"S": random.one(&["1", "10", "2", "a", "b"])})
            };
            expressions.value(value)
        };
        let name = self.name(random, range);
        let second = match random.below(8) {
            0..5 => {
                let sign = *random.one(&["=", "<", "<=", ">", ">="]);
                format!("{name} {sign} {}", one(random, self))
            }
            5 | 6 => format!("{name} BETWEEN {} AND {}", one(random, self), one(random, self)),
            _ => format!("begins_with({name}, {})", one(random, self)),
        };
        if random.once_in(6) { format!("{second} AND {first}") } else { format!("{first} AND {second}") }
    }

    pub(super) fn update(&mut self, random: &mut Random) -> String {
        let mut sections = Vec::new();
        if !random.once_in(4) {
            let actions: Vec<String> = (0..1 + random.below(3))
                .map(|_| format!("{} = {}", self.path(random), self.set_value(random)))
                .collect();
            sections.push(format!("SET {}", actions.join(", ")));
        }
        if random.once_in(3) {
            let paths: Vec<String> = (0..1 + random.below(2)).map(|_| self.path(random)).collect();
            sections.push(format!("REMOVE {}", paths.join(", ")));
        }
        if random.once_in(4) {
            let (path, value) = (self.add_path(random), self.add_value(random));
            sections.push(format!("ADD {path} {value}"));
        }
        if random.once_in(5) {
            let set = if random.once_in(30) { any_value(random) } else { of_type(random, "SS") };
            let (path, value) = (self.add_path(random), self.value(set));
            sections.push(format!("DELETE {path} {value}"));
        }
        if sections.is_empty() {
            sections.push(format!("REMOVE {}", self.path(random)));
        }
        sections.join(" ")
    }

    fn add_path(&mut self, random: &mut Random) -> String {
        if random.once_in(4) { self.path(random) } else { random.one(&["n", "ss", "q"]).to_string() }
    }

    fn add_value(&mut self, random: &mut Random) -> String {
        let value = if random.once_in(30) {
            any_value(random)
        } else {
            let kind = *random.one(&["N", "SS", "SS", "NS"]);
            of_type(random, kind)
        };
        self.value(value)
    }

    fn set_value(&mut self, random: &mut Random) -> String {
        match random.below(10) {
            0..4 => {
                let value = any_value(random);
                self.value(value)
            }
            4 => self.path(random),
            5 => {
                let value = any_value(random);
                format!("if_not_exists({}, {})", self.path(random), self.value(value))
            }
            6 => {
                let list = of_type(random, "L");
                let (path, list) = (self.path(random), self.value(list));
                if random.once_in(2) {
                    format!("list_append({path}, {list})")
                } else {
                    format!("list_append({list}, {path})")
                }
            }
            7 => {
                let (zero, one) = (self.value(json!({"N": "0"})), self.value(json!({"N": "1"})));
                format!("if_not_exists({}, {zero}) + {one}", self.path(random))
            }
            _ => {
                let number = of_type(random, "N");
                let number = if random.once_in(10) { any_value(random) } else { number };
                let number = self.value(number);
                format!("{} {} {number}", self.path(random), random.one(&["+", "-"]))
            }
        }
    }
}
