//! The JSON Schema: of each command's settings, and of whole documents.

use std::collections::BTreeSet;

use flow::commands::definitions;
use serde_json::{Map, Value as Json, json};

use super::{files, snapshot};

/// A document as JSON, as any tool that knows the schema would read it.
fn json_of(what: &str, yaml: &str) -> Json {
    serde_saphyr::from_str(yaml).unwrap_or_else(|e| panic!("{what}: {e}"))
}

struct Validator {
    schemas: boon::Schemas,
    index: boon::SchemaIndex,
}

impl Validator {
    fn new() -> Self {
        let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
        compiler.add_resource("flow.json", flow::schema::document()).unwrap();
        let index = compiler.compile("flow.json", &mut schemas).unwrap_or_else(|e| panic!("{e:#}"));
        Self { schemas, index }
    }

    fn takes(&self, document: &Json) -> Result<(), String> {
        self.schemas.validate(document, self.index).map_err(|e| format!("{e:#}"))
    }
}

/// Stored settings never change meaning: a change is a new version, and shows here.
#[test]
fn stored_settings_are_as_they_were() {
    for d in definitions() {
        let schema = serde_json::to_string_pretty(&flow::schema::settings(d)).unwrap();
        snapshot(&format!("settings__{}_v{}", d.name, d.version), &schema);
    }
}

/// A document names a command by name and version, so that no two mean the same.
#[test]
fn every_version_of_a_command_is_there_once() {
    let mut all: Vec<_> = definitions().iter().map(|d| (d.name, d.version)).collect();
    all.sort_unstable();
    assert!(all.windows(2).all(|pair| pair[0] != pair[1]), "{all:?}");
    for (name, version) in all {
        assert!(
            version >= 1 && flow::commands::versions(name).contains(&1),
            "{name} v{version}: old documents mean v1"
        );
        assert_eq!(flow::commands::definition(name, version).map(|d| (d.name, d.version)), Some((name, version)));
    }
}

#[test]
fn documented_settings_are_those_of_the_code() {
    for d in definitions() {
        let schema = flow::schema::settings(d);
        let none = Map::new();
        let properties = schema.get("properties").and_then(Json::as_object).unwrap_or(&none);
        let read: BTreeSet<&str> = properties.keys().map(String::as_str).collect();
        let told: BTreeSet<&str> = d.settings.iter().map(|s| s.name).collect();
        assert_eq!(told, read, "{}: settings told, and settings read", d.name);
        let required = schema.get("required").and_then(Json::as_array).cloned().unwrap_or_default();
        for setting in d.settings {
            assert_eq!(
                setting.required,
                required.contains(&json!(setting.name)),
                "{}: is \"{}\" required?",
                d.name,
                setting.name
            );
        }
        assert_eq!(schema.get("additionalProperties"), Some(&json!(false)), "{}: unknown settings are refused", d.name);
    }
}

#[test]
fn good_flows_and_all_examples_fit_the_schema() {
    let validator = Validator::new();
    for (name, text) in files("good") {
        validator.takes(&json_of(&name, &text)).unwrap_or_else(|e| panic!("{name}: {e}"));
    }
    for d in definitions() {
        for example in d.reference().examples {
            let what = format!("{}: {}", d.name, example.title.en);
            validator.takes(&json_of(&what, &example.document(d))).unwrap_or_else(|e| panic!("{what}: {e}"));
        }
    }
}

#[test]
fn wrong_forms_do_not_fit_the_schema() {
    let validator = Validator::new();
    let bad: Vec<_> =
        files("bad").into_iter().filter(|(name, _)| ["keys", "header", "version"].contains(&name.as_str())).collect();
    assert_eq!(bad.len(), 3);
    for (name, text) in bad {
        assert!(validator.takes(&json_of(&name, &text)).is_err(), "{name}");
    }
    let good = json_of("good", &files("good").remove(0).1);
    validator.takes(&good).unwrap();
    for (pointer, value) in [
        ("/suiro", json!(2)),
        ("/name", json!(null)),
        ("/steps", json!([])),
        ("/steps/0/command", json!("input_ap")),
        ("/steps/0/version", json!(2)),
        ("/steps/0/app", json!("1")),
        ("/steps/0/from", json!("受注")),
    ] {
        let mut changed = good.clone();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        changed.pointer_mut(parent).and_then(Json::as_object_mut).unwrap().insert(key.to_owned(), value);
        assert!(validator.takes(&changed).is_err(), "{pointer}");
    }
}
