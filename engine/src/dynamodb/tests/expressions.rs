//! Property tests of the expression language with generated conditions, items and updates.

use proptest::{collection::btree_map, prelude::*};

use super::*;
use crate::dynamodb::{
    expression::{
        condition::{Comparator, Condition, Operand},
        path::{Path, Step},
        placeholders::Placeholders,
        update::Update,
    },
    request::Members,
    value::{AttributeValue, Item},
};

fn scalar() -> impl Strategy<Value = AttributeValue> {
    prop_oneof![
        "[a-c]{0,3}".prop_map(AttributeValue::S),
        (-20i64..20).prop_map(|n| AttributeValue::N(n.to_string().parse().unwrap()))
    ]
}

fn value() -> impl Strategy<Value = AttributeValue> {
    scalar().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(AttributeValue::L),
            btree_map("[xyz]", inner, 0..3).prop_map(AttributeValue::M),
        ]
    })
}

fn item() -> impl Strategy<Value = Item> {
    btree_map("[xyz]", value(), 0..4)
}

fn path() -> impl Strategy<Value = Path> {
    let step = prop_oneof!["[xyz]".prop_map(Step::Field), (0usize..3).prop_map(Step::Element)];
    ("[xyz]", prop::collection::vec(step, 0..3)).prop_map(|(attribute, steps)| Path { attribute, steps })
}

fn condition() -> impl Strategy<Value = Condition> {
    let left = || {
        prop_oneof![
            path().prop_map(Operand::Path),
            path().prop_map(|path| Operand::Size(Box::new(Operand::Path(path))))
        ]
    };
    let right = || scalar().prop_map(Operand::Value);
    let comparator = (0..6usize).prop_map(|at| {
        use Comparator::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
        [Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual][at]
    });
    let leaf = prop_oneof![
        (comparator, left(), right()).prop_map(|(comparator, left, right)| Condition::Compare(comparator, left, right)),
        (left(), prop::collection::vec(right(), 1..3)).prop_map(|(left, choices)| Condition::In(left, choices)),
        (left(), left(), left()).prop_map(|(value, low, high)| Condition::Between(value, low, high)),
        path().prop_map(Condition::Exists),
        path().prop_map(Condition::NotExists),
        (path(), prop_oneof![Just("S"), Just("L")]).prop_map(|(path, kind)| Condition::HasType(path, kind.to_owned())),
        (left(), right()).prop_map(|(left, right)| Condition::Contains(left, right)),
    ];
    leaf.prop_recursive(4, 16, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(left, right)| Condition::And(Box::new(left), Box::new(right))),
            (inner.clone(), inner.clone()).prop_map(|(left, right)| Condition::Or(Box::new(left), Box::new(right))),
            inner.prop_map(|inner| Condition::Not(Box::new(inner))),
        ]
    })
}

/// Prints a condition with `#names` and `:values`, as in a request.
#[derive(Default)]
struct Printer {
    names: serde_json::Map<String, Value>,
    values: serde_json::Map<String, Value>,
}

impl Printer {
    fn path(&mut self, path: &Path) -> String {
        let mut name = |name: &str| {
            self.names.insert(format!("#{name}"), json!(name));
            format!("#{name}")
        };
        let mut text = name(&path.attribute);
        for step in &path.steps {
            match step {
                Step::Field(field) => text += &format!(".{}", name(field)),
                Step::Element(index) => text += &format!("[{index}]"),
            }
        }
        text
    }

    fn value(&mut self, value: Value) -> String {
        let name = format!(":v{}", self.values.len());
        self.values.insert(name.clone(), value);
        name
    }

    fn operand(&mut self, operand: &Operand) -> String {
        match operand {
            Operand::Path(path) => self.path(path),
            Operand::Value(value) => self.value(value.to_json().unwrap()),
            Operand::Size(inner) => format!("size({})", self.operand(inner)),
        }
    }

    fn parenthesized(&mut self, condition: &Condition) -> String {
        let text = self.condition(condition);
        match condition {
            Condition::And(..) | Condition::Or(..) | Condition::Not(_) => format!("({text})"),
            _ => text,
        }
    }

    fn condition(&mut self, condition: &Condition) -> String {
        match condition {
            Condition::Compare(comparator, left, right) => {
                format!("{}{}{}", self.operand(left), comparator.sign(), self.operand(right))
            }
            Condition::Between(value, low, high) => {
                format!("{} BETWEEN {} AND {}", self.operand(value), self.operand(low), self.operand(high))
            }
            Condition::In(value, choices) => {
                let value = self.operand(value);
                let choices: Vec<String> = choices.iter().map(|choice| self.operand(choice)).collect();
                format!("{value} in ({})", choices.join(","))
            }
            Condition::Exists(path) => format!("attribute_exists({})", self.path(path)),
            Condition::NotExists(path) => format!("attribute_not_exists ( {} )", self.path(path)),
            Condition::HasType(path, kind) => {
                let kind = self.value(json!({"S": kind}));
                format!("attribute_type({}, {kind})", self.path(path))
            }
            Condition::BeginsWith(left, right) => {
                format!("begins_with({}, {})", self.operand(left), self.operand(right))
            }
            Condition::Contains(left, right) => format!("contains({}, {})", self.operand(left), self.operand(right)),
            Condition::And(left, right) => format!("{} AND {}", self.parenthesized(left), self.parenthesized(right)),
            Condition::Or(left, right) => format!("{} or {}", self.parenthesized(left), self.parenthesized(right)),
            Condition::Not(inner) => format!("NOT {}", self.parenthesized(inner)),
        }
    }

    fn placeholders(self) -> Placeholders {
        let mut request = json!({"FilterExpression": "x"});
        for (member, map) in [("ExpressionAttributeNames", self.names), ("ExpressionAttributeValues", self.values)] {
            if !map.is_empty() {
                request[member] = Value::Object(map);
            }
        }
        let known = ["FilterExpression", "ExpressionAttributeNames", "ExpressionAttributeValues"];
        Placeholders::from(&Members::new(&request, &known).unwrap(), &["FilterExpression"]).unwrap()
    }
}

proptest! {
    #[test]
    fn a_printed_condition_parses_to_itself(condition in condition()) {
        let mut printer = Printer::default();
        let text = printer.condition(&condition);
        let placeholders = printer.placeholders();
        let read = Condition::parse("FilterExpression", &text, &placeholders).unwrap();
        prop_assert_eq!(&read, &condition, "{}", text);
        prop_assert!(placeholders.finish().is_ok());
    }

    #[test]
    fn conditions_obey_logic(left in condition(), right in condition(), item in item()) {
        let (a, b) = (left.holds(&item), right.holds(&item));
        let not = |condition: Condition| Condition::Not(Box::new(condition));
        let both = Condition::And(Box::new(left.clone()), Box::new(right.clone()));
        let either = Condition::Or(Box::new(not(left)), Box::new(not(right)));
        prop_assert_eq!(both.holds(&item), a && b);
        prop_assert_eq!(either.holds(&item), !both.holds(&item));
    }

    #[test]
    fn between_is_at_least_and_at_most(value in path(), low in scalar(), high in scalar(), item in item()) {
        let compare = |comparator, bound: &AttributeValue| {
            Condition::Compare(comparator, Operand::Path(value.clone()), Operand::Value(bound.clone())).holds(&item)
        };
        let between = Condition::Between(Operand::Path(value.clone()), Operand::Value(low.clone()), Operand::Value(high.clone()));
        prop_assert_eq!(
            between.holds(&item),
            compare(Comparator::GreaterOrEqual, &low) && compare(Comparator::LessOrEqual, &high)
        );
    }

    #[test]
    fn an_update_sets_its_value_and_nothing_else(path in path(), value in value(), item in item()) {
        let mut printer = Printer::default();
        let text = printer.path(&path);
        let text = format!("SET {text} = {}", printer.value(value.to_json().unwrap()));
        let update = Update::parse(&text, &printer.placeholders()).unwrap();
        // An update below a missing value is an error; then there is nothing to check.
        if let Ok(after) = update.apply(&item) {
            let appended = path.get(&item).is_none() && matches!(path.steps.last(), Some(Step::Element(_)));
            if !appended {
                prop_assert_eq!(path.get(&after), Some(&value));
            }
            for (name, old) in item.iter().filter(|(name, _)| **name != path.attribute) {
                prop_assert_eq!(after.get(name), Some(old));
            }
        }
    }

    #[test]
    fn any_text_is_parsed_or_refused_without_panic(text in "[a-z#:(),.=<>+\\[\\]0-9 ü]{0,40}") {
        let placeholders = Printer::default().placeholders();
        let _ = Condition::parse("ConditionExpression", &text, &placeholders);
        let _ = Update::parse(&text, &placeholders);
    }
}
