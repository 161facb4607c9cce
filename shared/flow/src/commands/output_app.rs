//! `output_app`: writes rows to a kintone app. What may be written is checked in `target`, tables and numbers beside it.

mod examples;
mod numbers;
mod tables;
mod target;
mod texts;

pub(super) use numbers::digits;
pub(super) use target::{inconvertible, unwritable};

use indexmap::IndexMap;
use model::field::{Field, Kind};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Definition, Reference, Role};
use crate::check::StepCheck;
use crate::located::{At, Located, OneOrMany};
use crate::plan::{Method, NodeId, Op, Sort, Write};
use crate::problem::{Problem, words};
use crate::settings::{read_shape, schema_of};
use crate::sort_by::{SortBy, sort_keys};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    app: At<u64>,
    method: At<MethodName>,
    #[serde(default)]
    key: Option<OneOrMany>,
    #[serde(default)]
    insert: Option<At<bool>>,
    #[serde(default)]
    allow_empty: Option<At<bool>>,
    #[serde(default)]
    mapping: Option<At<IndexMap<At<String>, At<String>>>>,
    #[serde(default)]
    order: Vec<SortBy>,
    #[serde(default)]
    tables: tables::Tables,
    #[serde(default)]
    numbers: Vec<numbers::NumberSettings>,
    #[serde(default)]
    refresh_lookups: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum MethodName {
    Update,
    Regenerate,
    Append,
}

fn shape(settings: &Located, problems: &mut Vec<Problem>) -> Vec<u64> {
    let Some(settings) = read_shape::<Settings>(settings, problems) else { return Vec::new() };
    let method = settings.method.value;
    let update = method == MethodName::Update;
    if update && settings.key.as_ref().is_none_or(|k| k.0.is_empty()) {
        problems.push(
            Problem::new(
                "no_key",
                "更新にはキー（key）が要ります。値の重複を禁止したフィールド、レコード番号、$id のどれかを書いてください。",
                "Updating needs \"key\": a field that forbids duplicates, the record number, or $id.",
            )
            .in_setting("key")
            .at(settings.method.position),
        );
    }
    let misplaced = [
        ("key", settings.key.as_ref().and_then(|k| k.0.first()).map(|k| k.position), update, "update"),
        ("insert", settings.insert.as_ref().map(|i| i.position), update, "update"),
        (
            "allow_empty",
            settings.allow_empty.as_ref().map(|a| a.position),
            method == MethodName::Regenerate,
            "regenerate",
        ),
    ];
    for (name, position, fits, needed) in misplaced {
        if let Some(position) = position.filter(|_| !fits) {
            problems.push(
                Problem::new(
                    "setting_not_for_method",
                    format!("「{name}」は method: {needed} のときだけ書けます。消すか、method を変えてください。"),
                    format!("\"{name}\" belongs to method: {needed}; remove it or change the method."),
                )
                .in_setting(name)
                .at(position),
            );
        }
    }
    tables::shape(&settings.tables, update, problems);
    settings.numbers.iter().for_each(|n| n.shape(problems));
    let setting = |field: &str| format!("numbers: {field}");
    numbers::once(settings.numbers.iter().map(numbers::NumberSettings::field), &setting, problems);
    vec![settings.app.value]
}

fn lower(check: &mut StepCheck<'_>) -> Option<NodeId> {
    let settings: Settings = check.settings()?;
    let app = check.app(&settings.app)?;
    let columns = check.columns(0);
    let before = check.problem_count();
    let key: Vec<At<String>> = settings.key.map(|k| k.0).unwrap_or_default();
    let whole = settings.method.value != MethodName::Update;
    let named = |field: &Field| settings.tables.keys().any(|name| name.value == field.code);
    // An update leaves tables and files alone where it is not told of them.
    let takes = |field: &Field| whole || named(field) || !matches!(field.kind(), Some(Kind::Rows | Kind::Files));
    let mapping = match &settings.mapping {
        Some(mapping) => target::written_mapping(check, app, &columns, &mapping.value, &key),
        None => target::default_mapping(check, app, &columns, &key, &takes),
    };
    let method = match settings.method.value {
        MethodName::Update => {
            target::check_key(check, app, &key, &mapping);
            let insert = settings.insert.is_some_and(|i| i.value);
            Method::Update { key: key.iter().map(|k| k.value.clone()).collect(), insert }
        }
        MethodName::Regenerate => Method::Regenerate { allow_empty: settings.allow_empty.is_some_and(|a| a.value) },
        MethodName::Append => Method::Append,
    };
    let adds = !matches!(method, Method::Update { insert: false, .. });
    let order = sort_keys(check, &columns, &settings.order, "order").unwrap_or_default();
    let mut affixes = numbers::Affixes::new(columns.clone());
    let tables = tables::lower(check, app, &columns, &mapping, &settings.tables, &mut affixes);
    let lowered: Vec<_> = settings.numbers.iter().filter_map(|n| n.lower(check, app, &mapping, &mut affixes)).collect();
    if check.problem_count() > before {
        return None;
    }
    if adds {
        let numbered: Vec<&str> = lowered.iter().map(|n| n.field.as_str()).collect();
        target::note_required(check, app, &mapping, &numbered);
    }
    let write = Write {
        tables,
        numbers: lowered,
        refresh_lookups: settings.refresh_lookups,
        ..Write::new(app.app, method, mapping)
    };
    let mut rows = check.inputs().to_vec();
    if !order.is_empty() {
        rows = vec![check.node_over(rows, Op::Sort(Sort { keys: order, limit: None }), columns)];
    }
    if !affixes.assigns.is_empty() {
        rows = vec![check.node_over(rows, Op::Compute(affixes.assigns), affixes.columns.clone())];
    }
    Some(check.node_over(rows, Op::Write(write), affixes.columns))
}

/// `output_app`
pub(super) static DEFINITION: Definition = Definition {
    name: "output_app",
    version: 1,
    title: words("出力アプリ", "Output App"),
    role: Role::Output,
    inputs: 1..=1,
    settings: texts::SETTINGS,
    shape,
    lower,
    reference: Reference {
    summary: words(
        "行を kintone のアプリに書きます。今の内容と比べ、違うところだけを書きます。",
        "Writes rows to a kintone app. They are compared with what the app holds, and only what differs is written.",
    ),
    behaviour: texts::BEHAVIOUR,
    schema: schema_of::<Settings>,
    examples: examples::EXAMPLES,
    }
    .kept(),
};
