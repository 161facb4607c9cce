//! Our side: the whole work of a process that reads two files, runs the flow and writes two files.

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};

use clap::Args;
use engine::{Limits, RunContext, RunResult, Table, TableBuilder, run, write_csv};
use flow::document::Document;
use flow::formula::Parameters;
use flow::plan::{Op, Plan};
use jiff::tz::TimeZone;
use model::field::{AppSchema, Field, FieldType, Kind};
use model::value::{Cell, RecordSink};
use serde_json::json;

use super::data::{CUSTOMERS, ORDERS};
use crate::Outcome;
use crate::measure::{Stopwatch, own_cpu};
use crate::report::say;

/// The flow, as people write it.
pub const DOCUMENT: &str = include_str!("flow.yaml");

/// Runs the flow once or several times over the files of a folder.
#[derive(Debug, Args)]
pub struct Flow {
    /// Where the two files are
    folder: PathBuf,
    /// Where the results go
    out: PathBuf,
    /// How often the flow is run on the tables that were read
    repeats: usize,
}

/// See [`Flow`].
pub fn ours(options: &Flow) -> Outcome<()> {
    let plan = plan()?;
    let mut sources = Vec::new();
    for node in &plan.nodes {
        if let Op::Read(read) = &node.op {
            let file = if read.app == 1 { ORDERS } else { CUSTOMERS };
            sources.push(load(&options.folder.join(file), &read.fields, &node.columns)?);
        }
    }
    let (mut wall, mut cpu) = (Vec::new(), Vec::new());
    let mut timed = |sources: Vec<Table>| -> Outcome<RunResult> {
        let (watch, before) = (Stopwatch::start(), own_cpu());
        let result = compute(&plan, sources)?;
        wall.push(watch.elapsed().as_secs_f64() * 1e3);
        cpu.push((own_cpu() - before).as_secs_f64() * 1e3);
        Ok(result)
    };
    for _ in 1..options.repeats {
        timed(sources.clone())?;
    }
    let result = timed(sources)?;
    for (output, name) in result.outputs.iter().zip(["groups.csv", "detail.csv"]) {
        let file = File::create(options.out.join(name))?;
        write_csv(&output.table, &TimeZone::UTC, BufWriter::new(file))?;
    }
    say(&json!({ "wall_ms": wall, "cpu_ms": cpu, "version": env!("CARGO_PKG_VERSION"), "threads": 1 }).to_string())
}

fn compute(plan: &Plan, sources: Vec<Table>) -> Outcome<RunResult> {
    let limits = Limits::default();
    // A fixed moment: nothing in this flow asks for it.
    let context = RunContext { now: 1_795_262_400, zone: &TimeZone::UTC, parameters: &Parameters::new(), limits };
    Ok(run(plan, sources, &context).map_err(|e| e.en())?)
}

/// The flow, checked against the apps that it names.
fn plan() -> Outcome<Plan> {
    let document = Document::parse(DOCUMENT).map_err(|problems| told(&problems))?;
    let schemas = schemas();
    flow::check::check(&document, &|app| schemas.iter().find(|s| s.app == app))
        .map_err(|problems| told(&problems).into())
}

fn told(problems: &[flow::problem::Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn schemas() -> [AppSchema; 4] {
    use FieldType::{Date, Number, SingleLineText as Text};
    let app = |app: u64, fields: &[(&str, FieldType)]| AppSchema {
        app,
        name: String::new(),
        precision: Default::default(),
        fields: fields.iter().map(|(code, of)| Field::new(*code, *of)).collect(),
    };
    [
        app(
            1,
            &[
                ("受注番号", Number),
                ("顧客コード", Text),
                ("商品", Text),
                ("状態", Text),
                ("受注日", Date),
                ("数量", Number),
                ("単価", Number),
            ],
        ),
        app(2, &[("顧客コード", Text), ("顧客名", Text), ("地域", Text), ("値引率", Number)]),
        app(3, &[("地域", Text), ("年月", Number), ("合計", Number), ("平均", Number), ("件数", Number)]),
        app(
            4,
            &[
                ("受注番号", Number),
                ("受注日", Date),
                ("顧客コード", Text),
                ("顧客名", Text),
                ("地域", Text),
                ("商品", Text),
                ("数量", Number),
                ("金額", Number),
                ("累計", Number),
            ],
        ),
    ]
}

/// A file's columns of these names, as a table.
fn load(path: &Path, fields: &[String], columns: &[flow::plan::Column]) -> Outcome<Table> {
    let mut file = csv::Reader::from_reader(BufReader::new(File::open(path)?));
    let places: Vec<usize> = {
        let header = file.headers()?;
        let place = |field: &String| header.iter().position(|name| name == field).ok_or_else(|| format!("no {field}"));
        fields.iter().map(place).collect::<Result<_, _>>()?
    };
    let mut builder = TableBuilder::new(columns);
    let mut record = csv::StringRecord::new();
    while file.read_record(&mut record)? {
        for (at, (place, column)) in places.iter().zip(columns).enumerate() {
            let text = record.get(*place).unwrap_or_default();
            let cell = match column.kind {
                _ if text.is_empty() => continue,
                Kind::Number => Cell::Number(text.parse()?),
                Kind::Date => Cell::Date(days(text)?),
                _ => Cell::Text(text),
            };
            builder.push(at, cell)?;
        }
        builder.end_row()?;
    }
    Ok(builder.finish().map_err(|e| e.en())?)
}

fn days(text: &str) -> Outcome<i32> {
    let date: jiff::civil::Date = text.parse()?;
    Ok(i32::try_from(date.duration_since(jiff::civil::date(1970, 1, 1)).as_hours() / 24)?)
}
