//! `add_constant`: adds columns that hold the same value in every row.

use schemars::JsonSchema;
use serde::Deserialize;

use model::field::Kind;
use model::value::Value;

use super::constant::{constant, quoted};
use super::{Behaviour, Definition, Example, Reference, Role, Setting};
use crate::check::StepCheck;
use crate::conditions::operand;
use crate::field_types::TypeName;
use crate::literal;
use crate::located::{At, Located, OneOrMany};
use crate::plan::{Assign, Column, NodeId, OnError, Op, Operand, Retype, UnknownOption};
use crate::problem::{Problem, words};
use crate::settings::{not_empty, read_shape, schema_of};

/// Between the items of a list on its way through a text: no item of a kintone list holds a line break.
const BREAK: &str = "\n";

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    fields: At<Vec<Constant>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Constant {
    field: At<String>,
    #[serde(rename = "type")]
    of: TypeName,
    value: OneOrMany,
}

fn shape(settings: &Located, problems: &mut Vec<Problem>) -> Vec<u64> {
    if let Some(settings) = read_shape::<Settings>(settings, problems) {
        not_empty(&settings.fields, "fields", &settings.fields, problems);
    }
    Vec::new()
}

/// Every constant is a formula; those that are no text or number are written as text first and then turned into their type.
fn lower(check: &mut StepCheck<'_>) -> Option<NodeId> {
    let settings: Settings = check.settings()?;
    let before = check.problem_count();
    let mut columns = check.columns(0);
    let (mut computed, mut assigns, mut retypes) = (columns.clone(), Vec::new(), Vec::new());
    for written in &settings.fields.value {
        let setting = format!("fields: {}", written.field.value);
        let (column, kind) = (columns.len(), written.of.kind());
        columns.push(Column::new(&written.field.value, kind));
        let Some((text, yields)) = formula_of(check, written, &setting) else { continue };
        computed.push(Column::new(&written.field.value, yields));
        let formula = At { value: text, position: written.field.position };
        if let Some(expr) = check.formula(&formula, &[], &setting) {
            assigns.push(Assign { column, expr, on_error: OnError::Fail });
        }
        if yields != kind {
            retypes.push(Retype {
                column,
                field: written.of.field(&written.field.value),
                record_number: false,
                separator: BREAK.to_owned(),
                unknown: UnknownOption::ByType,
            });
        }
    }
    check.unique_names(&columns, "fields");
    if check.problem_count() > before {
        return None;
    }
    let node = check.node(Op::Compute(assigns), computed);
    if retypes.is_empty() {
        return Some(node);
    }
    Some(check.node_over(vec![node], Op::Retype(retypes), columns))
}

/// The formula of a constant, and the kind that it yields.
fn formula_of(check: &mut StepCheck<'_>, written: &Constant, setting: &str) -> Option<(String, Kind)> {
    let kind = written.of.kind();
    if let [one] = &written.value.0[..]
        && let Operand::Parameter(name) = operand(one)
    {
        return Some((format!("TEXTJOIN(CHAR(10),TRUE,%{name}%)"), Kind::Text));
    }
    // `%%x%` is the text `%x%`, as in conditions.
    let plain = |text: &At<String>| match operand(text) {
        Operand::Literal(value) => At { value, position: text.position },
        _ => text.clone(),
    };
    let texts: Vec<At<String>> = written.value.0.iter().map(plain).collect();
    Some(match constant(check, kind, &texts, written.field.position, setting)? {
        Value::Number(number) => (number.to_string(), Kind::Number),
        Value::Texts(items) => (quoted(&items.join(BREAK)), Kind::Text),
        Value::Entities(items) => {
            (quoted(&items.iter().map(|e| e.code.as_str()).collect::<Vec<_>>().join(BREAK)), Kind::Text)
        }
        simple => (quoted(&literal::print(&simple).unwrap_or_default()), Kind::Text),
    })
}

/// `add_constant`
pub(super) static DEFINITION: Definition = Definition {
    name: "add_constant",
    version: 1,
    title: words("定数の追加", "Add Constant"),
    role: Role::Middle,
    inputs: 1..=1,
    settings: &[Setting {
        name: "fields",
        form: "[{ field: name, type: type, value: text | [text] | \"%code%\" }]",
        required: true,
        text: words(
            "新しい列の名前、タイプ（set_field_type の `to` と同じ名前）、値。複数の値やユーザー（コード）は並べて書きます。`%フィールドコード%` は起動したレコードの値です（`%` で始まり終わる文字列そのものは `%%…%`）。小数は引用符で囲みます。",
            "Name of the new column, its type (the names of set_field_type's `to`) and its value. Several choices or users (by code) are written as a list. `%code%` is a value of the record that started the run (write `%%…%` for such a text itself). Quote decimals.",
        ),
    }],
    shape,
    lower,
    reference: Reference {
    summary: words(
        "どの行にも同じ値が入る列を加えます。",
        "Adds columns that hold the same value in every row.",
    ),
    behaviour: Behaviour {
        blanks: words(
            "値が `\"\"` か `[]` なら、空の列になります。パラメータの値が空でも同じです。",
            "`\"\"` or `[]` makes a column of blanks; so does a parameter whose value is blank.",
        ),
        duplicates: words("同じ行もそのままです。", "Equal rows stay as they are."),
        empty_input: words("0 行なら 0 行で、列は加わります。", "No row in, no row out; the columns are there."),
        types: words(
            "タイプに合わない値は、保存するときにエラーになります。パラメータの値がタイプに変えられないときは、空にして数えます。ラジオボタンなどの選択肢は書き込むときに確かめます。",
            "A value that does not fit its type is a problem when the flow is checked. A parameter's value that does not convert becomes blank and is counted. Options of choices are checked on writing.",
        ),
        order: words("入力の順です。列は後ろに、書いた順で加わります。", "The order of the input; columns are added behind, in the order written."),
    },
    schema: schema_of::<Settings>,
    examples: &[
        Example {
            title: words("いろいろなタイプの定数", "Constants of several types"),
            inputs: &[(
                "受注",
                "
                | 番号: text |
                | A-1        |
                | A-2        |
            ",
            )],
            step: "
command: add_constant
fields:
  - { field: 区分, type: drop_down, value: 新規 }
  - { field: 税率, type: number, value: \"0.10\" }
  - { field: 開始日, type: date, value: 2026-04-01 }
  - { field: 締切, type: datetime, value: \"2026-04-01T00:00:00Z\" }
  - { field: 印, type: check_box, value: [特価, 新着] }
  - { field: 担当, type: user_select, value: sato }",
            output: "
                | 番号: text | 区分: text | 税率: number | 開始日: date | 締切: datetime       | 印: texts  | 担当: entities |
                | A-1        | 新規       | 0.1          | 2026-04-01   | 2026-04-01T00:00:00Z | 特価; 新着 | sato           |
                | A-2        | 新規       | 0.1          | 2026-04-01   | 2026-04-01T00:00:00Z | 特価; 新着 | sato           |
            ",
            kintone: None,
        },
        Example {
            title: words("空の列、引用符やパーセントのある文字列", "Columns of blanks; quotes and percent signs in texts"),
            inputs: &[("受注", "| 番号: text |\n| A-1        |")],
            step: "
command: add_constant
fields:
  - { field: 備考, type: multi_line_text, value: \"\" }
  - { field: 担当, type: user_select, value: [] }
  - { field: 印, type: text, value: '%%x%' }
  - { field: 単位, type: text, value: '\"個\"' }",
            output: "
                | 番号: text | 備考: text | 担当: entities | 印: text | 単位: text |
                | A-1        |            |                | %x%      | \"個\"     |
            ",
            kintone: None,
        },
        Example {
            title: words("0 行の入力", "No rows"),
            inputs: &[("受注", "| 番号: text |")],
            step: "
command: add_constant
fields: [{ field: 税率, type: number, value: 10 }]",
            output: "| 番号: text | 税率: number |",
            kintone: None,
        },
    ],
    }
    .kept(),
};
