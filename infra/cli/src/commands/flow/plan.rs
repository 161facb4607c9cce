//! `suiro flow plan`: the plan, the queries that kintone is asked, and what a run costs.

use std::collections::BTreeMap;

use connect::kintone::{KEYS_PER_CALL, Kintone, MAX_PARTS, PAGE, RECORDS_PER_PART};
use flow::estimate::{Estimate, Held, Share, Strategy, estimate};
use flow::formula::Parameters;
use flow::plan::{Method, NodeId, Op, Operand, Operator, Plan, Read};
use model::field::{AppSchema, FieldType};
use model::value::Value;
use serde_json::{Value as Json, json};
use worker::flow_run::KEYS_READ;

use super::{Failure, Known, app_names, fill, grid, invalid, needed, output, read};
use crate::args::FlowFile;

/// Calls that describe an app: its form, its settings, its name.
const CALLS_PER_SCHEMA: u64 = 3;
/// Calls to an app that kintone's standard course allows in a day.
const CALLS_PER_DAY: u64 = 10_000;

/// A query that a read sends.
struct Query {
    node: NodeId,
    app: u64,
    step: String,
    condition: String,
    /// Records that meet it; at most, where `open`.
    records: Option<u64>,
    /// Parameters are not known, so that the records are the most that there can be.
    open: bool,
}

/// Plans a flow.
pub async fn run(args: &FlowFile) -> Result<(), Failure> {
    let names = app_names(&args.apps.names)?;
    let mut known = Known::of(&args.apps)?;
    if matches!(known, Known::Nothing) {
        needed(&args.apps)?;
    }
    let text = read(&args.file)?;
    let (filled, missing) = flow::apps::fill(&text, &|name| known.number(&names, name));
    if !missing.is_empty() {
        fill(&args.file, &text, &names)?;
    }
    let document = flow::document::Document::parse(&filled).map_err(|p| invalid(&p))?;
    known.read(&document).await?;
    let plan = flow::check::check(&document, &|app| known.get(app)).map_err(|p| invalid(&p))?;
    let (queries, estimated) = match &known {
        Known::Online(kintone, _) => {
            let queries = counted(&plan, kintone, &|app| known.get(app)).await?;
            let held = held(&plan, kintone, &queries).await?;
            (queries, Some(estimate(&plan, &held, &strategy())))
        }
        _ => (queries(&plan), None),
    };
    if args.json {
        return output::json(&json!({
            "name": plan.name,
            "plan": plan.to_string(),
            "queries": queries.iter().map(query_json).collect::<Vec<_>>(),
            "estimate": estimated.as_ref().map(estimate_json),
        }));
    }
    output::line(plan.to_string().trim_end());
    print_queries(&queries);
    if let Some(estimated) = estimated {
        print_estimate(&estimated, &queries, &|app| known.get(app));
    }
    Ok(())
}

/// How the client and the worker read and write: their own numbers. A part of each bulk is the fence.
pub fn strategy() -> Strategy {
    Strategy {
        page: PAGE,
        keys_per_call: KEYS_PER_CALL as u64,
        most_keys: KEYS_READ as u64,
        records_per_part: RECORDS_PER_PART as u64,
        parts_per_bulk: MAX_PARTS as u64 - 1,
        calls_per_schema: CALLS_PER_SCHEMA,
    }
}

/// What each read asks, with parameters as they were written.
fn queries(plan: &Plan) -> Vec<Query> {
    let of = |(id, read): (NodeId, &Read)| Query {
        node: id,
        app: read.app,
        step: plan.nodes[id].step.clone(),
        condition: read.condition_text(),
        records: None,
        open: !parameters(read).is_empty(),
    };
    reads(plan).map(of).collect()
}

fn reads(plan: &Plan) -> impl Iterator<Item = (NodeId, &Read)> {
    plan.nodes.iter().enumerate().filter_map(|(id, n)| if let Op::Read(read) = &n.op { Some((id, read)) } else { None })
}

fn parameters(read: &Read) -> Vec<&str> {
    let operands = read.conditions.iter().flat_map(|c| &c.tests).flat_map(|t| &t.operands);
    operands.filter_map(Operand::parameter).collect()
}

/// The queries with how many records meet them now. A condition with parameters is counted without those parts of it that
/// have any; where such a part names one record, it is one.
async fn counted<'s>(
    plan: &Plan,
    kintone: &Kintone,
    schema: &dyn Fn(u64) -> Option<&'s AppSchema>,
) -> Result<Vec<Query>, Failure> {
    let mut closed = plan.clone();
    for node in &mut closed.nodes {
        let Op::Read(read) = &mut node.op else { continue };
        if parameters(read).is_empty() {
            continue;
        }
        if let Some(conditions) = &mut read.conditions {
            let without = |o: &Operand| o.parameter().is_none();
            match conditions.any {
                true => conditions.tests.clear(),
                false => conditions.tests.retain(|t| t.operands.iter().all(without)),
            }
        }
        if read.conditions.as_ref().is_some_and(|c| c.tests.is_empty()) {
            read.conditions = None;
        }
    }
    // Formulas may name parameters too; a blank will do, nothing is computed.
    let blanks: Parameters = flow::bind::parameters(&closed).into_iter().map(|name| (name, Value::Blank)).collect();
    let bound = flow::bind::bind(&closed, &[blanks]).map_err(|p| invalid(&[*p]))?;
    let mut all = queries(plan);
    for query in &mut all {
        let Op::Read(read) = &plan.nodes[query.node].op else { continue };
        query.records = match one_record(read, schema(read.app)) {
            true => Some(1),
            false => {
                let condition = bound.reads.get(&query.node).map(|r| r.condition.as_str()).filter(|c| !c.is_empty());
                Some(kintone.count(read.app, condition).await.map_err(Failure::kintone)?)
            }
        };
    }
    Ok(all)
}

/// Whether the parameters of one record let at most one record through.
fn one_record(read: &Read, schema: Option<&AppSchema>) -> bool {
    let (Some(conditions), Some(schema)) = (&read.conditions, schema) else { return false };
    let one = |field: &str| {
        schema.field(field).is_some_and(|f| f.unique || matches!(f.field_type, FieldType::Id | FieldType::RecordNumber))
    };
    let names_one = conditions.tests.iter().any(|t| {
        t.operator == Operator::Equal
            && matches!(t.operands.as_slice(), [o] if o.parameter().is_some())
            && one(&t.field)
    });
    names_one && (!conditions.any || conditions.tests.len() == 1)
}

async fn held(plan: &Plan, kintone: &Kintone, queries: &[Query]) -> Result<Held, Failure> {
    let mut held = Held::default();
    held.reads.extend(queries.iter().filter_map(|q| Some((q.node, q.records?))));
    for node in &plan.nodes {
        if let Op::Write(write) = &node.op
            && write.method != Method::Append
            && !held.apps.contains_key(&write.app)
        {
            held.apps.insert(write.app, kintone.count(write.app, None).await.map_err(Failure::kintone)?);
        }
    }
    Ok(held)
}

fn print_queries(queries: &[Query]) {
    output::line("\nkintoneへのクエリ / queries for kintone");
    for query in queries {
        let condition = if query.condition.is_empty() { "(すべて / all)" } else { &query.condition };
        let most = if query.open { "最大 / at most " } else { "" };
        let records = query.records.map_or_else(String::new, |n| format!("  → {most}{} 件 / records", thousands(n)));
        output::line(format!("  #{} {} アプリ / app {}: {condition}{records}", query.node, query.step, query.app));
    }
}

fn print_estimate<'s>(estimate: &Estimate, queries: &[Query], schema: &dyn Fn(u64) -> Option<&'s AppSchema>) {
    output::line("\n1回の実行の見積もり / estimate of one run");
    let number = |n: Option<u64>| n.map_or_else(|| "?".to_owned(), thousands);
    let row = |name: String, s: &Share| {
        let columns = [
            Some(s.records_read),
            s.records_written,
            Some(s.schema_calls),
            Some(s.read_calls),
            s.compare_calls,
            s.write_calls,
            s.calls(),
        ];
        std::iter::once(name).chain(columns.into_iter().map(number)).collect::<Vec<_>>()
    };
    let heads = |names: [&str; 8]| names.map(str::to_owned).to_vec();
    let mut lines = vec![
        heads(["アプリ", "入力件数", "出力件数", "定義", "読み取り", "比較", "書き込み", "API計"]),
        heads(["app", "read", "write ≤", "schema", "reads", "compares", "writes ≤", "calls ≤"]),
    ];
    for (app, share) in &estimate.apps {
        let name = schema(*app).map_or("", |s| s.name.as_str());
        lines.push(row(format!("{app} {name}").trim_end().to_owned(), share));
    }
    lines.push(row("計 / total".to_owned(), &estimate.total));
    let right = [false, true, true, true, true, true, true, true];
    grid::frame(&lines, &right, 2).iter().for_each(|line| output::line(format!("  {line}")));
    if let Some(most) = estimate.apps.values().filter_map(Share::calls).max().filter(|most| *most > 0) {
        let runs = thousands(CALLS_PER_DAY / most);
        output::line(format!(
            "  1アプリ1日{}リクエストまでなら、1日に{runs}回まで実行できます / {runs} runs a day within kintone's {} calls per app",
            thousands(CALLS_PER_DAY),
            thousands(CALLS_PER_DAY)
        ));
    }
    let one_bulk = (MAX_PARTS as u64 - 1) * RECORDS_PER_PART as u64;
    if estimate.total.records_written.is_none_or(|n| n > one_bulk) {
        output::line(format!(
            "  1回の一括書き込み({}件)に収まらないことがあります / may not fit one bulk request of {} records",
            thousands(one_bulk),
            thousands(one_bulk)
        ));
    }
    output::line(
        "  出力は最大の値です。変わらないレコードは書き込みません。実行ごとにログアプリへの記録が加わります / writes are at most: what does not differ is not written; the log record comes on top",
    );
    if queries.iter().any(|q| q.open && q.records.is_some_and(|n| n > 1)) {
        output::line(
            "  パラメーターのある条件は、その部分を除いた件数です / conditions with parameters are counted without them",
        );
    }
}

fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

fn query_json(query: &Query) -> Json {
    json!({
        "node": query.node,
        "step": query.step,
        "app": query.app,
        "condition": query.condition,
        "records": query.records,
        "atMost": query.open,
    })
}

fn estimate_json(estimate: &Estimate) -> Json {
    let share = |s: &Share| {
        json!({
            "recordsRead": s.records_read,
            "recordsWrittenAtMost": s.records_written,
            "schemaCalls": s.schema_calls,
            "readCalls": s.read_calls,
            "compareCalls": s.compare_calls,
            "writeCallsAtMost": s.write_calls,
            "callsAtMost": s.calls(),
        })
    };
    let apps: BTreeMap<String, Json> = estimate.apps.iter().map(|(app, s)| (app.to_string(), share(s))).collect();
    json!({ "apps": apps, "total": share(&estimate.total) })
}

#[cfg(test)]
mod tests {
    use super::thousands;

    #[test]
    fn numbers_are_grouped() {
        for (n, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(thousands(n), text);
        }
    }
}
