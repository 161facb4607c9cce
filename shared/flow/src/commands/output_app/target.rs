//! What a write may name: fields that kintone lets be written, kinds that convert, keys that find one record.

use indexmap::IndexMap;
use model::field::{AppSchema, Field, FieldType, Kind};

use crate::check::StepCheck;
use crate::kinds::{Conversion, conversion, kind_words, other_entities};
use crate::located::At;
use crate::plan::Column;
use crate::problem::{Problem, proposal};

/// Input column and field code.
pub(super) type Mapping = Vec<(usize, String)>;

/// Fields that identify a record without being written.
fn is_record_id(field: &Field) -> bool {
    matches!(field.field_type, FieldType::Id | FieldType::RecordNumber)
}

/// The mapping as written.
pub(super) fn written_mapping(
    check: &mut StepCheck<'_>,
    app: &AppSchema,
    columns: &[Column],
    mapping: &IndexMap<At<String>, At<String>>,
    key: &[At<String>],
) -> Mapping {
    let mut result = Mapping::new();
    for (code, name) in mapping {
        let setting = format!("mapping: {}", code.value);
        let column = check.column(columns, name, &setting, name.position);
        let Some(field) = app.field(code) else {
            unknown_field(check, app, code, &setting);
            continue;
        };
        let is_key = key.iter().any(|k| k.value == field.code);
        if let Some(problem) = unwritable(field, is_key) {
            check.problem(problem.in_setting(&setting).at(code.position));
            continue;
        }
        let Some(column) = column else { continue };
        match inconvertible(field, &columns[column]) {
            Some(problem) => check.problem(problem.in_setting(&setting).at(name.position)),
            None => result.push((column, field.code.clone())),
        }
    }
    if mapping.is_empty() {
        let place = check.step.position_of("mapping");
        check.problem(
            Problem::new("empty_list", "「mapping」が空です。", "\"mapping\" is empty.")
                .in_setting("mapping")
                .at(place),
        );
    }
    result
}

/// All fields that may be written and have a column of their name. An update leaves tables and files alone, but for the
/// tables that its settings name.
pub(super) fn default_mapping(
    check: &mut StepCheck<'_>,
    app: &AppSchema,
    columns: &[Column],
    key: &[At<String>],
    takes: &dyn Fn(&Field) -> bool,
) -> Mapping {
    let mut result = Mapping::new();
    let place = check.step.position_of("app");
    for (i, column) in columns.iter().enumerate() {
        let Some(field) = app.field(&column.name) else { continue };
        let is_key = key.iter().any(|k| k.value == field.code);
        if !(field.writable() || is_key && is_record_id(field)) || !takes(field) {
            continue;
        }
        match inconvertible(field, column) {
            Some(problem) => check.problem(problem.in_setting(format!("mapping: {}", field.code)).at(place)),
            None => result.push((i, field.code.clone())),
        }
    }
    if result.is_empty() {
        check.problem(
            Problem::new(
                "nothing_to_write",
                format!("アプリ {} に、入力の列と同じ名前の書けるフィールドがありません。「mapping」で対応を書いてください。", app.app),
                format!("App {} has no writable field with the name of an input column; write a \"mapping\".", app.app),
            )
            .in_setting("mapping")
            .at(place),
        );
    }
    result
}

fn unknown_field(check: &mut StepCheck<'_>, app: &AppSchema, code: &At<String>, setting: &str) {
    let writable = app.fields.iter().filter(|f| f.writable()).map(|f| f.code.as_str());
    let (ja, en) = proposal(code, writable);
    check.problem(
        Problem::new(
            "unknown_field",
            format!("アプリ {} にフィールドコード「{}」はありません。{ja}", app.app, code.value),
            format!("App {} has no field code \"{}\".{en}", app.app, code.value),
        )
        .in_setting(setting)
        .at(code.position),
    );
}

pub(in crate::commands) fn unwritable(field: &Field, is_key: bool) -> Option<Problem> {
    if field.writable() || (is_key && is_record_id(field)) {
        return None;
    }
    let (why_ja, why_en) = match field.field_type {
        FieldType::Calc => ("計算フィールドの値は kintone が決めます", "kintone computes it"),
        FieldType::Id | FieldType::RecordNumber => {
            ("レコード番号は、更新のキーとしてだけ使えます", "record numbers serve as the key of an update only")
        }
        FieldType::Status | FieldType::StatusAssignee => {
            ("プロセス管理の値は書けません", "it belongs to the process management")
        }
        _ if field.filled_by_kintone => (
            "ルックアップのコピー先（または自動計算）です。ルックアップのキーのほうを書いてください",
            "a lookup (or a formula of the app) fills it; write the lookup's key instead",
        ),
        _ => ("kintone が自動で入れるフィールドです", "kintone fills it by itself"),
    };
    Some(Problem::new(
        "unwritable_field",
        format!("フィールド「{}」には書けません: {why_ja}。", field.code),
        format!("The field \"{}\" cannot be written: {why_en}.", field.code),
    ))
}

pub(in crate::commands) fn inconvertible(field: &Field, column: &Column) -> Option<Problem> {
    let target = field.kind()?;
    // The record number is text with digits in it; a `$id` finds the same record.
    let as_key = is_record_id(field) && matches!(column.kind, Kind::Text | Kind::Number);
    if as_key || conversion(column.kind, target) != Conversion::Never {
        return Column::of_field(field).and_then(|wanted| other_entities(column, &wanted));
    }
    let (is, wanted) = (kind_words(column.kind), kind_words(target));
    Some(Problem::new(
        "kinds_do_not_convert",
        format!(
            "列「{}」は{}なので、{}のフィールド「{}」には書けません。data_edit で変換してください。",
            column.name, is.ja, wanted.ja, field.code
        ),
        format!(
            "The column \"{}\" is of kind {} and cannot become {} for the field \"{}\"; convert it in a data_edit step.",
            column.name, is.en, wanted.en, field.code
        ),
    ))
}

/// The key finds at most one record, and every part of it is mapped.
pub(super) fn check_key(check: &mut StepCheck<'_>, app: &AppSchema, key: &[At<String>], mapping: &Mapping) {
    let mut found = Vec::new();
    for code in key {
        let Some(field) = app.field(code) else {
            unknown_field(check, app, code, "key");
            continue;
        };
        found.push(field);
        // A key that is mapped but was refused there is not reported again.
        let mapped = mapping.iter().any(|(_, c)| *c == field.code);
        let refused = !field.writable() && !is_record_id(field);
        if !mapped {
            let (ja, en) = if refused {
                ("書けないフィールドはキーにできません", "a field that cannot be written cannot be the key")
            } else {
                (
                    "mapping に加えるか、同じ名前の列を用意してください",
                    "add it to the mapping, or have a column of its name",
                )
            };
            check.problem(
                Problem::new(
                    "key_not_mapped",
                    format!("キー「{}」に入れる列がありません: {ja}。", field.code),
                    format!("No column goes to the key \"{}\": {en}.", field.code),
                )
                .in_setting("key")
                .at(code.position),
            );
        }
    }
    if found.len() == key.len() && !found.is_empty() && !found.iter().any(|f| f.unique || is_record_id(f)) {
        let codes = found.iter().map(|f| f.code.as_str()).collect::<Vec<_>>().join(", ");
        let mut usable: Vec<&str> =
            app.fields.iter().filter(|f| f.unique && f.writable()).map(|f| f.code.as_str()).collect();
        usable.extend(app.record_number_code());
        usable.push("$id");
        let usable = usable.join(", ");
        check.problem(
            Problem::new(
                "key_not_unique",
                format!("キー「{codes}」では一つのレコードに決まりません。アプリで「値の重複を禁止する」を付けるか、次のどれかをキーにしてください: {usable}"),
                format!("The key \"{codes}\" does not find one record: forbid duplicates of it in the app, or use one of: {usable}"),
            )
            .in_setting("key")
            .at(key.first().map(|k| k.position)),
        );
    }
}

/// Tells which required fields a new record would lack: kintone refuses it unless the app has a default.
pub(super) fn note_required(check: &mut StepCheck<'_>, app: &AppSchema, mapping: &Mapping, numbered: &[&str]) {
    let written = |f: &Field| mapping.iter().any(|(_, code)| *code == f.code) || numbered.contains(&f.code.as_str());
    let missing: Vec<&str> =
        app.fields.iter().filter(|f| f.required && f.writable() && !written(f)).map(|f| f.code.as_str()).collect();
    if !missing.is_empty() {
        let missing = missing.join(", ");
        check.note(Problem::new(
            "required_not_written",
            format!("必須フィールドを書いていません: {missing}。初期値がなければ、追加は kintone に断られます。"),
            format!(
                "Required fields are not written: {missing}. Without a default in the app, kintone refuses new records."
            ),
        ));
    }
}
