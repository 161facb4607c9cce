//! One case: generated tables and a step, as a whole flow document on the engine.

use std::collections::BTreeMap;

use engine::{Limits, RunContext, Table, run_to};
use flow::document::Document;
use flow::formula::Parameters;
use flow::plan::{Column, Op, Plan};
use jiff::tz::TimeZone;
use model::field::{AppSchema, Field, FieldType, Kind};
use model::value::Value;
use serde_json::{Map, Value as Json, json};

use super::tables::Rows;

/// Number of the app that holds the first table; the others follow.
pub const FIRST_APP: u64 = 11;
/// Number of the app that takes a result with tables; every other result goes to a file, which takes any columns.
const TARGET_APP: u64 = 99;
const STEP: &str = "対象";
const OUTPUT: &str = "出力";

/// A step over generated tables.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its number in a run.
    pub id: usize,
    /// The command.
    pub command: &'static str,
    /// The tables. Those behind the command's inputs are apps that the settings name.
    pub tables: Vec<Rows>,
    /// How many of them are inputs of the step.
    pub inputs: usize,
    /// The step's settings.
    pub settings: Json,
    /// The columns of the result, where a file cannot take them.
    pub target: Option<Vec<Column>>,
}

/// What Suiro makes of a case: rows, or a refusal (its code and its sentence).
pub type Outcome = Result<(Vec<Column>, Vec<Vec<Value>>), (String, String)>;

impl Case {
    /// The case as the peers read it: one line of JSON.
    pub fn json(&self) -> Json {
        let table = |t: &Rows| {
            let columns: Vec<Json> = t.columns.iter().map(column_json).collect();
            let rows: Vec<Vec<Json>> = t.rows.iter().map(|row| row.iter().map(cell).collect()).collect();
            json!({ "columns": columns, "rows": rows })
        };
        let tables: Vec<Json> = self.tables.iter().map(table).collect();
        json!({ "id": self.id, "command": self.command, "tables": tables, "settings": self.settings })
    }

    /// The flow document around the step. A document may be JSON.
    pub fn document(&self) -> String {
        let name = |i: usize| format!("入力{}", i + 1);
        let mut steps: Vec<Json> = (0..self.inputs)
            .map(|i| json!({ "name": name(i), "command": "input_app", "app": FIRST_APP + i as u64 }))
            .collect();
        let mut step = Map::new();
        step.insert("name".into(), json!(STEP));
        step.insert("command".into(), json!(self.command));
        step.insert("from".into(), json!((0..self.inputs).map(name).collect::<Vec<_>>()));
        step.extend(self.settings.as_object().cloned().unwrap_or_default());
        steps.push(Json::Object(step));
        steps.push(match &self.target {
            None => {
                json!({ "name": OUTPUT, "command": "output_file", "from": STEP, "file": "結果.csv", "format": "csv" })
            }
            Some(_) => {
                json!({ "name": OUTPUT, "command": "output_app", "from": STEP, "app": TARGET_APP, "method": "append" })
            }
        });
        json!({ "suiro": 1, "name": "照合", "steps": steps }).to_string()
    }

    fn plan(&self) -> Result<Plan, String> {
        let told = |problems: Vec<flow::problem::Problem>| {
            problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        };
        let document = Document::parse(&self.document()).map_err(told)?;
        let mut schemas: Vec<AppSchema> =
            (FIRST_APP..).zip(&self.tables).map(|(app, t)| schema(app, &t.columns)).collect();
        schemas.extend(self.target.iter().map(|columns| schema(TARGET_APP, columns)));
        flow::check::check(&document, &|app| schemas.iter().find(|s| s.app == app)).map_err(told)
    }

    /// Suiro's answer. An `Err` says that the case itself is no sound flow.
    pub fn run(&self) -> Result<Outcome, String> {
        let plan = self.plan().map_err(|problems| format!("{problems}\n{}", self.document()))?;
        let mut sources = Vec::new();
        for node in &plan.nodes {
            let Op::Read(read) = &node.op else { continue };
            let table = &self.tables[usize::try_from(read.app - FIRST_APP).unwrap_or_default()];
            let places: BTreeMap<&str, usize> =
                table.columns.iter().enumerate().map(|(i, c)| (c.name.as_str(), i)).collect();
            let indices: Vec<usize> = read.fields.iter().filter_map(|f| places.get(f.as_str()).copied()).collect();
            let rows: Vec<Vec<Value>> =
                table.rows.iter().map(|row| indices.iter().map(|i| row[*i].clone()).collect()).collect();
            sources.push(Table::from_rows(&node.columns, &rows).map_err(|e| e.en())?);
        }
        let output = plan.nodes.iter().find(|n| n.step == OUTPUT).ok_or("no output")?;
        let result = output.inputs.first().copied().ok_or("an output without an input")?;
        let context = RunContext {
            now: 1_795_262_400,
            zone: &TimeZone::UTC,
            parameters: &Parameters::new(),
            limits: Limits::default(),
        };
        Ok(match run_to(&plan, sources, result, &context) {
            Ok(table) => Ok((plan.nodes[result].columns.clone(), table.to_rows())),
            Err(error) => Err((format!("{error:?}").chars().take_while(|c| c.is_alphanumeric()).collect(), error.en())),
        })
    }
}

fn column_json(column: &Column) -> Json {
    match column.kind {
        Kind::Rows => json!([column.name, "rows", column.inner.iter().map(column_json).collect::<Vec<_>>()]),
        kind => json!([column.name, flow::kinds::kind_name(kind)]),
    }
}

/// A value as the peers read and write it: numbers as text, so that no double comes between.
pub fn cell(value: &Value) -> Json {
    match value {
        Value::Blank => Json::Null,
        Value::Texts(items) => json!(items),
        Value::Rows(rows) => Json::Array(
            rows.iter()
                .map(|row| Json::Object(row.cells.iter().map(|(name, value)| (name.clone(), cell(value))).collect()))
                .collect(),
        ),
        simple => json!(flow::literal::print(simple)),
    }
}

fn schema(app: u64, columns: &[Column]) -> AppSchema {
    AppSchema { app, name: String::new(), precision: Default::default(), fields: columns.iter().map(field).collect() }
}

fn field(column: &Column) -> Field {
    let mut field = Field::new(
        column.name.clone(),
        match column.kind {
            Kind::Number => FieldType::Number,
            Kind::Date => FieldType::Date,
            Kind::Time => FieldType::Time,
            Kind::Datetime => FieldType::Datetime,
            Kind::Texts => FieldType::CheckBox,
            Kind::Rows => FieldType::Subtable,
            _ => FieldType::SingleLineText,
        },
    );
    field.fields = column.inner.iter().map(self::field).collect();
    field
}
