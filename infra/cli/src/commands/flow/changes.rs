//! What a flow would write, as lines and as JSON.

use std::collections::BTreeSet;

use engine::{Called, Changes, Stopped, value_text};
use model::value::Value;
use serde_json::{Value as Json, json};
use worker::flow_run::OutputChanges;

/// Most records that a dry run lists per output; the counts are whole.
const LISTED: usize = 20;

/// What stands for a number: which one it is, is known when the unit runs.
const NUMBER: &str = "（採番 / numbered）";

/// Fields of added records that the run numbers.
fn numbered(changes: &Changes) -> BTreeSet<String> {
    changes.demands().into_iter().map(|demand| demand.field).collect()
}

/// What a dry run shows of an output: the first records of each sort.
pub fn listing(out: &OutputChanges) -> Vec<String> {
    let c = &out.changes;
    let numbered = numbered(c);
    let added = |fields: Vec<(String, Value)>| {
        let field = |(code, value): &(String, Value)| match numbered.contains(code) {
            true => format!("{code}={NUMBER}"),
            false => format!("{code}={}", shown(value)),
        };
        fields.iter().map(field).collect::<Vec<_>>().join("  ")
    };
    let mut lines = vec![format!("[{}] アプリ / app {}", out.step, out.app)];
    lines.extend(c.added().take(LISTED).map(|r| format!("  + {}", added(r))));
    for update in c.updates.iter().take(LISTED) {
        let (before, after) = (c.before(update), c.changed(update));
        let fields =
            before.iter().zip(&after).map(|((code, old), (_, new))| format!("{code}: {} → {}", shown(old), shown(new)));
        lines.push(format!("  ~ #{}  {}", update.id, fields.collect::<Vec<_>>().join("  ")));
    }
    lines.extend(c.deletes.iter().take(LISTED).map(|d| format!("  - #{}", d.id)));
    let most =
        [c.adds.len(), c.updates.len(), c.deletes.len()].into_iter().map(|n| n.saturating_sub(LISTED)).sum::<usize>();
    if most > 0 {
        lines.push(format!("  … ほか{most}件 / and {most} more (--json shows all)"));
    }
    lines
}

/// The same as JSON, all of it.
pub fn output_json(out: &OutputChanges) -> Json {
    let record = |fields: Vec<(String, Value)>| -> Json {
        fields.into_iter().map(|(code, value)| (code, json!(shown(&value)))).collect::<serde_json::Map<_, _>>().into()
    };
    let c = &out.changes;
    json!({
        "step": out.step,
        "app": out.app,
        "unchanged": c.unchanged,
        "skipped": { "blankKey": c.skipped.blank_key, "noPartner": c.skipped.no_partner },
        "numbered": numbered(c),
        "add": c.added().map(record).collect::<Vec<_>>(),
        "update": c.updates.iter().map(|u| json!({ "id": u.id, "before": record(c.before(u)), "after": record(c.changed(u)) })).collect::<Vec<_>>(),
        "delete": c.deletes.iter().map(|d| d.id).collect::<Vec<_>>(),
    })
}

/// A call that a run would make.
pub fn call_line(called: &Called) -> String {
    let rows = called.sets.len();
    format!(
        "[{0}] 実行単位「{1}」を{rows}行で呼び出します / calls the unit {1:?} with {rows} rows",
        called.step, called.unit
    )
}

/// The same as JSON.
pub fn call_json(called: &Called) -> Json {
    let set = |set: &model::run::ParameterSet| -> Json {
        set.iter().map(|(name, value)| (name.clone(), json!(shown(value)))).collect::<serde_json::Map<_, _>>().into()
    };
    json!({ "step": called.step, "unit": called.unit, "rows": called.sets.iter().map(set).collect::<Vec<_>>() })
}

/// A data check that stops the flow.
pub fn would_stop(stopped: &Stopped) -> String {
    format!(
        "データチェック「{0}」が、エラーのある{1}件でフローを止めます / the data check {0:?} would stop the flow at {1} records with errors",
        stopped.step, stopped.errors
    )
}

/// A value as people read it, times in the machine's zone.
fn shown(value: &Value) -> String {
    value_text(value, &jiff::tz::TimeZone::system())
}
