//! The JSON Schema of a whole flow document: the header, and every command's settings under its `command`.
//!
//! Made from the definitions, so an editor that knows the schema knows what this code reads. docs/flow.schema.json is it.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use crate::commands::{Definition, definitions};
use crate::document::{FIRST_VERSION, VERSION};

/// Where the schema of the newest version is kept.
const ID: &str = "https://suiro.dev/flow.schema.json";

/// The schema of a document, JSON Schema 2020-12.
pub fn document() -> Json {
    let mut defs = Defs::default();
    let steps: Vec<Json> = definitions()
        .iter()
        .map(|d| {
            let schema = step(d, &mut defs);
            let name = match d.version {
                FIRST_VERSION => format!("step.{}", d.name),
                newer => format!("step.{}.v{newer}", d.name),
            };
            let reference = json!({ "$ref": format!("#/$defs/{name}") });
            defs.named.insert(name, schema);
            reference
        })
        .collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        "title": "Suiro flow",
        "description": "フローの文書（YAML または JSON）。 / A flow document (YAML or JSON).",
        "type": "object",
        "properties": {
            "suiro": { "const": VERSION, "description": "文書の版。 / Version of the document." },
            "name": { "type": ["string", "integer"], "description": "フローの名前。 / The flow's name." },
            "time_zone": {
                "type": ["string", "null"],
                "default": crate::document::DEFAULT_ZONE,
                "description": "IANA のタイムゾーン。 / IANA time zone.",
            },
            "strict": {
                "type": "boolean",
                "default": false,
                "description": "変換できない値をエラーにする。 / A value that cannot be converted is an error.",
            },
            "holidays": holidays(),
            "steps": {
                "type": "array",
                "minItems": 1,
                "items": { "oneOf": steps },
                "description": "ステップ。 / The steps.",
            },
        },
        "required": ["suiro", "name", "steps"],
        "additionalProperties": false,
        "$defs": defs.named,
    })
}

fn holidays() -> Json {
    json!({
        "description": "営業日関数の祝日: 日付の並び、またはアプリの日付フィールド。 / Holidays of business-day functions: dates, or a date field of an app.",
        "anyOf": [
            { "type": "array", "items": { "type": "string", "format": "date" } },
            {
                "type": "object",
                "properties": { "app": { "type": "integer", "minimum": 0 }, "field": { "type": "string" } },
                "required": ["app", "field"],
            },
            { "type": "null" },
        ],
    })
}

/// A step of this command: its settings, and what every step has.
fn step(definition: &Definition, defs: &mut Defs) -> Json {
    let mut schema = settings(definition);
    defs.take(definition.name, &mut schema);
    let mut properties = Map::new();
    properties.insert("name".into(), json!({ "type": ["string", "integer"], "minLength": 1 }));
    properties.insert("command".into(), json!({ "const": definition.name }));
    properties.insert(
        "version".into(),
        json!({ "const": definition.version, "description": "コマンドの版。省くと 1。 / Version of the command; 1 without it." }),
    );
    let mut required = vec![json!("name"), json!("command")];
    if definition.version != FIRST_VERSION {
        required.push(json!("version"));
    }
    match *definition.inputs.start() {
        0 => properties.insert("from".into(), json!({ "type": "array", "maxItems": 0 })),
        least => {
            required.push(json!("from"));
            properties.insert("from".into(), from(least, *definition.inputs.end()))
        }
    };
    if let Some(Json::Object(own)) = schema.remove("properties") {
        properties.extend(own);
    }
    for setting in definition.settings {
        if let Some(property) = properties.get_mut(setting.name).and_then(Json::as_object_mut) {
            property.insert("description".into(), json!(format!("{} / {}", setting.text.ja, setting.text.en)));
        }
    }
    if let Some(Json::Array(own)) = schema.remove("required") {
        required.extend(own);
    }
    for gone in ["$schema", "title", "type"] {
        schema.remove(gone);
    }
    let (title, summary) = (definition.title, definition.reference().summary);
    schema.insert("title".into(), json!(format!("{} / {}", title.ja, title.en)));
    schema.insert("description".into(), json!(format!("{}\n{}", summary.ja, summary.en)));
    schema.insert("type".into(), json!("object"));
    schema.insert("properties".into(), properties.into());
    schema.insert("required".into(), required.into());
    schema.insert("additionalProperties".into(), json!(false));
    let mut schema = Json::Object(schema);
    whole_numbers_are_texts(&mut schema);
    schema
}

fn from(least: usize, most: usize) -> Json {
    let name = json!({ "type": ["string", "integer"] });
    let mut list = json!({ "type": "array", "items": name, "minItems": least });
    if most < usize::MAX {
        list["maxItems"] = json!(most);
    }
    if least == 1 { json!({ "anyOf": [name, list] }) } else { list }
}

/// The schema of a command's settings alone, as its stored form is: what a snapshot of it guards.
pub fn settings(definition: &Definition) -> Map<String, Json> {
    match (definition.reference().schema)().to_value() {
        Json::Object(schema) => schema,
        // `true`: anything goes.
        _ => Map::new(),
    }
}

/// Types that settings share, under one name each; types that only share their name get the command's in front.
#[derive(Default)]
struct Defs {
    named: BTreeMap<String, Json>,
    /// What a name stands for, with everything that it refers to.
    meaning: BTreeMap<String, String>,
}

impl Defs {
    /// Moves a command's own `$defs` here and corrects the references to them.
    fn take(&mut self, command: &str, schema: &mut Map<String, Json>) {
        let Some(Json::Object(own)) = schema.remove("$defs") else { return };
        let mut names = BTreeMap::new();
        for name in own.keys() {
            let meaning = meaning(name, &own, &mut Vec::new());
            let taken = self.meaning.get(name).is_some_and(|known| *known != meaning);
            let new = if taken { format!("{command}.{name}") } else { name.clone() };
            self.meaning.insert(new.clone(), meaning);
            names.insert(name.clone(), new);
        }
        for (name, mut def) in own {
            rename(&mut def, &names);
            whole_numbers_are_texts(&mut def);
            self.named.insert(names[&name].clone(), def);
        }
        schema.values_mut().for_each(|part| rename(part, &names));
    }
}

/// A definition and all that it refers to, as text.
fn meaning<'a>(name: &'a str, own: &'a Map<String, Json>, seen: &mut Vec<&'a str>) -> String {
    if seen.contains(&name) {
        return name.to_owned();
    }
    seen.push(name);
    let Some(def) = own.get(name) else { return name.to_owned() };
    let mut text = def.to_string();
    let others: Vec<&str> =
        own.keys().map(String::as_str).filter(|other| text.contains(&format!("\"#/$defs/{other}\""))).collect();
    for other in others {
        text.push_str(&meaning(other, own, seen));
    }
    text
}

fn rename(part: &mut Json, names: &BTreeMap<String, String>) {
    match part {
        Json::Object(map) => {
            if let Some(Json::String(target)) = map.get_mut("$ref")
                && let Some(new) = target.strip_prefix("#/$defs/").and_then(|name| names.get(name))
            {
                *target = format!("#/$defs/{new}");
            }
            map.values_mut().for_each(|inner| rename(inner, names));
        }
        Json::Array(items) => items.iter_mut().for_each(|inner| rename(inner, names)),
        _ => {}
    }
}

/// A whole number where a text is asked stands for its text (`value: 100`), so the schema takes it too.
fn whole_numbers_are_texts(part: &mut Json) {
    match part {
        Json::Object(map) => {
            if !map.contains_key("enum") && !map.contains_key("const") {
                match map.get_mut("type") {
                    Some(kind @ Json::String(_)) if *kind == "string" => *kind = json!(["string", "integer"]),
                    Some(Json::Array(kinds))
                        if kinds.contains(&json!("string")) && !kinds.contains(&json!("integer")) =>
                    {
                        kinds.push(json!("integer"));
                    }
                    _ => {}
                }
            }
            map.values_mut().for_each(whole_numbers_are_texts);
        }
        Json::Array(items) => items.iter_mut().for_each(whole_numbers_are_texts),
        _ => {}
    }
}
