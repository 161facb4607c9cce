//! Tables of a case as apps of kintone: the fields that hold such columns, and rows as kintone takes records.

use std::collections::BTreeSet;

use flow::examples::ParsedTable;
use flow::plan::Column;
use model::field::Kind;
use model::value::{Row, Value};
use serde_json::{Map, Value as Json, json};
use sim::AppSpec;

use super::CaseError;
use super::case::AppCase;

/// Fields that every app has, by their code in a Japanese kintone, and whether a record may be made with them.
const OWN: [(&str, bool); 8] = [
    ("$id", false),
    ("$revision", false),
    ("レコード番号", false),
    ("作成者", true),
    ("作成日時", true),
    ("更新者", true),
    ("更新日時", true),
    ("ステータス", false),
];

fn own(name: &str) -> Option<bool> {
    OWN.iter().find(|(code, _)| *code == name).map(|(_, settable)| *settable)
}

/// The app of a case, without its records.
pub fn spec(app: &AppCase) -> Result<AppSpec, CaseError> {
    let mut spec = AppSpec { id: Some(app.number), ..AppSpec::new(&app.name) };
    let afterwards =
        app.after.iter().flat_map(|table| table.columns.iter().enumerate().map(move |(i, c)| (table, i, c)));
    let before = app.records.columns.iter().enumerate().map(|(i, c)| (&app.records, i, c));
    for (table, i, column) in before.chain(afterwards) {
        if own(&column.name).is_some()
            || app.fields.contains_key(&column.name)
            || spec.fields.contains_key(&column.name)
        {
            continue;
        }
        let mut properties = properties(column);
        if table.unique.contains(&i) {
            properties["unique"] = true.into();
        }
        spec = spec.field(&column.name, properties);
    }
    for (code, properties) in &app.fields {
        spec = spec.field(code, completed(code, properties)?);
    }
    Ok(spec)
}

/// The plainest field that holds such a column.
fn properties(column: &Column) -> Json {
    let kind = match column.kind {
        Kind::Text | Kind::Bool => "SINGLE_LINE_TEXT",
        Kind::Number => "NUMBER",
        Kind::Date => "DATE",
        Kind::Time => "TIME",
        Kind::Datetime => "DATETIME",
        Kind::Texts => "CHECK_BOX",
        Kind::Entities => "USER_SELECT",
        Kind::Files => "FILE",
        Kind::Rows => {
            let inner: Map<String, Json> = column.inner.iter().map(|c| (c.name.clone(), properties(c))).collect();
            return json!({ "type": "SUBTABLE", "fields": inner });
        }
    };
    json!({ "type": kind })
}

/// kintone's properties, with options as a list where the case writes a list.
fn completed(code: &str, properties: &Json) -> Result<Json, CaseError> {
    let mut all = properties.clone();
    let Some(map) = all.as_object_mut() else {
        return Err(CaseError::new(
            format!("fields: {code}: {{ type: DROP_DOWN, options: [A, B] }} の形で書いてください"),
            "write kintone's properties",
        ));
    };
    if let Some(Json::Array(options)) = map.get("options") {
        let named = options.iter().enumerate().map(|(i, option)| {
            let name = option.as_str().map_or_else(|| option.to_string(), str::to_owned);
            (name.clone(), json!({ "label": name, "index": i.to_string() }))
        });
        let named: Map<String, Json> = named.collect();
        map.insert("options".to_owned(), named.into());
    }
    if let Some(Json::Object(inner)) = map.get_mut("fields") {
        for (code, properties) in inner.iter_mut() {
            *properties = completed(code, properties)?;
        }
    }
    Ok(all)
}

/// Options that the records of a check box name, where the case gives none of its own.
pub fn add_options(spec: &mut AppSpec, app: &AppCase) {
    for table in std::iter::once(&app.records).chain(&app.after) {
        for (i, column) in table.columns.iter().enumerate().filter(|(_, c)| c.kind == Kind::Texts) {
            let Some(field) = spec.fields.get_mut(&column.name).filter(|_| !app.fields.contains_key(&column.name))
            else {
                continue;
            };
            let options =
                field.as_object_mut().and_then(|f| f.entry("options").or_insert_with(|| json!({})).as_object_mut());
            let Some(options) = options else { continue };
            for text in
                table.rows.iter().flat_map(|row| if let Value::Texts(all) = &row[i] { all.as_slice() } else { &[] })
            {
                let index = options.len().to_string();
                options.entry(text.clone()).or_insert_with(|| json!({ "label": text, "index": index }));
            }
        }
    }
}

/// The record numbers that a table gives its rows; else 1, 2, 3.
pub fn numbers(table: &ParsedTable) -> Result<Vec<u64>, CaseError> {
    let column = ["$id", "レコード番号"].iter().find_map(|name| table.columns.iter().position(|c| c.name == *name));
    let Some(column) = column else { return Ok((1..).take(table.rows.len()).collect()) };
    let mut last = 0;
    let mut numbers = Vec::new();
    for row in &table.rows {
        let number = flow::literal::print(&row[column]).and_then(|text| text.parse::<u64>().ok());
        match number.filter(|n| *n > last && *n <= MOST) {
            Some(number) => last = number,
            None => {
                return Err(CaseError::new(
                    format!("レコード番号は 1 から {MOST} までの数を小さい順に書いてください"),
                    "record numbers rise from row to row",
                ));
            }
        }
        numbers.push(last);
    }
    Ok(numbers)
}

/// Highest record number of a case: those in between are made and deleted.
const MOST: u64 = 10_000;

/// A row as kintone takes a record.
pub fn record(table: &ParsedTable, row: &[Value]) -> Result<Json, CaseError> {
    let mut record = Map::new();
    for (column, value) in table.columns.iter().zip(row) {
        if own(&column.name) == Some(false) || (own(&column.name) == Some(true) && value.is_blank()) {
            continue;
        }
        let one = matches!(column.name.as_str(), "作成者" | "更新者");
        let value = match field_value(column, value)? {
            Json::Array(mut users) if one && !users.is_empty() => users.remove(0),
            value => value,
        };
        record.insert(column.name.clone(), json!({ "value": value }));
    }
    Ok(record.into())
}

/// A value as kintone takes it in a field that holds such a column: a blank list is one without items.
fn field_value(column: &Column, value: &Value) -> Result<Json, CaseError> {
    Ok(match value {
        Value::Blank if matches!(column.kind, Kind::Texts | Kind::Entities | Kind::Files | Kind::Rows) => json!([]),
        Value::Texts(items) => json!(items),
        Value::Entities(items) => items.iter().map(|e| json!({ "code": e.code })).collect(),
        Value::Rows(rows) => rows.iter().map(|row| row_value(column, row)).collect::<Result<Vec<_>, _>>()?.into(),
        Value::Files(_) => {
            return Err(CaseError::new(
                "添付ファイルのあるレコードはテストに書けません",
                "records with files cannot be part of a test",
            ));
        }
        simple => flow::literal::print(simple).unwrap_or_default().into(),
    })
}

fn row_value(table: &Column, row: &Row) -> Result<Json, CaseError> {
    let mut cells = Map::new();
    for column in &table.inner {
        let value = row.cells.iter().find(|(code, _)| *code == column.name).map_or(&Value::Blank, |(_, value)| value);
        cells.insert(column.name.clone(), json!({ "value": field_value(column, value)? }));
    }
    Ok(json!({ "value": cells }))
}

/// The users that a table names: they must exist before a record can.
pub fn users(table: &ParsedTable) -> BTreeSet<String> {
    fn of(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Entities(items) => found.extend(items.iter().map(|e| e.code.clone())),
            Value::Rows(rows) => rows.iter().flat_map(|r| &r.cells).for_each(|(_, v)| of(v, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    table.rows.iter().flatten().for_each(|value| of(value, &mut found));
    found
}

#[cfg(test)]
mod tests {
    use flow::examples::parse_table;

    use super::*;

    #[test]
    fn a_blank_is_what_its_field_takes() {
        let table = parse_table(
            "| 名前: text | 分類: texts | 担当: entities | 明細: rows(品目: text, 色: texts) |\n|  |  |  | りんご, |\n|  |  |  |  |",
        )
        .unwrap();
        let of = |row: usize| record(&table, &table.rows[row]).unwrap();
        let (first, second) = (of(0), of(1));
        assert_eq!(first["名前"]["value"], "");
        assert_eq!((&first["分類"]["value"], &first["担当"]["value"]), (&json!([]), &json!([])));
        assert_eq!(
            first["明細"]["value"],
            json!([{ "value": { "品目": { "value": "りんご" }, "色": { "value": [] } } }])
        );
        assert_eq!(second["明細"]["value"], json!([]));
    }
}
