//! `call_unit`: asks for a run of another unit when this run has succeeded.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Behaviour, Definition, Example, Kintone, Reference, Role, Setting};
use crate::check::StepCheck;
use crate::located::{At, Located};
use crate::plan::{Call, NodeId, Op};
use crate::problem::{Problem, words};
use crate::settings::{read_shape, schema_of};
use model::field::Kind;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    unit: At<String>,
    #[serde(default)]
    parameters: Option<At<IndexMap<At<String>, At<String>>>>,
    #[serde(default)]
    when_empty: bool,
}

fn shape(settings: &Located, problems: &mut Vec<Problem>) -> Vec<u64> {
    let Some(settings) = read_shape::<Settings>(settings, problems) else { return Vec::new() };
    if settings.unit.value.trim().is_empty() {
        problems.push(
            Problem::new(
                "no_unit",
                "「unit」に、呼び出す実行単位の ID か名前を書いてください。",
                "Write the id or the name of the unit to call as \"unit\".",
            )
            .in_setting("unit")
            .at(settings.unit.position),
        );
    }
    if let Some(parameters) = settings.parameters.as_ref().filter(|p| p.value.is_empty()) {
        problems.push(
            Problem::new(
                "empty_list",
                "「parameters」が空です。行を渡さずに一度だけ呼び出すなら、消してください。",
                "\"parameters\" is empty; remove it to call the unit once, without rows.",
            )
            .in_setting("parameters")
            .at(parameters.position),
        );
    }
    Vec::new()
}

fn lower(check: &mut StepCheck<'_>) -> Option<NodeId> {
    let settings: Settings = check.settings()?;
    let columns = check.columns(0);
    let before = check.problem_count();
    let mut parameters = Vec::new();
    for (name, of) in settings.parameters.iter().flat_map(|p| &p.value) {
        let setting = format!("parameters: {}", name.value);
        let Some(column) = check.column(&columns, of, &setting, of.position) else { continue };
        if matches!(columns[column].kind, Kind::Rows | Kind::Files) {
            check.problem(
                Problem::new(
                    "parameter_kind",
                    format!("列「{}」はテーブルか添付ファイルなので、パラメータとして渡せません。", of.value),
                    format!(
                        "The column \"{}\" holds tables or files, which cannot be passed as a parameter.",
                        of.value
                    ),
                )
                .in_setting(setting)
                .at(of.position),
            );
            continue;
        }
        parameters.push((name.value.clone(), column));
    }
    if check.problem_count() > before {
        return None;
    }
    let record =
        ["レコード番号", "Record_number", "$id"].iter().find_map(|n| columns.iter().position(|c| c.name == *n));
    let record = record.filter(|_| !parameters.is_empty());
    let call = Call { unit: settings.unit.value, parameters, record, when_empty: settings.when_empty };
    Some(check.node(Op::Call(call), columns))
}

/// `call_unit`
pub(super) static DEFINITION: Definition = Definition {
    name: "call_unit",
    version: 1,
    title: words("実行単位の呼び出し", "Call Unit"),
    role: Role::Output,
    inputs: 1..=1,
    settings: &[
        Setting {
            name: "unit",
            form: "id | name",
            required: true,
            text: words("呼び出す実行単位の ID か名前。", "Id or name of the unit to call."),
        },
        Setting {
            name: "parameters",
            form: "{ parameter: column }",
            required: false,
            text: words(
                "渡すパラメータと列。行がそのまま、まとめて起動したレコード（100件まで）になります。省くと、行を渡さずに一度だけ呼び出します。",
                "Parameters and the columns that they get. The rows become the records of one call, as of a sheet call (at most 100). Without it, the unit is called once, without rows.",
            ),
        },
        Setting {
            name: "when_empty",
            form: "true | false",
            required: false,
            text: words(
                "0 行でも（行を渡さずに）呼び出すか。既定は false です。",
                "Whether it is called also where there is no row (then without rows); false by default.",
            ),
        },
    ],
    shape,
    lower,
    reference: Reference {
    summary: words(
        "この実行がすべて成功したあとで、同じドメインのほかの実行単位の実行を要求します。",
        "Asks for a run of another unit of the same domain when this run has succeeded as a whole.",
    ),
    behaviour: Behaviour {
        blanks: words("空の値は、空のパラメータとして渡します。", "A blank is passed as a blank parameter."),
        duplicates: words("同じ行もそれぞれ渡します。", "Equal rows are passed each for itself."),
        empty_input: words(
            "0 行なら呼び出しません。when_empty なら一度だけ呼び出します。",
            "Without rows there is no call; with when_empty there is one.",
        ),
        types: words(
            "テーブルと添付ファイルは渡せません。相手のフローが使うパラメータが足りなければ、何も書かずにエラーになります。呼び出しの連鎖は 5 回までです。",
            "Tables and files cannot be passed. Where the other unit's flows name parameters that are not passed, the flow fails before it writes. A chain of calls is at most five long.",
        ),
        order: words("行の順に渡します。", "Rows are passed in their order."),
    },
    schema: schema_of::<Settings>,
    examples: &[
        Example {
            title: words(
                "行をパラメータにして呼び出す（次の行が、まとめて起動したレコードになる）",
                "Call with the rows as parameters: these rows become the records of the call",
            ),
            inputs: &[(
                "出荷",
                "
                | 受注番号: text | 数量: number |
                | A-1            | 3            |
                | A-2            |              |
            ",
            )],
            step: "
command: call_unit
unit: 請求書作成
parameters: { 番号: 受注番号, 個数: 数量 }",
            output: "
                | 番号: text | 個数: number |
                | A-1        | 3            |
                | A-2        |              |
            ",
            kintone: Some(Kintone::Call(true)),
        },
        Example {
            title: words("行を渡さずに一度だけ呼び出す", "Call once, without rows"),
            inputs: &[("在庫", "| 商品: text |\n| A |\n| B |")],
            step: "
command: call_unit
unit: 在庫集計",
            output: "",
            kintone: Some(Kintone::Call(true)),
        },
        Example {
            title: words("0 行なら呼び出さない", "No row, no call"),
            inputs: &[("出荷", "| 受注番号: text |")],
            step: "
command: call_unit
unit: 請求書作成
parameters: { 受注番号: 受注番号 }",
            output: "",
            kintone: Some(Kintone::Call(false)),
        },
        Example {
            title: words("0 行でも呼び出す（行は渡さない）", "Call also where there is no row (and pass none)"),
            inputs: &[("出荷", "| 受注番号: text |")],
            step: "
command: call_unit
unit: 在庫集計
parameters: { 受注番号: 受注番号 }
when_empty: true",
            output: "",
            kintone: Some(Kintone::Call(true)),
        },
    ],
    }
    .kept(),
};
