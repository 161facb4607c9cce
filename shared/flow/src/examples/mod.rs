//! Examples of commands as cases that can be run: a real document, the apps that it names, its plan, and the rows.

mod cell;
mod table;

pub use table::{ParsedTable, parse_table, print_table, text_width};

use std::collections::BTreeMap;

use model::field::{AppSchema, Field, FieldType, Kind};
use model::value::Value;

use crate::commands::{Definition, Example, Kintone, Role};
use crate::plan::{Column, NodeId, Op, Plan};

/// Number of the app that holds the first input's rows; the others follow.
const FIRST_INPUT_APP: u64 = 11;
/// Number of the app that takes the result, or that the example's output command names.
const OUTPUT_APP: u64 = 21;

/// The example's step.
const STEP: &str = "例";

/// The step behind the example's, where that is no output itself.
const OUTPUT_STEP: &str = "出力";

/// Rows with their columns.
pub type Rows = (Vec<Column>, Vec<Vec<Value>>);

/// An example made runnable.
#[derive(Clone, Debug)]
pub struct Case {
    /// The whole document around the example's step.
    pub document: String,
    /// Its plan.
    pub plan: Plan,
    /// What each read node yields: its columns in their order.
    pub sources: BTreeMap<NodeId, Rows>,
    /// The node that yields the result; its columns are those of `expected`, by name and in any order.
    pub result: NodeId,
    /// The rows that must come out: for an output command, the app's records afterwards.
    pub expected: Rows,
    /// True where the engine alone decides the result; else kintone does.
    pub engine: bool,
}

impl Example {
    /// The example as a case. Errors are mistakes in the example itself.
    pub fn case(&self, definition: &Definition) -> Result<Case, String> {
        let inputs: Vec<ParsedTable> =
            self.inputs.iter().map(|(_, text)| parse_table(text)).collect::<Result<_, _>>()?;
        let output = parse_table(self.result().1)?;
        let before = match self.kintone {
            Some(Kintone::Before(text)) => Some(parse_table(text)?),
            _ => None,
        };
        let document = self.document(definition);
        let parsed = crate::document::Document::parse(&document).map_err(|p| render(&p))?;
        let mut schemas: Vec<AppSchema> =
            inputs.iter().enumerate().map(|(i, t)| t.schema(FIRST_INPUT_APP + i as u64)).collect();
        schemas.push(before.as_ref().unwrap_or(&output).schema(OUTPUT_APP));
        let plan =
            crate::check::check(&parsed, &|app| schemas.iter().find(|s| s.app == app)).map_err(|p| render(&p))?;

        let mut sources = BTreeMap::new();
        for (id, node) in plan.nodes.iter().enumerate() {
            if let Op::Read(read) = &node.op {
                let table = usize::try_from(read.app - FIRST_INPUT_APP).ok().and_then(|i| inputs.get(i));
                let table = table.ok_or_else(|| format!("app {} is no input of the example", read.app))?;
                let rows = table.project(&read.fields)?;
                sources.insert(id, (node.columns.clone(), rows));
            }
        }
        // A step may become several nodes; its rows are those that the output behind it takes.
        let result = match definition.role {
            Role::Output => plan.nodes.iter().rposition(|n| n.command == definition.name),
            _ => plan.nodes.iter().find(|n| n.step == OUTPUT_STEP).and_then(|n| n.inputs.first().copied()),
        };
        let result = result.ok_or("the example's command is not in its plan")?;
        Ok(Case {
            document,
            plan,
            sources,
            result,
            expected: (output.columns, output.rows),
            engine: self.kintone.is_none(),
        })
    }

    /// The result: what the step behind it takes (of a step with branches the first line of the output names one), and
    /// the rows.
    pub fn result(&self) -> (&'static str, &'static str) {
        let output = self.output.trim_start();
        match output.split_once('\n') {
            Some((from, table)) if !output.starts_with('|') => (from.trim(), table),
            _ => (STEP, self.output),
        }
    }

    /// How many of the inputs are steps: those that the command must have, or all where it takes any number.
    fn steps_before(&self, definition: &Definition) -> usize {
        if *definition.inputs.end() == usize::MAX { self.inputs.len() } else { *definition.inputs.start() }
    }

    /// A whole document around the step.
    pub fn document(&self, definition: &Definition) -> String {
        let mut text = format!("suiro: 1\nname: {}\nsteps:\n", definition.title.ja);
        let mut from = Vec::new();
        if definition.role != Role::Input {
            // Further inputs are apps that the command's own settings name.
            for (i, (name, _)) in self.inputs.iter().take(self.steps_before(definition)).enumerate() {
                text.push_str(&format!(
                    "  - name: {name}\n    command: input_app\n    app: {}\n",
                    FIRST_INPUT_APP + i as u64
                ));
                from.push(*name);
            }
        }
        text.push_str(&format!("  - name: {STEP}\n"));
        for line in self.step.trim().lines() {
            text.push_str(&format!("    {line}\n"));
        }
        if !from.is_empty() {
            text.push_str(&format!("    from: [{}]\n", from.join(", ")));
        }
        if definition.role != Role::Output {
            text.push_str(&format!(
                "  - name: {OUTPUT_STEP}\n    command: output_app\n    from: {}\n    app: {OUTPUT_APP}\n    method: append\n",
                self.result().0
            ));
        }
        text
    }
}

fn render(problems: &[crate::problem::Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

impl ParsedTable {
    /// An app whose fields are the table's columns.
    pub fn schema(&self, app: u64) -> AppSchema {
        let fields = self
            .columns
            .iter()
            .enumerate()
            .map(|(i, column)| Field { unique: self.unique.contains(&i), ..field(column) });
        AppSchema { app, name: String::new(), precision: Default::default(), fields: fields.collect() }
    }

    fn project(&self, fields: &[String]) -> Result<Vec<Vec<Value>>, String> {
        let indices: Vec<usize> = fields
            .iter()
            .map(|f| self.columns.iter().position(|c| c.name == *f).ok_or_else(|| format!("no column {f}")))
            .collect::<Result<_, _>>()?;
        Ok(self.rows.iter().map(|row| indices.iter().map(|i| row[*i].clone()).collect()).collect())
    }
}

/// The plainest field that holds such a column.
fn field(column: &Column) -> Field {
    let fields = column.inner.iter().map(field).collect();
    Field { fields, ..Field::new(column.name.clone(), field_type(&column.name, column.kind)) }
}

fn field_type(name: &str, kind: Kind) -> FieldType {
    match kind {
        Kind::Number if name == "$id" => FieldType::Id,
        Kind::Text if name == "レコード番号" => FieldType::RecordNumber,
        Kind::Text | Kind::Bool => FieldType::SingleLineText,
        Kind::Number => FieldType::Number,
        Kind::Date => FieldType::Date,
        Kind::Time => FieldType::Time,
        Kind::Datetime => FieldType::Datetime,
        Kind::Texts => FieldType::CheckBox,
        Kind::Entities => FieldType::UserSelect,
        Kind::Files => FieldType::File,
        Kind::Rows => FieldType::Subtable,
    }
}
