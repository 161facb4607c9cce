//! Two apps with fields of many kinds, one of which becomes what the other holds: flows that add, change and delete.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use sim::{AppSpec, Control};

/// An app whose records have fields of many kinds, and one that says what it shall hold.
pub struct Apps {
    pub target: u64,
    pub source: u64,
    /// Others, where a story makes some.
    pub more: Vec<u64>,
}

fn field(kind: &str) -> Json {
    json!({ "type": kind })
}

fn unique() -> Json {
    json!({ "type": "SINGLE_LINE_TEXT", "unique": true })
}

fn choices(kind: &str) -> Json {
    json!({ "type": kind, "options": { "赤": { "label": "赤", "index": 0 }, "青": { "label": "青", "index": 1 } } })
}

pub fn apps(control: &Control) -> Apps {
    let cell = |kind: &str, code: &str| json!({ "type": kind, "code": code, "label": code });
    let table =
        json!({ "type": "SUBTABLE", "fields": { "品": cell("SINGLE_LINE_TEXT", "品"), "数": cell("NUMBER", "数") } });
    let spec = |name: &str| {
        AppSpec::new(name)
            .field("番号", unique())
            .field("数", field("NUMBER"))
            .field("メモ", field("MULTI_LINE_TEXT"))
            .field("色", choices("CHECK_BOX"))
            .field("日", field("DATE"))
            .field("担当", field("USER_SELECT"))
            .field("明細", table.clone())
    };
    let target = control.create_app(spec("台帳")).unwrap();
    let source = control.create_app(spec("元")).unwrap();
    Apps { target, source, more: Vec::new() }
}

/// An app of so many records, each with a number of its own (番号) and a count (数).
pub fn counting_app(control: &Control, name: &str, records: usize, count: impl Fn(usize) -> usize) -> u64 {
    let app = control.create_app(AppSpec::new(name).field("番号", unique()).field("数", field("NUMBER"))).unwrap();
    let record = |n: usize| json!({ "番号": { "value": format!("N-{n}") }, "数": { "value": count(n).to_string() } });
    control.put_records(app, (0..records).map(record).collect()).unwrap();
    app
}

/// A flow that adds one to each record of such an app that meets the conditions.
pub fn counts_up(app: u64, conditions: &str) -> String {
    format!(
        "
suiro: 1
name: 数える
steps:
  - {{ name: 読む, command: input_app, app: {app}, fields: [番号, 数]{conditions} }}
  - {{ name: 足す, command: data_edit, from: 読む, edits: [{{ field: 数, formula: 数+1 }}] }}
  - {{ name: 書く, command: output_app, from: 足す, app: {app}, method: update, key: 番号 }}
"
    )
}

/// A record of either app.
pub fn record(n: usize, count: usize) -> Json {
    let row = |k: usize| json!({ "value": { "品": { "value": format!("P{k}") }, "数": { "value": (count + k).to_string() } } });
    json!({
        "番号": { "value": format!("N-{n}") }, "数": { "value": format!("{count}.50") },
        "メモ": { "value": format!("一行目\n{n}") }, "色": { "value": if n.is_multiple_of(2) { json!(["赤"]) } else { json!(["赤", "青"]) } },
        "日": { "value": "2026-11-22" }, "担当": { "value": [{ "code": "Administrator" }] },
        "明細": { "value": (0..n % 3).map(row).collect::<Vec<_>>() },
    })
}

/// The target becomes what the source holds.
pub fn replaces(apps: &Apps) -> String {
    let Apps { source, target, .. } = apps;
    format!(
        "
suiro: 1
name: 入れ替え
steps:
  - {{ name: 元, command: input_app, app: {source}, fields: [番号, 数, メモ, 色, 日, 担当, 明細] }}
  - {{ name: 台帳, command: output_app, from: 元, app: {target}, method: regenerate }}
"
    )
}

/// The fields that a flow can write, by the unique one; ids of table rows, which kintone gives, left out.
pub fn held(control: &Control, app: u64) -> BTreeMap<String, Json> {
    let plain = |value: &Json| match value.as_array() {
        Some(rows) if rows.iter().any(|row| row.get("value").is_some()) => {
            rows.iter().map(|row| row["value"].clone()).collect()
        }
        _ => value.clone(),
    };
    let codes = ["数", "メモ", "色", "日", "担当", "明細"];
    let of = |record: sim::Record| {
        let values = codes.iter().map(|code| plain(&record.fields[*code])).collect();
        (record.text("番号").unwrap_or_default().to_owned(), Json::Array(values))
    };
    control.records(app).into_iter().map(of).collect()
}

/// Changes every record of the target, as the second flow of a run.
pub fn counts_on(apps: &Apps) -> String {
    let target = apps.target;
    format!(
        "
suiro: 1
name: 加算
steps:
  - {{ name: 台帳, command: input_app, app: {target}, fields: [番号, 数] }}
  - {{ name: 加算, command: data_edit, from: 台帳, edits: [{{ field: 数, formula: 数+1 }}] }}
  - {{ name: 出力, command: output_app, from: 加算, app: {target}, method: update, key: 番号 }}
"
    )
}

/// Fails when it writes: a unique value twice.
pub fn fails(apps: &Apps) -> String {
    let target = apps.target;
    format!(
        "
suiro: 1
name: 失敗
steps:
  - {{ name: 台帳, command: input_app, app: {target}, fields: [番号] }}
  - {{ name: 出力, command: output_app, from: 台帳, app: {target}, method: append }}
"
    )
}

/// One output after the other, each to an app of its own: more parts than one bulk has.
pub fn in_two_bulks(control: &Control, apps: &mut Apps) -> String {
    let source = apps.source;
    let mut text = format!(
        "
suiro: 1
name: 分けて
steps:
  - {{ name: 元, command: input_app, app: {source}, fields: [番号, 数] }}
"
    );
    for n in 0..20 {
        let spec = AppSpec::new(&format!("写し{n}")).field("番号", json!({ "type": "SINGLE_LINE_TEXT" }));
        let app = control.create_app(spec).unwrap();
        apps.more.push(app);
        text += &format!(
            "  - {{ name: 選ぶ{n}, command: select_fields, from: 元, fields: [番号] }}
  - {{ name: 出力{n}, command: output_app, from: 選ぶ{n}, app: {app}, method: append }}
"
        );
    }
    text
}

/// A flow that a data check stops behind the errors that it writes.
pub fn checks(control: &Control, apps: &mut Apps) -> String {
    let text = || json!({ "type": "SINGLE_LINE_TEXT" });
    let errors = control.create_app(AppSpec::new("エラー").field("番号", text()).field("message", text())).unwrap();
    apps.more.push(errors);
    let target = apps.target;
    format!(
        "
suiro: 1
name: 検査
steps:
  - {{ name: 台帳, command: input_app, app: {target}, fields: [番号, 数] }}
  - name: 検査
    command: data_check
    from: 台帳
    errors: {{ app: {errors}, mapping: {{ message: message }} }}
    on_error: stop
    checks: [{{ check: range, field: 数, max: 20 }}]
  - {{ name: 直し, command: data_edit, from: 検査, edits: [{{ field: 数, formula: 数+1 }}] }}
  - {{ name: 出力, command: output_app, from: 直し, app: {target}, method: update, key: 番号 }}
"
    )
}
