//! Tables of a record: which columns the flow carries to them, and how their rows meet those that are there.

use indexmap::IndexMap;
use model::field::{AppSchema, Field, Kind};
use schemars::JsonSchema;
use serde::Deserialize;

use super::numbers::{AffixSettings, Affixes};
use super::target::{Mapping, inconvertible, unwritable};
use crate::check::StepCheck;
use crate::kinds::is_scalar;
use crate::located::{At, OneOrMany};
use crate::plan::{Column, RowNumbers, TableMethod, TableWrite};
use crate::problem::{Problem, proposal};
use crate::sort_by::{SortBy, sort_keys};

/// How one table is written, as written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TableSettings {
    #[serde(default)]
    method: Option<At<TableMethodName>>,
    #[serde(default)]
    key: Option<OneOrMany>,
    #[serde(default)]
    unmatched: Option<At<Unmatched>>,
    #[serde(default)]
    mapping: Option<At<IndexMap<At<String>, At<String>>>>,
    #[serde(default)]
    order: Vec<SortBy>,
    #[serde(default)]
    numbers: Vec<RowNumberSettings>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum TableMethodName {
    Replace,
    Append,
    Merge,
}

/// What becomes of rows of the app that no row of the flow meets.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Unmatched {
    Keep,
    Delete,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RowNumberSettings {
    field: At<String>,
    digits: At<usize>,
    #[serde(default)]
    prefix: Option<String>,
    #[serde(default)]
    prefix_formula: Option<At<String>>,
    #[serde(default)]
    suffix: Option<String>,
    #[serde(default)]
    suffix_formula: Option<At<String>>,
}

impl RowNumberSettings {
    fn affixes(&self) -> AffixSettings {
        AffixSettings {
            prefix: self.prefix.clone(),
            prefix_formula: self.prefix_formula.clone(),
            suffix: self.suffix.clone(),
            suffix_formula: self.suffix_formula.clone(),
        }
    }
}

/// The tables that the settings name.
pub(super) type Tables = IndexMap<At<String>, TableSettings>;

/// Reports what does not belong together.
pub(super) fn shape(tables: &Tables, update: bool, problems: &mut Vec<Problem>) {
    for (name, table) in tables {
        let setting = format!("tables: {}", name.value);
        let merge = table.method.as_ref().is_some_and(|m| m.value == TableMethodName::Merge);
        if merge && table.key.as_ref().is_none_or(|k| k.0.is_empty()) {
            problems.push(
                Problem::new(
                    "no_key",
                    "行を合わせる（merge）にはキー（key）が要ります。行を見分けるフィールドを書いてください。",
                    "Merging rows needs \"key\": the fields that tell one row from another.",
                )
                .in_setting(&setting)
                .at(name.position),
            );
        }
        if let Some(method) = table.method.as_ref().filter(|m| m.value != TableMethodName::Replace && !update) {
            problems.push(
                Problem::new(
                    "setting_not_for_method",
                    "テーブルの行を加える・合わせる（append、merge）のは、出力の method: update のときだけです。",
                    "Rows of a table are appended or merged where the records are updated (method: update of the output).",
                )
                .in_setting(&setting)
                .at(method.position),
            );
        }
        let misplaced = [
            ("key", table.key.as_ref().and_then(|k| k.0.first()).map(|k| k.position)),
            ("unmatched", table.unmatched.as_ref().map(|u| u.position)),
        ];
        for (what, position) in misplaced.into_iter().filter(|_| !merge) {
            if let Some(position) = position {
                problems.push(
                    Problem::new(
                        "setting_not_for_method",
                        format!("「{what}」は method: merge のときだけ書けます。消すか、method を変えてください。"),
                        format!("\"{what}\" belongs to method: merge; remove it or change the method."),
                    )
                    .in_setting(&setting)
                    .at(position),
                );
            }
        }
        for number in &table.numbers {
            super::numbers::digits(&number.digits, &setting, problems);
            number.affixes().shape(&setting, problems);
        }
        let of_table = |field: &str| format!("{setting}: numbers: {field}");
        super::numbers::once(table.numbers.iter().map(|n| &n.field), &of_table, problems);
    }
}

/// How every mapped table is written.
pub(super) fn lower(
    check: &mut StepCheck<'_>,
    app: &AppSchema,
    columns: &[Column],
    mapping: &Mapping,
    tables: &Tables,
    affixes: &mut Affixes,
) -> Vec<TableWrite> {
    for (name, _) in tables {
        let known = mapping.iter().any(|(_, code)| *code == name.value);
        let is_table = app.field(&name.value).is_some_and(|f| f.kind() == Some(Kind::Rows));
        if !(known && is_table) {
            let all = app.fields.iter().filter(|f| f.kind() == Some(Kind::Rows)).map(|f| f.code.as_str());
            let (ja, en) = if is_table { (String::new(), String::new()) } else { proposal(name, all) };
            check.problem(
                Problem::new(
                    "table_not_mapped",
                    format!("テーブル「{}」に入れる列がありません。mapping に加えるか、同じ名前のテーブルの列を用意してください。{ja}", name.value),
                    format!("No column goes to the table \"{}\": add it to the mapping, or have a table of its name.{en}", name.value),
                )
                .in_setting(format!("tables: {}", name.value))
                .at(name.position),
            );
        }
    }
    let mut result = Vec::new();
    for (column, code) in mapping {
        let Some(field) = app.field(code).filter(|f| f.kind() == Some(Kind::Rows)) else { continue };
        let settings = tables.iter().find(|(name, _)| name.value == *code);
        let Some(source) = columns.get(*column) else { continue };
        result.extend(table(check, field, source, settings, affixes));
    }
    result
}

fn table(
    check: &mut StepCheck<'_>,
    field: &Field,
    source: &Column,
    settings: Option<(&At<String>, &TableSettings)>,
    affixes: &mut Affixes,
) -> Option<TableWrite> {
    let setting = format!("tables: {}", field.code);
    let before = check.problem_count();
    let carried = match settings.and_then(|(_, s)| s.mapping.as_ref()) {
        Some(mapping) => written(check, field, source, mapping, &setting),
        None => by_name(check, field, source, &setting),
    };
    let mut result = TableWrite {
        field: field.code.clone(),
        columns: carried,
        method: TableMethod::Replace,
        order: Vec::new(),
        numbers: Vec::new(),
    };
    if let Some((_, settings)) = settings {
        let key: Vec<At<String>> = settings.key.as_ref().map(|k| k.0.clone()).unwrap_or_default();
        key.iter().for_each(|k| carries(check, &result, field, k, &setting));
        result.method = match settings.method.as_ref().map(|m| m.value) {
            None | Some(TableMethodName::Replace) => TableMethod::Replace,
            Some(TableMethodName::Append) => TableMethod::Append,
            Some(TableMethodName::Merge) => TableMethod::Merge {
                key: key.iter().map(|k| k.value.clone()).collect(),
                delete: settings.unmatched.as_ref().is_some_and(|u| u.value == Unmatched::Delete),
            },
        };
        let carried: Vec<Column> = result.columns.iter().map(|(_, to)| column_of(field, to)).collect();
        result.order = sort_keys(check, &carried, &settings.order, &setting).unwrap_or_default();
        for number in &settings.numbers {
            let at = format!("{setting}: numbers: {}", number.field.value);
            let taken = result.columns.iter().any(|(_, to)| *to == number.field.value);
            let wanted = field.fields.iter().find(|f| f.code == number.field.value);
            if super::numbers::numbered(check, wanted, &number.field, taken, &at) {
                let (prefix, suffix) = affixes.lower(check, &number.affixes(), &at)?;
                result.numbers.push(RowNumbers {
                    field: number.field.value.clone(),
                    digits: number.digits.value,
                    prefix,
                    suffix,
                });
            }
        }
    }
    (check.problem_count() == before).then_some(result)
}

/// The column that a field of a table is.
fn column_of(table: &Field, code: &str) -> Column {
    let kind = table.fields.iter().find(|f| f.code == code).and_then(Field::kind);
    Column::new(code, kind.unwrap_or(Kind::Text))
}

/// A key names a carried column of one simple value.
fn carries(check: &mut StepCheck<'_>, table: &TableWrite, field: &Field, code: &At<String>, setting: &str) {
    let carried = table.columns.iter().any(|(_, to)| *to == code.value);
    let inner = field.fields.iter().find(|f| f.code == code.value);
    if carried && inner.and_then(Field::kind).is_some_and(is_scalar) {
        return;
    }
    let (ja, en) = proposal(code, table.columns.iter().map(|(_, to)| to.as_str()));
    check.problem(
        Problem::new(
            "not_in_table",
            format!(
                "「{}」は、フローがテーブル「{}」に入れる、値が一つのフィールドではありません。{ja}",
                code.value, field.code
            ),
            format!(
                "\"{}\" is no field of one value that the flow carries to the table \"{}\".{en}",
                code.value, field.code
            ),
        )
        .in_setting(setting)
        .at(code.position),
    );
}

fn written(
    check: &mut StepCheck<'_>,
    table: &Field,
    source: &Column,
    mapping: &At<IndexMap<At<String>, At<String>>>,
    setting: &str,
) -> Vec<(String, String)> {
    let mut result = Vec::new();
    for (code, name) in &mapping.value {
        let column = check.column(&source.inner, name, setting, name.position);
        let Some(field) = table.fields.iter().find(|f| f.code == code.value) else {
            let (ja, en) = proposal(code, table.fields.iter().filter(|f| f.writable()).map(|f| f.code.as_str()));
            check.problem(
                Problem::new(
                    "unknown_field",
                    format!("テーブル「{}」にフィールドコード「{}」はありません。{ja}", table.code, code.value),
                    format!("The table \"{}\" has no field code \"{}\".{en}", table.code, code.value),
                )
                .in_setting(setting)
                .at(code.position),
            );
            continue;
        };
        if let Some(problem) = unwritable(field, false) {
            check.problem(problem.in_setting(setting).at(code.position));
            continue;
        }
        let Some(column) = column else { continue };
        match inconvertible(field, &source.inner[column]) {
            Some(problem) => check.problem(problem.in_setting(setting).at(name.position)),
            None => result.push((name.value.clone(), code.value.clone())),
        }
    }
    result
}

/// All columns of the table that may be written and have one of their name in the flow's.
fn by_name(check: &mut StepCheck<'_>, table: &Field, source: &Column, setting: &str) -> Vec<(String, String)> {
    let mut result = Vec::new();
    for column in &source.inner {
        let Some(field) = table.fields.iter().find(|f| f.code == column.name && f.writable()) else { continue };
        match inconvertible(field, column) {
            Some(problem) => {
                let place = check.step.position_of("app");
                check.problem(problem.in_setting(setting).at(place));
            }
            None => result.push((column.name.clone(), field.code.clone())),
        }
    }
    let absent = |column: &&Column| !table.fields.iter().any(|f| f.code == column.name);
    let left: Vec<&str> = source.inner.iter().filter(absent).map(|column| column.name.as_str()).collect();
    if !left.is_empty() && !result.is_empty() {
        let (left, place) = (left.join(", "), check.step.position_of("app"));
        check.note(
            Problem::new(
                "table_columns_not_written",
                format!("フローのテーブルの次の列は、テーブル「{}」に同じ名前のフィールドがないので書き込みません: {left}", table.code),
                format!("The table \"{}\" has no field for these columns of the flow's table, which are not written: {left}.", table.code),
            )
            .in_setting(setting)
            .at(place),
        );
    }
    if result.is_empty() {
        let place = check.step.position_of("app");
        check.problem(
            Problem::new(
                "nothing_to_write",
                format!("テーブル「{}」に、フローのテーブルの列と同じ名前の書けるフィールドがありません。tables の「mapping」で対応を書いてください。", table.code),
                format!("The table \"{}\" has no writable field with the name of a column of the flow's table; write a \"mapping\" under \"tables\".", table.code),
            )
            .in_setting(setting)
            .at(place),
        );
    }
    result
}
