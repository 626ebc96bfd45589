//! The files of `workflow/`. They are compiled into the program.

use domain::{Menu, menu::Translations};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    ProvisionError, ResourceNames,
    workflows::{self, Workflow},
};

const TABLES: &str = include_str!("../../../workflow/tables.json");
const CONFIG: &str = include_str!("../../../workflow/config.json");
const MENU: &str = include_str!("../../../workflow/menu.json");
const TRANSLATIONS: &str = include_str!("../../../workflow/menu.translations.json");

/// A rule of the event bus.
#[derive(Debug, Deserialize)]
pub(super) struct Rule {
    pub(super) name: String,
    pub(super) pattern: Value,
    pub(super) target: Target,
}

/// The target of a rule.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Target {
    /// A function, by name.
    Function(String),
    /// A state machine, by name.
    StateMachine(String),
}

#[derive(Debug, Deserialize)]
struct Rules {
    rules: Vec<Rule>,
}

/// A table, in the terms of CreateTable.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Table {
    pub(super) table_name: String,
    pub(super) attribute_definitions: Vec<Attribute>,
    pub(super) key_schema: Vec<Key>,
    #[serde(default)]
    pub(super) local_secondary_indexes: Vec<Index>,
    #[serde(default)]
    pub(super) global_secondary_indexes: Vec<Index>,
}

/// An attribute that is part of a key.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Attribute {
    pub(super) attribute_name: String,
    pub(super) attribute_type: String,
}

/// A part of a key.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Key {
    pub(super) attribute_name: String,
    pub(super) key_type: String,
}

/// An index. All of them project all attributes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Index {
    pub(super) index_name: String,
    pub(super) key_schema: Vec<Key>,
}

/// The files of a workflow.
#[derive(Debug)]
pub(super) struct WorkflowFiles {
    pub(super) workflow: &'static Workflow,
    /// The definition, as JSON text.
    pub(super) definition: String,
    pub(super) rules: Vec<Rule>,
}

impl WorkflowFiles {
    fn read(workflow: &'static Workflow, names: &ResourceNames) -> Result<Self, ProvisionError> {
        let definition: Value = parse(workflow.definition.name, workflow.definition.text, Some(names))?;
        let Rules { rules } = parse(workflow.rules.name, workflow.rules.text, Some(names))?;
        Ok(Self { workflow, definition: definition.to_string(), rules })
    }
}

/// All files, with the prefixed names of this shop.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) workflows: Vec<WorkflowFiles>,
    pub(super) tables: Vec<Table>,
    /// The item `config`.
    pub(super) config: Map<String, Value>,
    /// The item `menu`.
    pub(super) menu: Map<String, Value>,
    /// The item `menuTranslations`.
    pub(super) translations: Map<String, Value>,
}

impl Files {
    /// Parses and checks all files.
    pub(super) fn read(names: &ResourceNames) -> Result<Self, ProvisionError> {
        let menu: Menu = parse("menu.json", MENU, None)?;
        menu.check().map_err(|error| broken("menu.json", error))?;
        let menu = serde_json::json!({ "PK": "menu", "value": menu });
        let translations: Translations = parse("menu.translations.json", TRANSLATIONS, None)?;
        let translations = serde_json::json!({ "PK": "menuTranslations", "value": translations });
        let workflows = workflows::ALL.iter().map(|workflow| WorkflowFiles::read(workflow, names));
        Ok(Self {
            workflows: workflows.collect::<Result<_, _>>()?,
            tables: parse("tables.json", TABLES, Some(names))?,
            config: parse("config.json", CONFIG, None)?,
            menu: menu.as_object().cloned().unwrap_or_default(),
            translations: translations.as_object().cloned().unwrap_or_default(),
        })
    }
}

fn parse<T: serde::de::DeserializeOwned>(
    file: &'static str,
    text: &str,
    names: Option<&ResourceNames>,
) -> Result<T, ProvisionError> {
    let mut value: Value = serde_json::from_str(text).map_err(|error| broken(file, error))?;
    if let Some(names) = names {
        names.apply(&mut value);
    }
    serde_json::from_value(value).map_err(|error| broken(file, error))
}

fn broken(file: &'static str, error: impl std::fmt::Display) -> ProvisionError {
    ProvisionError::File { file, message: error.to_string() }
}

/// The functions that the rules of all workflows call.
#[cfg(test)]
pub(crate) fn function_targets() -> std::collections::BTreeSet<String> {
    let rules = Files::read(&ResourceNames::new("")).unwrap().workflows.into_iter().flat_map(|files| files.rules);
    let targets = rules.filter_map(|rule| match rule.target {
        Target::Function(name) => Some(name),
        Target::StateMachine(_) => None,
    });
    targets.collect()
}

#[cfg(test)]
mod tests {
    use domain::Language;

    use super::*;

    #[test]
    fn the_files_are_valid_and_every_drink_can_be_ordered() {
        let files = Files::read(&ResourceNames::new("")).unwrap();
        assert_eq!(files.tables.len(), 3);
        let menu: Menu = serde_json::from_value(files.menu["value"].clone()).unwrap();
        assert!(menu.drinks.len() >= 8);
        for drink in &menu.drinks {
            assert!(menu.choose(&drink.drink, &[]).is_ok(), "{}", drink.drink);
        }
    }

    #[test]
    fn the_menu_is_completely_translated_into_every_language() {
        let files = Files::read(&ResourceNames::new("")).unwrap();
        let menu: Menu = serde_json::from_value(files.menu["value"].clone()).unwrap();
        let translations: Translations = serde_json::from_value(files.translations["value"].clone()).unwrap();
        for language in Language::OFFERED.into_iter().filter(|language| *language != translations.language) {
            let words = translations.words(language);
            for drink in &menu.drinks {
                let groups = drink.modifiers.iter().flat_map(|group| group.options.iter().chain([&group.name]));
                for name in groups.chain([&drink.drink, &drink.description]) {
                    assert!(words.translated(name).is_some(), "{language} has no word for {name:?}");
                }
            }
        }
    }

    #[test]
    fn every_event_of_a_workflow_has_a_rule_and_every_wait_sends_its_time_out() {
        let files = Files::read(&ResourceNames::new("")).unwrap();
        for WorkflowFiles { definition, rules, .. } in files.workflows {
            let definition: Value = serde_json::from_str(&definition).unwrap();
            let states = definition["States"].as_object().unwrap();
            for (name, state) in states {
                let Some(entry) = state.pointer("/Parameters/Entries/0") else { continue };
                assert!(
                    rules.iter().any(|rule| rule.pattern["detail-type"][0] == entry["DetailType"]),
                    "{name} emits {}, which no rule matches",
                    entry["DetailType"]
                );
                assert_eq!(state.get("HeartbeatSeconds"), entry["Detail"].get("waitSeconds"), "{name}");
            }
        }
    }
}
