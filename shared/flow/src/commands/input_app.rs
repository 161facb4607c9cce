//! `input_app`: reads the records of a kintone app.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Behaviour, Definition, Example, Kintone, Reference, Role, Setting};
use crate::check::StepCheck;
use crate::conditions::{Condition, Match, check_kintone};
use crate::located::{At, Located};
use crate::plan::{Column, Conditions, NodeId, Op, Read, Test};
use crate::problem::{Problem, words};
use crate::settings::{Choice, read_shape, schema_of};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    app: At<u64>,
    #[serde(default)]
    fields: Option<Vec<Choice>>,
    #[serde(default)]
    conditions: Vec<Condition>,
    #[serde(default, rename = "match")]
    matching: Match,
}

fn shape(settings: &Located, problems: &mut Vec<Problem>) -> Vec<u64> {
    let Some(settings) = read_shape::<Settings>(settings, problems) else { return Vec::new() };
    settings.conditions.iter().for_each(|c| c.shape(problems));
    if let Some(fields) = &settings.fields {
        crate::settings::not_empty(fields, "fields", &settings.app, problems);
    }
    vec![settings.app.value]
}

fn lower(check: &mut StepCheck<'_>) -> Option<NodeId> {
    let settings: Settings = check.settings()?;
    let app = check.app(&settings.app)?;
    let before = check.problem_count();
    let (mut columns, mut fields) = (Vec::new(), Vec::new());
    match &settings.fields {
        Some(choices) => {
            for choice in choices {
                let Some(field) = check.field(app, &choice.field, "fields") else { continue };
                match Column::of_field(field) {
                    Some(column) => {
                        fields.push(field.code.clone());
                        columns.push(column.named(choice.name()));
                    }
                    None => check.problem(
                        Problem::new(
                            "no_values",
                            format!("フィールド「{}」は値を持たないので読めません。", field.code),
                            format!("The field \"{}\" holds no value of a record and cannot be read.", field.code),
                        )
                        .in_setting("fields")
                        .at(choice.field.position),
                    ),
                }
            }
            check.unique_names(&columns, "fields");
        }
        None => {
            for field in app.fields.iter().filter(|f| f.field_type != model::field::FieldType::Revision) {
                if let Some(column) = Column::of_field(field) {
                    fields.push(field.code.clone());
                    columns.push(column);
                }
            }
        }
    }
    let tests: Vec<Test> = settings.conditions.iter().filter_map(|c| check_kintone(check, app, c)).collect();
    let conditions = (!tests.is_empty()).then_some(Conditions { any: settings.matching == Match::Any, tests });
    (check.problem_count() == before).then(|| check.node(Op::Read(Read { app: app.app, fields, conditions }), columns))
}

/// `input_app`
pub(super) static DEFINITION: Definition = Definition {
    name: "input_app",
    version: 1,
    title: words("入力アプリ", "Input App"),
    role: Role::Input,
    inputs: 0..=0,
    settings: &[
        Setting { name: "app", form: "12", required: true, text: words("アプリの番号。", "Number of the app.") },
        Setting {
            name: "fields",
            form: "[code, { field: code, as: name }]",
            required: false,
            text: words(
                "読むフィールドとその順。`as` で名前を変えられます。省くと全部です。後のステップが使わないフィールドは、書いてあっても読みません。",
                "Fields to read, in order; `as` renames. Without it, all. Fields that no later step uses are not fetched even if named.",
            ),
        },
        Setting {
            name: "conditions",
            form: "[{ field: code, operator: \"=\", value: text }]",
            required: false,
            text: words(
                "kintone の一覧と同じ条件。値には `%フィールドコード%`（起動したレコードの値）や `TODAY()` などの kintone の関数も書けます。`in` の値は並びで書きます。`%…%` という文字そのものは先頭の % を二つにします。",
                "Conditions as in a kintone list. A value may be `%code%` (of the record that started the run) or a function of kintone's such as `TODAY()`; `in` takes a list. For a text that really looks like `%…%`, double the first sign.",
            ),
        },
        Setting {
            name: "match",
            form: "all | any",
            required: false,
            text: words(
                "条件をすべて満たすもの（all）か、どれかを満たすもの（any）か。既定は all。",
                "Whether all conditions must hold or any one; all by default.",
            ),
        },
    ],
    shape,
    lower,
    reference: Reference {
    summary: words(
        "kintone のアプリからレコードを読みます。条件は kintone に渡すので、当てはまるレコードだけが届きます。",
        "Reads records of a kintone app. The conditions are kintone's, so only records that meet them travel.",
    ),
    behaviour: Behaviour {
        blanks: words(
            "`is empty` は空のフィールドに当てはまります。パラメータの値が空なら、`=` は空のフィールドに、`<` などの大小比較はどのレコードにも当てはまりません。",
            "`is empty` finds blank fields. Where a parameter is blank, `=` finds blank fields, and comparisons such as `<` find nothing.",
        ),
        duplicates: words("同じ内容のレコードもそのまま読みます。", "Equal records are all read."),
        empty_input: words(
            "当てはまるレコードがなければ 0 行です。読めないアプリと権限のないアプリは 0 行ではなくエラーです。",
            "No matching record means no row. An app that cannot be read, or may not be, is an error and never an empty input.",
        ),
        types: words(
            "フィールドの値はその型のまま届きます。レコード番号は文字列（アプリコード付きのことがある）、`$id` は数値です。今日などの日付の関数は、接続ユーザーのタイムゾーンで kintone が計算します。",
            "Values keep their type. The record number is text (it may carry the app's code), `$id` is a number. Date functions are computed by kintone in the time zone of the connection's user.",
        ),
        order: words("`$id` の小さい順です。", "By `$id`, ascending."),
    },
    schema: schema_of::<Settings>,
    examples: &[
        Example {
            title: words("フィールドを選び、名前を変える", "Choose and rename fields"),
            inputs: &[(
                "在庫",
                "
                | $id: number | 商品コード: text unique | 在庫数: number | 倉庫: text |
                | 1           | A-1                     | 10             | 東京       |
                | 2           | B-2                     |                | 大阪       |
            ",
            )],
            step: "
command: input_app
app: 11
fields:
  - 商品コード
  - { field: 在庫数, as: 現在庫 }",
            output: "
                | 商品コード: text | 現在庫: number |
                | A-1              | 10             |
                | B-2              |                |
            ",
            kintone: None,
        },
        Example {
            title: words(
                "fields を省いてすべて読む（テーブルも、複数の値もそのまま）",
                "Read all fields: tables and lists arrive as they are",
            ),
            inputs: &[(
                "受注",
                "
                | 受注番号: text unique | 分類: texts | 明細: rows(品目: text, 数: number) |
                | J-1                   | 食品; 冷蔵  | #7 りんご, 3; #8 みかん,           |
                |                       |             |                                    |
            ",
            )],
            step: "
command: input_app
app: 11",
            output: "
                | 受注番号: text | 分類: texts | 明細: rows(品目: text, 数: number) |
                | J-1            | 食品; 冷蔵  | #7 りんご, 3; #8 みかん,           |
                |                |             |                                    |
            ",
            kintone: None,
        },
        Example {
            title: words(
                "レコードのないアプリは 0 行。同じフィールドを別の名前で二度読む",
                "An app without records yields no row; a field read twice under two names",
            ),
            inputs: &[("在庫", "| 商品コード: text unique | 在庫数: number |")],
            step: "
command: input_app
app: 11
fields: [在庫数, { field: 在庫数, as: 元の数 }, 商品コード]",
            output: "| 在庫数: number | 元の数: number | 商品コード: text |",
            kintone: None,
        },
        Example {
            title: words("起動したレコードだけを読む", "Read only the record that started the run"),
            inputs: &[(
                "受注",
                "
                | レコード番号: text | 商品コード: text | 受注数: number | 状況: text |
            ",
            )],
            step: "
command: input_app
app: 11
conditions:
  - { field: レコード番号, operator: \"=\", value: \"%レコード番号%\" }
  - { field: 受注数, operator: \">\", value: 0 }
  - { field: 状況, operator: in, value: [受付, \"\"] }",
            output: "
                | レコード番号: text | 商品コード: text | 受注数: number | 状況: text |
            ",
            kintone: Some(Kintone::Query("レコード番号 = \"1\" and 受注数 > \"0\" and 状況 in (\"受付\", \"\")")),
        },
    ],
    }
    .kept(),
};
