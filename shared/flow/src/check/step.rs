//! What a command sees while its step is checked: the step, its inputs' columns, the apps' fields; and where it puts
//! problems, notes and plan nodes.

use std::collections::BTreeMap;

use model::field::{AppSchema, Field};
use serde::de::DeserializeOwned;

use crate::document::Step;
use crate::formula::{self, Expr};
use crate::located::At;
use crate::plan::{Column, Node, NodeId, Op};
use crate::problem::{Position, Problem, proposal};

/// The fields of the apps that a document names; without those that nobody knows.
pub(crate) type Schemas<'a> = BTreeMap<u64, &'a AppSchema>;

/// One step while it is checked.
pub struct StepCheck<'a> {
    /// The step.
    pub step: &'a Step,
    pub(super) command: &'static str,
    pub(super) inputs: Vec<NodeId>,
    pub(super) nodes: &'a mut Vec<Node>,
    pub(super) schemas: &'a Schemas<'a>,
    pub(super) problems: &'a mut Vec<Problem>,
    pub(super) notes: &'a mut Vec<Problem>,
    /// The nodes of its branches, where it has any.
    pub(super) branches: Vec<(String, NodeId)>,
}

impl<'a> StepCheck<'a> {
    /// The settings. Their shape was checked before, so `None` is rare and already reported.
    pub fn settings<T: DeserializeOwned>(&mut self) -> Option<T> {
        match self.step.settings.read() {
            Ok(settings) => Some(settings),
            Err(e) => {
                self.problem(Problem::from(e));
                None
            }
        }
    }

    /// The columns of an input; inputs are counted by the check, so an index of the command's own number is there.
    pub fn columns(&self, input: usize) -> Vec<Column> {
        self.inputs.get(input).and_then(|id| self.nodes.get(*id)).map(|n| n.columns.clone()).unwrap_or_default()
    }

    /// The name of the step that an input comes from.
    pub fn input_name(&self, input: usize) -> &'a str {
        let step: &'a Step = self.step;
        step.from.get(input).map_or("", |f| f.value.as_str())
    }

    /// Reports a problem of this step.
    pub fn problem(&mut self, problem: Problem) {
        self.problems.push(problem.around(&self.step.name.value));
    }

    /// Tells something that is no mistake but may surprise.
    pub fn note(&mut self, note: Problem) {
        self.notes.push(note.around(&self.step.name.value));
    }

    /// How many problems there are; a command compares before and after to know whether it may go on.
    pub fn problem_count(&self) -> usize {
        self.problems.len()
    }

    /// The app's fields; reported where nobody knows the app.
    pub fn app(&mut self, app: &At<u64>) -> Option<&'a AppSchema> {
        let found = self.schemas.get(&app.value).copied();
        if found.is_none() {
            self.problem(
                Problem::new(
                    "unknown_app",
                    format!(
                        "アプリ {} が見つからないか、読む権限がありません。番号と接続の権限を確かめてください。",
                        app.value
                    ),
                    format!(
                        "App {} is not there or may not be read; check its number and the connection's rights.",
                        app.value
                    ),
                )
                .in_setting("app")
                .at(app.position),
            );
        }
        found
    }

    /// The index of a column by name; reported with the nearest name where there is none.
    pub fn column(&mut self, columns: &[Column], name: &str, setting: &str, position: Position) -> Option<usize> {
        let found = columns.iter().position(|c| c.name == name);
        if found.is_none() {
            let (ja, en) = proposal(name, columns.iter().map(|c| c.name.as_str()));
            self.problem(
                Problem::new(
                    "unknown_column",
                    format!("入力に「{name}」という列はありません。{ja}"),
                    format!("The input has no column \"{name}\".{en}"),
                )
                .in_setting(setting)
                .at(position),
            );
        }
        found
    }

    /// A field of an app by code; reported with the nearest code where there is none.
    pub fn field(&mut self, app: &'a AppSchema, code: &At<String>, setting: &str) -> Option<&'a Field> {
        let found = app.field(code);
        if found.is_none() {
            let by_label = app.fields.iter().find(|f| f.label == code.value);
            let (ja, en) = match by_label {
                Some(f) => (
                    format!("「{}」はフィールド名です。フィールドコード「{}」を書いてください。", code.value, f.code),
                    format!(" \"{}\" is a label; write the field code \"{}\".", code.value, f.code),
                ),
                None => proposal(code, app.fields.iter().map(|f| f.code.as_str())),
            };
            self.problem(
                Problem::new(
                    "unknown_field",
                    format!("アプリ {} にフィールドコード「{}」はありません。{ja}", app.app, code.value),
                    format!("App {} has no field code \"{}\".{en}", app.app, code.value),
                )
                .in_setting(setting)
                .at(code.position),
            );
        }
        found
    }

    /// A formula over columns; its problems are reported with the formula and a caret.
    pub fn formula(&mut self, text: &At<String>, columns: &[Column], setting: &str) -> Option<Expr> {
        match formula::parse(text).and_then(|ast| formula::check(&ast, columns)) {
            Ok(expr) => Some(expr),
            Err(found) => {
                for problem in formula_problems(&found, text, setting) {
                    self.problem(problem);
                }
                None
            }
        }
    }

    /// Reports names that occur twice among the columns of a result, and columns without a name.
    pub fn unique_names(&mut self, columns: &[Column], setting: &str) -> bool {
        let twice: Vec<&str> = columns
            .iter()
            .enumerate()
            .filter(|(i, c)| columns[..*i].iter().any(|other| other.name == c.name))
            .map(|(_, c)| c.name.as_str())
            .collect();
        if columns.iter().any(|column| column.name.trim().is_empty()) {
            self.problem(
                Problem::new(
                    "column_unnamed",
                    "名前のない列ができます。列の名前を書いてください。",
                    "A column would have no name; write one.",
                )
                .in_setting(setting)
                .at(self.step.position_of(setting)),
            );
        }
        for name in &twice {
            self.problem(
                Problem::new(
                    "column_twice",
                    format!("列「{name}」が二つできます。一方に別の名前を付けてください。"),
                    format!("The column \"{name}\" would be there twice; give one of them another name."),
                )
                .in_setting(setting)
                .at(self.step.position_of(setting)),
            );
        }
        twice.is_empty()
    }

    /// Adds a node over the step's inputs and returns its index.
    pub fn node(&mut self, op: Op, columns: Vec<Column>) -> NodeId {
        self.node_over(self.inputs.clone(), op, columns)
    }

    /// The app that an input's rows come from, followed back through first inputs; `None` where they come from no app.
    pub fn source_app(&self, input: usize) -> Option<u64> {
        let mut node = self.nodes.get(*self.inputs.get(input)?)?;
        loop {
            match &node.op {
                Op::Read(read) => return Some(read.app),
                _ => node = self.nodes.get(*node.inputs.first()?)?,
            }
        }
    }

    /// Adds a node over these nodes, for steps that become several of them, and returns its index.
    pub fn node_over(&mut self, inputs: Vec<NodeId>, op: Op, columns: Vec<Column>) -> NodeId {
        self.nodes.push(Node { step: self.step.name.value.clone(), command: self.command, inputs, op, columns });
        self.nodes.len() - 1
    }

    /// Adds a node that is one branch of the step, told of as `step/branch`.
    pub fn branch(&mut self, name: &str, op: Op, columns: Vec<Column>) -> NodeId {
        let step = format!("{}/{name}", self.step.name.value);
        self.nodes.push(Node { step, command: self.command, inputs: self.inputs.clone(), op, columns });
        self.branches.push((name.to_owned(), self.nodes.len() - 1));
        self.nodes.len() - 1
    }

    /// The nodes that the step takes rows from.
    pub fn inputs(&self) -> &[NodeId] {
        &self.inputs
    }
}

/// Problems of a formula as problems of a setting.
pub(crate) fn formula_problems(found: &[formula::FormulaProblem], text: &At<String>, setting: &str) -> Vec<Problem> {
    let as_problem = |p: &formula::FormulaProblem| {
        Problem::new(p.code, p.ja.clone(), p.en.clone())
            .in_setting(setting)
            .at(text.position)
            .with_picture(p.caret(text))
    };
    found.iter().map(as_problem).collect()
}

/// Reports what is wrong with a formula whatever the columns are: its syntax, and its calls of functions.
pub(crate) fn formula_shape(text: &At<String>, setting: &str, problems: &mut Vec<Problem>) {
    let found = formula::parse(text).map_or_else(|found| found, |ast| formula::check_calls(&ast));
    problems.extend(formula_problems(&found, text, setting));
}

/// Whether a problem is one of calls in a formula, which the check with columns finds too and knows more about.
pub(crate) fn is_blind(problem: &Problem) -> bool {
    formula::OF_CALLS.contains(&problem.code)
}
