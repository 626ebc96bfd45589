//! Expressions with their names and values, and the faults in them.

use serde_json::{Map, Value, json};

use super::values::{kind_of, of_type, order, other};
use crate::{fault::Fault, random::Random, tables::Table};

/// The expressions of one request share their names and values.
pub(super) struct Expressions {
    names: Map<String, Value>,
    values: Map<String, Value>,
    faults: Vec<Fault>,
}

/// An operand: its text, and its value if it is a value.
struct Operand {
    text: String,
    value: Option<Value>,
    /// A document path, without placeholders.
    path: Option<String>,
}

impl Expressions {
    pub(super) fn new() -> Self {
        Self { names: Map::new(), values: Map::new(), faults: Vec::new() }
    }

    /// Adds the names and values to the request, sometimes an unused one.
    pub(super) fn write_to(mut self, random: &mut Random, request: &mut Value, faults: &mut Vec<Fault>) {
        if random.once_in(100) && !self.values.is_empty() {
            self.values.insert(":unused".to_owned(), json!({"N": "1"}));
        }
        if random.once_in(100) && !self.names.is_empty() {
            self.names.insert("#unused".to_owned(), json!("unused"));
        }
        if random.once_in(200) && self.values.len() > 1 {
            self.values.shift_remove(":v0");
        }
        if !self.names.is_empty() {
            request["ExpressionAttributeNames"] = Value::Object(self.names);
        }
        if !self.values.is_empty() {
            request["ExpressionAttributeValues"] = Value::Object(self.values);
        }
        faults.append(&mut self.faults);
    }

    fn value(&mut self, value: Value) -> String {
        let name = format!(":v{}", self.values.len());
        self.values.insert(name.clone(), value);
        name
    }

    /// A value; records a fault unless it has one of these types.
    fn value_of(&mut self, value: Value, kinds: &[&str]) -> String {
        if !kinds.contains(&kind_of(&value)) {
            self.faults.push(Fault::Operand);
        }
        self.value(value)
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
        if random.once_in(150) {
            let (path, fault) = *random.one(&[
                ("name", Fault::Reserved),
                ("status", Fault::Reserved),
                ("a.size", Fault::Reserved),
                ("#nobody", Fault::Undefined),
                ("a.", Fault::Syntax),
                ("a[", Fault::Syntax),
                ("a[b]", Fault::Syntax),
                ("[0]", Fault::Syntax),
            ]);
            self.faults.push(fault);
            return path.to_owned();
        }
        let root = *random.one(&["a", "b", "c", "l", "m", "n", "s", "ss", "st"]);
        let mut path = self.name(random, root);
        if random.once_in(3) {
            for _ in 0..1 + random.below(3) {
                if random.once_in(2) {
                    path += &format!("[{}]", random.below(4));
                } else {
                    let field = *random.one(&["a", "b", "c"]);
                    path += &format!(".{}", self.name(random, field));
                }
            }
        }
        path
    }

    pub(super) fn projection(&mut self, random: &mut Random) -> String {
        let paths: Vec<String> = (0..1 + random.below(3)).map(|_| self.path(random)).collect();
        self.faults.extend(clash(&paths));
        paths.join(", ")
    }

    pub(super) fn condition(&mut self, random: &mut Random, depth: usize) -> String {
        if depth > 0 && random.once_in(2) {
            // A part in parentheses must not be wrapped in others.
            let inner = |this: &mut Self, random: &mut Random| {
                let inner = this.condition(random, depth - 1);
                if inner.starts_with('(') || !random.once_in(3) { inner } else { format!("({inner})") }
            };
            return match random.below(5) {
                0 => format!("NOT {}", inner(self, random)),
                1 | 2 => format!("{} AND {}", inner(self, random), inner(self, random)),
                3 => format!("{} or {}", inner(self, random), inner(self, random)),
                _ => format!("{} OR {}", inner(self, random), inner(self, random)),
            };
        }
        match random.below(14) {
            0..4 => {
                let sign = *random.one(&["=", "<>", "<", "<=", ">", ">="]);
                let (left, right) = (self.operand(random), self.operand(random));
                if !["=", "<>"].contains(&sign) {
                    self.ordered(&left);
                    self.ordered(&right);
                }
                self.distinct(&left, &right);
                format!("{} {sign} {}", left.text, right.text)
            }
            4 | 5 => format!("attribute_exists({})", self.path(random)),
            6 | 7 => format!("attribute_not_exists ({})", self.path(random)),
            8 => {
                let kind = *random.one(&["S", "N", "L", "M", "SS", "BOOL", "NULL", "B", "NS", "X"]);
                if kind == "X" {
                    self.faults.push(Fault::TypeName);
                }
                let kind = self.value(json!({"S": kind}));
                format!("attribute_type({}, {kind})", self.path(random))
            }
            9 => {
                let prefix = if random.once_in(8) { other(random) } else { of_type(random, "S") };
                let prefix = self.value_of(prefix, &["S", "B"]);
                format!("begins_with({}, {prefix})", self.path(random))
            }
            10 => {
                let (left, right) = (self.path_operand(random), self.operand(random));
                self.distinct(&left, &right);
                format!("contains({}, {})", left.text, right.text)
            }
            11 => {
                let (left, choices) = (self.path(random), 1 + random.below(4));
                let choices: Vec<String> = (0..choices).map(|_| self.operand(random).text).collect();
                format!("{left} IN ({})", choices.join(", "))
            }
            12 => self.between(random),
            _ => {
                let sign = *random.one(&["=", ">", "<="]);
                let (left, right) = (self.path(random), self.operand(random));
                if sign != "=" {
                    self.ordered(&right);
                }
                format!("size({left}) {sign} {}", right.text)
            }
        }
    }

    fn between(&mut self, random: &mut Random) -> String {
        let kind = *random.one(&["S", "N"]);
        let (mut low, mut high) = (of_type(random, kind), of_type(random, kind));
        if order(&low, &high).is_gt() && !random.once_in(10) {
            std::mem::swap(&mut low, &mut high);
        }
        if random.once_in(30) {
            high = of_type(random, if kind == "S" { "N" } else { "S" });
            self.faults.push(Fault::Between);
        } else if order(&low, &high).is_gt() {
            self.faults.push(Fault::Between);
        }
        let (low, high) = (self.value(low), self.value(high));
        format!("{} BETWEEN {low} AND {high}", self.path(random))
    }

    fn operand(&mut self, random: &mut Random) -> Operand {
        match random.below(6) {
            0 | 1 => self.path_operand(random),
            2 => Operand { text: format!("size({})", self.path(random)), value: None, path: None },
            place => {
                let kind = *random.one(&["S", "N"]);
                let value = if place < 5 { of_type(random, kind) } else { other(random) };
                Operand { text: self.value(value.clone()), value: Some(value), path: None }
            }
        }
    }

    fn path_operand(&mut self, random: &mut Random) -> Operand {
        let path = self.path(random);
        Operand { path: Some(path.replace('#', "")), text: path, value: None }
    }

    fn ordered(&mut self, operand: &Operand) {
        if operand.value.as_ref().is_some_and(|value| !["S", "N", "B"].contains(&kind_of(value))) {
            self.faults.push(Fault::Operand);
        }
    }

    fn distinct(&mut self, left: &Operand, right: &Operand) {
        if left.path.is_some() && left.path == right.path {
            self.faults.push(Fault::Distinct);
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
        let hash_value = if random.once_in(40) { other(random) } else { hash_value };
        let sign = if random.once_in(40) { "<" } else { "=" };
        if sign == "<" {
            self.faults.push(Fault::KeyCondition);
        }
        let placeholder =
            if sign == "=" { self.value(hash_value) } else { self.value_of(hash_value, &["S", "N", "B"]) };
        let first = format!("{} {sign} {placeholder}", self.name(random, hash));
        let Some(range) = range.filter(|_| random.once_in(2)) else { return first };
        let numeric = range == "n" || table.range.is_some_and(|(name, kind)| name == range && kind == "N");
        let one = |random: &mut Random| {
            if random.once_in(40) {
                other(random)
            } else if numeric {
                of_type(random, "N")
            } else {
                json!({"S": random.one(&["1", "10", "2", "a", "b"])})
            }
        };
        let name = self.name(random, range);
        let second = match random.below(8) {
            0..5 => {
                let sign = *random.one(&["=", "<", "<=", ">", ">="]);
                let value = one(random);
                let value = if sign == "=" { self.value(value) } else { self.value_of(value, &["S", "N", "B"]) };
                format!("{name} {sign} {value}")
            }
            5 | 6 => {
                let (mut low, mut high) = (one(random), one(random));
                if kind_of(&low) == kind_of(&high) && order(&low, &high).is_gt() && !random.once_in(10) {
                    std::mem::swap(&mut low, &mut high);
                }
                if kind_of(&low) != kind_of(&high) || order(&low, &high).is_gt() {
                    self.faults.push(Fault::Between);
                }
                let (low, high) = (self.value_of(low, &["S", "N", "B"]), self.value_of(high, &["S", "N", "B"]));
                format!("{name} BETWEEN {low} AND {high}")
            }
            _ => {
                let prefix = one(random);
                let prefix = self.value_of(prefix, &["S", "B"]);
                format!("begins_with({name}, {prefix})")
            }
        };
        if random.once_in(6) { format!("{second} AND {first}") } else { format!("{first} AND {second}") }
    }

    pub(super) fn update(&mut self, random: &mut Random) -> String {
        let (mut sections, mut targets) = (Vec::new(), Vec::new());
        if !random.once_in(4) {
            let mut actions = Vec::new();
            for _ in 0..1 + random.below(3) {
                let target = self.path(random);
                actions.push(format!("{target} = {}", self.set_value(random)));
                targets.push(target);
            }
            sections.push(format!("SET {}", actions.join(", ")));
        }
        if random.once_in(3) {
            let paths: Vec<String> = (0..1 + random.below(2)).map(|_| self.path(random)).collect();
            sections.push(format!("REMOVE {}", paths.join(", ")));
            targets.extend(paths);
        }
        if random.once_in(4) {
            let value = if random.once_in(30) {
                other(random)
            } else {
                let kind = *random.one(&["N", "SS", "SS", "NS"]);
                of_type(random, kind)
            };
            let (path, value) = (self.add_path(random), self.value_of(value, &["N", "SS", "NS", "BS"]));
            sections.push(format!("ADD {path} {value}"));
            targets.push(path);
        }
        if random.once_in(5) {
            let set = if random.once_in(30) { other(random) } else { of_type(random, "SS") };
            let (path, value) = (self.add_path(random), self.value_of(set, &["SS", "NS", "BS"]));
            sections.push(format!("DELETE {path} {value}"));
            targets.push(path);
        }
        if sections.is_empty() {
            let path = self.path(random);
            sections.push(format!("REMOVE {path}"));
            targets.push(path);
        }
        self.faults.extend(clash(&targets));
        if random.once_in(6) {
            sections.reverse();
        }
        sections.join(" ")
    }

    fn add_path(&mut self, random: &mut Random) -> String {
        if random.once_in(4) { self.path(random) } else { random.one(&["n", "ss", "q"]).to_string() }
    }

    fn set_value(&mut self, random: &mut Random) -> String {
        match random.below(11) {
            0..4 => {
                let value = other(random);
                self.value(value)
            }
            4 => self.path(random),
            5 => {
                let value = other(random);
                let value = self.value(value);
                format!("if_not_exists({}, {value})", self.path(random))
            }
            6 | 7 => {
                let list = if random.once_in(20) { other(random) } else { of_type(random, "L") };
                let list = self.value_of(list, &["L"]);
                let path = self.path(random);
                let path = if random.once_in(2) { path } else { format!("if_not_exists({path}, {list})") };
                if random.once_in(2) {
                    format!("list_append({path}, {list})")
                } else {
                    format!("list_append({list}, {path})")
                }
            }
            8 => {
                let (zero, one) = (self.value(json!({"N": "0"})), self.value(json!({"N": "1"})));
                format!("if_not_exists({}, {zero}) + {one}", self.path(random))
            }
            _ => {
                let number = if random.once_in(10) { other(random) } else { of_type(random, "N") };
                let number = self.value_of(number, &["N"]);
                format!("{} {} {number}", self.path(random), random.one(&["+", "-"]))
            }
        }
    }
}

/// The faults of paths that exclude each other.
pub(crate) fn clash(paths: &[String]) -> Vec<Fault> {
    let steps = |path: &String| -> Vec<String> {
        path.replace('#', "").replace('[', ".[").split('.').map(str::to_owned).collect()
    };
    let paths: Vec<Vec<String>> = paths.iter().map(steps).collect();
    let mut faults = Vec::new();
    for (at, path) in paths.iter().enumerate() {
        for earlier in paths.iter().take(at).filter(|earlier| earlier[0] == path[0]) {
            match earlier.iter().zip(path).find(|(left, right)| left != right) {
                None => faults.push(Fault::Overlap),
                Some((left, right)) if left.starts_with('[') != right.starts_with('[') => faults.push(Fault::Conflict),
                Some(_) => {}
            }
        }
    }
    faults
}
