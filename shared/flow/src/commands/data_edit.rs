//! `data_edit`: computes columns with formulas.

use schemars::JsonSchema;
use serde::Deserialize;

use model::field::Kind;

use super::{Behaviour, Definition, Example, Role, Setting};
use crate::check::{StepCheck, formula_shape};
use crate::kinds::kind_words;
use crate::located::{At, Located};
use crate::plan::{Assign, Column, NodeId, OnError, Op};
use crate::problem::{Problem, words};
use crate::settings::{not_empty, read_shape, schema_of};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    edits: At<Vec<Edit>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Edit {
    field: At<String>,
    formula: At<String>,
    #[serde(default)]
    on_error: OnErrorName,
}

#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum OnErrorName {
    #[default]
    Fail,
    Blank,
}

impl From<OnErrorName> for OnError {
    fn from(name: OnErrorName) -> Self {
        match name {
            OnErrorName::Fail => Self::Fail,
            OnErrorName::Blank => Self::Blank,
        }
    }
}

fn shape(settings: &Located, problems: &mut Vec<Problem>) -> Vec<u64> {
    let Some(settings) = read_shape::<Settings>(settings, problems) else { return Vec::new() };
    not_empty(&settings.edits, "edits", &settings.edits, problems);
    for edit in &settings.edits.value {
        formula_shape(&edit.formula, &format!("edits: {}", edit.field.value), problems);
    }
    Vec::new()
}

fn lower(check: &mut StepCheck<'_>) -> Option<NodeId> {
    let settings: Settings = check.settings()?;
    let mut columns = check.columns(0);
    let before = check.problem_count();
    let mut assigns = Vec::new();
    for edit in &settings.edits.value {
        let setting = format!("edits: {}", edit.field.value);
        let existing = columns.iter().position(|c| c.name == edit.field.value);
        let expr = check.formula(&edit.formula, &columns, &setting);
        let column = match existing {
            Some(i) => {
                if let Some(kind) = expr.as_ref().and_then(|e| e.kind())
                    && kind != columns[i].kind
                {
                    check.problem(other_kind(&columns[i], kind).in_setting(&setting).at(edit.formula.position));
                }
                i
            }
            // A new column stands for later edits even where its own formula is wrong, so that one mistake is one problem.
            None => {
                let kind = expr.as_ref().and_then(|e| e.kind()).unwrap_or(Kind::Text);
                columns.push(Column::new(&edit.field.value, kind));
                columns.len() - 1
            }
        };
        if let Some(expr) = expr {
            assigns.push(Assign { column, expr, on_error: edit.on_error.into() });
        }
    }
    (check.problem_count() == before).then(|| check.node(Op::Compute(assigns), columns))
}

fn other_kind(column: &Column, kind: Kind) -> Problem {
    let (is, yields) = (kind_words(column.kind), kind_words(kind));
    Problem::new(
        "edit_kind",
        format!(
            "列「{}」は{}ですが、式の結果は{}です。VALUE() や TEXT() で直すか、新しい名前の列にしてください。",
            column.name, is.ja, yields.ja
        ),
        format!(
            "The column \"{}\" is of kind {}, but the formula yields {}. Convert with VALUE() or TEXT(), or give a new name.",
            column.name, is.en, yields.en
        ),
    )
}

/// `data_edit`
pub(super) static DEFINITION: Definition = Definition {
    name: "data_edit",
    version: 1,
    title: words("データ編集", "Data Edit"),
    summary: words(
        "Excel のような式で列を計算します。今ある列を置き換えることも、新しい列を加えることもできます。",
        "Computes columns with Excel-like formulas: existing ones are replaced, new ones are added.",
    ),
    role: Role::Middle,
    inputs: 1,
    settings: &[Setting {
        name: "edits",
        form: "[{ field: name, formula: formula, on_error: fail | blank }]",
        required: true,
        text: words(
            "列と式の並び。上から順に計算し、下の式は上の結果を使います。`on_error` は式がエラーになった行の扱いで、fail（既定）はフローを止めて行を示し、blank は空にして数えます。",
            "Columns and their formulas, computed from top to bottom; a later one sees the results of earlier ones. `on_error` decides about rows whose formula is an error: fail (default) stops the flow and names the row, blank leaves a blank and counts it.",
        ),
    }],
    behaviour: Behaviour {
        blanks: words(
            "空は、計算では 0、文字列の連結では空文字として扱います（Excel と同じ）。",
            "A blank counts as 0 in arithmetic and as an empty text in `&`, as in Excel.",
        ),
        duplicates: words("同じ行もそれぞれ計算します。", "Equal rows are computed each for itself."),
        empty_input: words(
            "0 行なら 0 行です。新しい列は加わります。",
            "No row in, no row out; new columns are there all the same.",
        ),
        types: words(
            "今ある列には同じ型の結果しか入れられません。新しい列の型は式で決まります。数値は小数も正確です。",
            "An existing column takes results of its own kind only; a new one has the kind of its formula. Numbers are exact.",
        ),
        order: words(
            "入力の順です。新しい列は後ろに、書いた順で並びます。",
            "The order of the input. New columns follow in the order written.",
        ),
    },
    schema: schema_of::<Settings>,
    shape,
    lower,
    examples: &[
        Example {
            title: words(
                "引当数を決め、在庫から引く（下の式は上の結果を使う）",
                "Allocate, then subtract: a later formula sees the earlier result",
            ),
            inputs: &[(
                "受注と在庫",
                "
                | 商品コード: text | 受注数: number | 在庫数: number |
                | A                | 5              | 10             |
                | B                | 20             | 7.5            |
            ",
            )],
            step: "
command: data_edit
edits:
  - { field: 引当数, formula: \"MIN(受注数, 在庫数)\" }
  - { field: 在庫数, formula: 在庫数 - 引当数 }",
            output: "
                | 商品コード: text | 受注数: number | 在庫数: number | 引当数: number |
                | A                | 5              | 5              | 5              |
                | B                | 20             | 0              | 7.5            |
            ",
            kintone: None,
        },
        Example {
            title: words("エラーになる行を空にする", "Rows with an error become blank"),
            inputs: &[(
                "売上",
                "
                | 金額: number | 数量: number |
                | 100          | 8            |
                | 50           | 0            |
            ",
            )],
            step: "
command: data_edit
edits:
  - { field: 単価, formula: 金額 / 数量, on_error: blank }
  - { field: 印, formula: 'IF(金額 >= 100, \"大\", \"小\")' }",
            output: "
                | 金額: number | 数量: number | 単価: number | 印: text |
                | 100          | 8            | 12.5         | 大       |
                | 50           | 0            |              | 小       |
            ",
            kintone: None,
        },
    ],
};
