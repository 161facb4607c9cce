//! `select_fields`: chooses, renames and reorders columns.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Behaviour, Definition, Example, Reference, Role, Setting};
use crate::check::StepCheck;
use crate::located::{At, Located};
use crate::plan::{NodeId, Op};
use crate::problem::{Problem, words};
use crate::settings::{Choice, not_empty, read_shape, schema_of};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    fields: At<Vec<Choice>>,
}

fn shape(settings: &Located, problems: &mut Vec<Problem>) -> Vec<u64> {
    if let Some(settings) = read_shape::<Settings>(settings, problems) {
        not_empty(&settings.fields, "fields", &settings.fields, problems);
    }
    Vec::new()
}

fn lower(check: &mut StepCheck<'_>) -> Option<NodeId> {
    let settings: Settings = check.settings()?;
    let input = check.columns(0);
    let before = check.problem_count();
    let (mut indices, mut columns) = (Vec::new(), Vec::new());
    for choice in &settings.fields.value {
        if let Some(i) = check.column(&input, &choice.field, "fields", choice.field.position) {
            indices.push(i);
            columns.push(input[i].named(choice.name()));
        }
    }
    check.unique_names(&columns, "fields");
    (check.problem_count() == before).then(|| check.node(Op::Select(indices), columns))
}

/// `select_fields`
pub(super) static DEFINITION: Definition = Definition {
    name: "select_fields",
    version: 1,
    title: words("フィールド選択", "Select Fields"),
    role: Role::Middle,
    inputs: 1..=1,
    settings: &[Setting {
        name: "fields",
        form: "[name, { field: name, as: name }]",
        required: true,
        text: words(
            "残す列とその順。`as` で名前を変えます。同じ列を別の名前で二度選べます。",
            "Columns that stay, in order; `as` renames. One column can be chosen twice under two names.",
        ),
    }],
    shape,
    lower,
    reference: Reference {
        summary: words("列を選び、名前を変え、並べ替えます。", "Chooses, renames and reorders columns."),
        behaviour: Behaviour {
            blanks: words("空は空のままです。", "Blanks stay blank."),
            duplicates: words(
                "行は変わりません。同じになった行もまとめません。",
                "Rows stay as they are; rows that have become equal are not merged.",
            ),
            empty_input: words("0 行なら 0 行です。", "No row in, no row out."),
            types: words("値と型は変わりません。", "Values and kinds stay as they are."),
            order: words("行は入力の順、列は書いた順です。", "Rows in the order of the input, columns as written."),
        },
        schema: schema_of::<Settings>,
        examples: &[
            Example {
                title: words("選ぶ、名前を変える、並べ替える", "Choose, rename, reorder"),
                inputs: &[(
                    "在庫",
                    "
            | 商品コード: text | 在庫数: number | 倉庫: text | 印: texts  |
            | A                | 10             | 東京       | 特価; 新着 |
            | A                | 10             |            |            |
        ",
                )],
                step: "
command: select_fields
fields:
  - 印
  - { field: 在庫数, as: 数 }
  - 商品コード
  - { field: 在庫数, as: 元の数 }",
                output: "
            | 印: texts  | 数: number | 商品コード: text | 元の数: number |
            | 特価; 新着 | 10         | A                | 10             |
            |            | 10         | A                | 10             |
        ",
                kintone: None,
            },
            Example {
                title: words(
                    "使わない列を除く。同じになった行はまとめない",
                    "Leave columns out; rows that have become equal stay",
                ),
                inputs: &[(
                    "出荷",
                    "
            | 出荷番号: text | 商品コード: text | 数量: number |
            | S-1            | A                | 3            |
            | S-2            | A                | 3            |
            | S-3            |                  |              |
        ",
                )],
                step: "
command: select_fields
fields: [商品コード, 数量]",
                output: "
            | 商品コード: text | 数量: number |
            | A                | 3            |
            | A                | 3            |
            |                  |              |
        ",
                kintone: None,
            },
            Example {
                title: words("二つの列の名前を入れ替える", "Exchange the names of two columns"),
                inputs: &[(
                    "移動",
                    "
            | 元: text | 先: text |
            | 東京     | 大阪     |
        ",
                )],
                step: "
command: select_fields
fields:
  - { field: 元, as: 先 }
  - { field: 先, as: 元 }",
                output: "
            | 先: text | 元: text |
            | 東京     | 大阪     |
        ",
                kintone: None,
            },
        ],
    }
    .kept(),
};
