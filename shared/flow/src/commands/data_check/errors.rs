//! The error app: which of its fields take what.

use indexmap::IndexMap;
use model::field::AppSchema;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::check::StepCheck;
use crate::commands::output_app::{inconvertible, unwritable};
use crate::located::At;
use crate::plan::{Method, Write, violation_columns};
use crate::problem::{Problem, proposal};

/// What can be told of an error, with the field codes that take it where no mapping is written.
const TOLD: [(&str, &str); 9] = [
    ("app", "元アプリ"),
    ("step", "ステップ"),
    ("run", "実行ID"),
    ("row", "行"),
    ("record", "元レコード番号"),
    ("field", "フィールド"),
    ("check", "チェック"),
    ("message", "メッセージ"),
    ("value", "値"),
];

/// The error app, as written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ErrorSettings {
    pub app: At<u64>,
    #[serde(default)]
    mapping: Option<At<IndexMap<At<String>, At<String>>>>,
}

impl ErrorSettings {
    /// The write of the errors. `None`: reported.
    pub(super) fn lower(&self, check: &mut StepCheck<'_>) -> Option<Write> {
        let app = check.app(&self.app)?;
        let mapping = match &self.mapping {
            Some(mapping) => written(check, app, &mapping.value),
            None => by_name(app),
        };
        if mapping.is_empty() {
            let names = TOLD.iter().map(|(en, ja)| format!("{ja}({en})")).collect::<Vec<_>>().join(", ");
            check.problem(
                Problem::new(
                    "nothing_to_write",
                    format!("エラーアプリ {} に書けるフィールドがありません。「mapping」に「コード: 内容」を書くか、次のコードのフィールドを作ってください: {names}", app.app),
                    format!("No field of the error app {} takes anything; write a \"mapping\" of code: content, or make fields of these codes: {names}", app.app),
                )
                .in_setting("errors")
                .at(self.app.position),
            );
        }
        let step = check.step.name.value.clone();
        Some(Write { errors_of: Some(step), ..Write::new(app.app, Method::Append, mapping) })
    }
}

fn by_name(app: &AppSchema) -> Vec<(usize, String)> {
    let columns = violation_columns();
    let field = |code: &str| app.field(code).filter(|f| f.writable());
    let takes = |(index, column): (usize, &crate::plan::Column)| {
        let (en, ja) = TOLD.iter().find(|(en, _)| *en == column.name)?;
        let field = field(en).or_else(|| field(ja))?;
        inconvertible(field, column).is_none().then(|| (index, field.code.clone()))
    };
    columns.iter().enumerate().filter_map(takes).collect()
}

fn written<'a>(
    check: &mut StepCheck<'a>,
    app: &'a AppSchema,
    mapping: &IndexMap<At<String>, At<String>>,
) -> Vec<(usize, String)> {
    let columns = violation_columns();
    let mut result = Vec::new();
    for (code, name) in mapping {
        let setting = format!("errors: {}", code.value);
        let field = check.field(app, code, &setting);
        let Some(index) = columns.iter().position(|c| c.name == name.value) else {
            let (ja, en) = proposal(name, TOLD.iter().map(|(name, _)| *name));
            check.problem(
                Problem::new(
                    "unknown_content",
                    format!("エラーに「{}」という内容はありません。{ja}", name.value),
                    format!("Nothing called \"{}\" is told of an error.{en}", name.value),
                )
                .in_setting(setting)
                .at(name.position),
            );
            continue;
        };
        let Some(field) = field else { continue };
        match unwritable(field, false).or_else(|| inconvertible(field, &columns[index])) {
            Some(problem) => check.problem(problem.in_setting(setting).at(code.position)),
            None => result.push((index, field.code.clone())),
        }
    }
    result
}
