//! `data_check`: checks rows, tells what is wrong in an app of its own, and stops the flow where it is told to.

mod compare;
mod errors;
mod examples;
mod rules;
mod shape;
mod texts;
mod written;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Definition, Reference, Role};
use crate::check::StepCheck;
use crate::located::{At, Located};
use crate::plan::{Check, Column, NodeId, Op, Pass, Violations, violation_columns};
use crate::problem::{Problem, words};
use crate::settings::{not_empty, read_shape, schema_of};

/// The column of errors beside the rows. No field has such a code.
const ERRORS: &str = "$errors";

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    checks: At<Vec<written::CheckSettings>>,
    #[serde(default)]
    on_error: OnError,
    #[serde(default)]
    stop_at: Option<At<u64>>,
    #[serde(default)]
    after_error: AfterError,
    #[serde(default)]
    rows_with_errors: WrongRows,
    #[serde(default)]
    errors: Option<errors::ErrorSettings>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum OnError {
    #[default]
    Continue,
    Stop,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum AfterError {
    #[default]
    CheckAll,
    Skip,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum WrongRows {
    #[default]
    Pass,
    Drop,
}

impl Settings {
    /// So many errors stop the flow.
    fn stop_at(&self) -> Option<u64> {
        (self.on_error == OnError::Stop).then(|| self.stop_at.as_ref().map_or(1, |n| n.value))
    }
}

fn shape(settings: &Located, problems: &mut Vec<Problem>) -> Vec<u64> {
    let Some(settings) = read_shape::<Settings>(settings, problems) else { return Vec::new() };
    not_empty(&settings.checks, "checks", &settings.checks, problems);
    settings.checks.value.iter().for_each(|check| check.shape(problems));
    if let Some(stop_at) = settings.stop_at.as_ref().filter(|n| settings.on_error != OnError::Stop || n.value == 0) {
        problems.push(
            Problem::new(
                "stop_at",
                "「stop_at」は on_error: stop のとき、止めるまでのエラーの件数（1以上）を書きます。",
                "\"stop_at\" is the number of errors (1 or more) at which on_error: stop stops; it belongs there.",
            )
            .in_setting("stop_at")
            .at(stop_at.position),
        );
    }
    let masters = settings.checks.value.iter().filter_map(written::CheckSettings::app);
    masters.chain(settings.errors.iter().map(|e| e.app.value)).collect()
}

fn lower(check: &mut StepCheck<'_>) -> Option<NodeId> {
    let settings: Settings = check.settings()?;
    let columns = check.columns(0);
    let before = check.problem_count();
    let mut lowering = rules::Lowering::new(check.inputs().to_vec());
    for one in &settings.checks.value {
        one.lower(check, &columns, &mut lowering);
    }
    let errors = settings.errors.as_ref().map(|errors| errors.lower(check));
    if check.problem_count() > before {
        return None;
    }
    let rules::Lowering { tests, rows, inputs, .. } = lowering;
    let record =
        ["レコード番号", "Record_number", "$id"].iter().find_map(|n| columns.iter().position(|c| c.name == *n));
    let app = check.source_app(0);
    let inner = crate::plan::ERROR_COLUMNS.iter().map(|(name, kind)| Column::new(*name, *kind)).collect();
    let checked: Vec<Column> = columns.iter().cloned().chain([Column::table(ERRORS, inner)]).collect();
    let stop_at = settings.stop_at();
    let enough = (settings.after_error == AfterError::Skip).then(|| stop_at.unwrap_or(1));
    let found = check.node_over(inputs, Op::Check(Check { tests, record, enough }), checked);
    if let Some(write) = errors.flatten() {
        let violations = Violations { errors: columns.len(), app, rows: rows.clone() };
        let violations = check.node_over(vec![found], Op::Violations(violations), violation_columns());
        check.node_over(vec![violations], Op::Write(write), violation_columns());
    }
    let drop = settings.rows_with_errors == WrongRows::Drop;
    let pass = Pass { errors: columns.len(), rows, stop_at, drop };
    Some(check.node_over(vec![found], Op::Pass(pass), columns))
}

/// `data_check`
pub(super) static DEFINITION: Definition = Definition {
    name: "data_check",
    version: 1,
    title: words("データチェック", "Data Check"),
    role: Role::Middle,
    inputs: 1..=1,
    settings: texts::SETTINGS,
    shape,
    lower,
    reference: Reference {
    summary: words(
        "行を調べ、エラーをエラーアプリに書きます。エラーがあればフローを止めることも、エラーの行を除いて続けることもできます。",
        "Checks rows and writes what is wrong to an error app; stops the flow, or goes on with or without the wrong rows.",
    ),
    behaviour: texts::BEHAVIOUR,
    schema: schema_of::<Settings>,
    examples: examples::EXAMPLES,
    }
    .kept(),
};
