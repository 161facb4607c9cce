//! Tables as text, plans by hand, and their run.

use engine::{EngineError, Limits, RunContext, RunResult, Table, run};
use flow::formula::Parameters;
use flow::plan::{Column, Node, NodeId, Op, Plan, Read};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use model::field::Kind;
use model::value::{Entity, Value};

/// 2026-11-21T12:00:00Z
pub const NOW: i64 = 1_795_262_400;

pub fn tokyo() -> TimeZone {
    TimeZone::get("Asia/Tokyo").unwrap()
}

pub fn kind(name: &str) -> Kind {
    match name {
        "text" => Kind::Text,
        "number" => Kind::Number,
        "bool" => Kind::Bool,
        "date" => Kind::Date,
        "time" => Kind::Time,
        "datetime" => Kind::Datetime,
        "texts" => Kind::Texts,
        "entities" => Kind::Entities,
        other => panic!("kind {other}"),
    }
}

/// A value from kintone's text form; items of lists stand between semicolons.
pub fn value(kind: Kind, text: &str) -> Value {
    if text.is_empty() {
        return Value::Blank;
    }
    let items = || text.split(';').map(str::to_owned);
    match kind {
        Kind::Text => Value::Text(text.into()),
        Kind::Number => Value::Number(text.parse().unwrap()),
        Kind::Bool => Value::Bool(text == "TRUE"),
        Kind::Date => {
            let since = text.parse::<Date>().unwrap().duration_since(jiff::civil::date(1970, 1, 1));
            Value::Date(i32::try_from(since.as_hours() / 24).unwrap())
        }
        Kind::Time => {
            let time: Time = text.parse().unwrap();
            Value::Time(i32::from(time.hour()) * 3600 + i32::from(time.minute()) * 60 + i32::from(time.second()))
        }
        Kind::Datetime => Value::Datetime(text.parse::<Timestamp>().unwrap().as_second()),
        Kind::Texts => Value::Texts(items().collect()),
        Kind::Entities => Value::Entities(items().map(|code| Entity { name: format!("{code}さん"), code }).collect()),
        Kind::Files | Kind::Rows => panic!("no text form"),
    }
}

/// Columns of `商品:text 数:number`.
pub fn columns(header: &str) -> Vec<Column> {
    header
        .split_whitespace()
        .map(|column| {
            let (name, of) = column.rsplit_once(':').unwrap();
            Column::new(name, kind(of))
        })
        .collect()
}

/// Rows of values; each row is one text with bars between its cells.
pub fn rows(columns: &[Column], rows: &[&str]) -> Vec<Vec<Value>> {
    let cells = |row: &&str| {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        assert_eq!(cells.len(), columns.len(), "{row}");
        cells.iter().zip(columns).map(|(cell, column)| value(column.kind, cell)).collect()
    };
    rows.iter().map(cells).collect()
}

pub fn table(header: &str, lines: &[&str]) -> Table {
    let columns = columns(header);
    Table::from_rows(&columns, &rows(&columns, lines)).unwrap()
}

/// The rows of a table as text, in the form that [`table`] reads.
pub fn lines(table: &Table) -> Vec<String> {
    let text = |value: &Value| engine::value_text(value, &TimeZone::UTC).replace('\n', ";");
    table.to_rows().iter().map(|row| row.iter().map(text).collect::<Vec<_>>().join("|")).collect()
}

pub fn shape(table: &Table) -> Vec<Column> {
    table.columns().iter().map(|c| Column::new(c.name(), c.kind())).collect()
}

pub fn node(step: &str, inputs: &[NodeId], op: Op, columns: Vec<Column>) -> Node {
    Node { step: step.to_owned(), command: "test", inputs: inputs.to_vec(), op, columns }
}

pub fn read(table: &Table) -> Node {
    node("読む", &[], Op::Read(Read { app: 1, fields: Vec::new(), conditions: None }), shape(table))
}

pub fn plan(nodes: Vec<Node>) -> Plan {
    Plan { name: "試験".into(), zone: "Asia/Tokyo".into(), strict: false, nodes, holidays: Default::default() }
}

pub fn execute(plan: &Plan, sources: Vec<Table>) -> Result<RunResult, EngineError> {
    execute_with(plan, sources, &Parameters::new(), Limits::default())
}

pub fn execute_with(
    plan: &Plan,
    sources: Vec<Table>,
    parameters: &Parameters,
    limits: Limits,
) -> Result<RunResult, EngineError> {
    run(plan, sources, &RunContext { now: NOW, zone: &tokyo(), parameters, limits })
}

/// The rows that one operation makes of its inputs.
pub fn apply(op: Op, inputs: Vec<Table>, output: &str) -> Result<Table, EngineError> {
    let mut nodes: Vec<Node> = inputs.iter().map(read).collect();
    let from: Vec<NodeId> = (0..inputs.len()).collect();
    nodes.push(node("試す", &from, op, columns(output)));
    let plan = plan(nodes);
    let context = RunContext { now: NOW, zone: &tokyo(), parameters: &Parameters::new(), limits: Limits::default() };
    engine::run_to(&plan, inputs, from.len(), &context)
}
