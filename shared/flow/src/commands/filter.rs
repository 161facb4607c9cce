//! `filter`: keeps the rows that meet conditions or a formula.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Behaviour, Definition, Example, Reference, Role, Setting};
use crate::check::{StepCheck, formula_shape};
use crate::conditions::{Condition, Match, check_here};
use crate::located::{At, Located};
use crate::plan::{Conditions, NodeId, Op, Predicate, Test};
use crate::problem::{Problem, words};
use crate::settings::{read_shape, schema_of};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    #[serde(default)]
    conditions: Vec<Condition>,
    #[serde(default, rename = "match")]
    matching: Match,
    #[serde(default)]
    formula: Option<At<String>>,
}

fn shape(settings: &Located, problems: &mut Vec<Problem>) -> Vec<u64> {
    let position = settings.position;
    let matching = settings.entries().unwrap_or_default().iter().find(|(key, _)| key.text() == Some("match"));
    let matching = matching.map(|(key, _)| key.position);
    let Some(settings) = read_shape::<Settings>(settings, problems) else { return Vec::new() };
    settings.conditions.iter().for_each(|c| c.shape(problems));
    if settings.conditions.is_empty() == settings.formula.is_none() {
        problems.push(
            Problem::new(
                "conditions_or_formula",
                "「conditions」か「formula」のどちらか一つを書いてください。",
                "Write either \"conditions\" or \"formula\", and only one of them.",
            )
            .at(settings.formula.as_ref().map_or(position, |f| f.position)),
        );
    }
    if let Some(formula) = &settings.formula {
        formula_shape(formula, "formula", problems);
        if let Some(position) = matching {
            problems.push(
                Problem::new(
                    "needless_key",
                    "「match」は「conditions」のための設定です。式では AND() や OR() を使ってください。",
                    "\"match\" belongs to \"conditions\"; in a formula write AND() or OR().",
                )
                .in_setting("match")
                .at(position),
            );
        }
    }
    Vec::new()
}

fn lower(check: &mut StepCheck<'_>) -> Option<NodeId> {
    let settings: Settings = check.settings()?;
    let columns = check.columns(0);
    let predicate = match &settings.formula {
        Some(formula) => Predicate::Formula(check.formula(formula, &columns, "formula")?),
        None => {
            let before = check.problem_count();
            let tests: Vec<Test> =
                settings.conditions.iter().filter_map(|c| check_here(check, &columns, c, &c.setting())).collect();
            if check.problem_count() > before {
                return None;
            }
            Predicate::Conditions(Conditions { any: settings.matching == Match::Any, tests })
        }
    };
    Some(check.node(Op::Filter(predicate), columns))
}

/// `filter`
pub(super) static DEFINITION: Definition = Definition {
    name: "filter",
    version: 1,
    title: words("フィルタ", "Filter"),
    role: Role::Middle,
    inputs: 1..=1,
    settings: &[
        Setting {
            name: "conditions",
            form: "[{ field: name, operator: \"=\", value: text }]",
            required: false,
            text: words(
                "条件の並び。値には `%フィールドコード%` も書けます。`like` は「含む」です（大文字小文字と全角半角を区別します）。",
                "Conditions. A value may be `%code%`. `like` means \"contains\", exact in case and width.",
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
        Setting {
            name: "formula",
            form: "formula",
            required: false,
            text: words(
                "条件の代わりに書く式。TRUE、0 でない数、空でない文字列になる行を残します。",
                "Instead of conditions. A row stays where it yields TRUE, a number other than 0, or a text that is not blank.",
            ),
        },
    ],
    shape,
    lower,
    reference: Reference {
    summary: words(
        "条件か式に当てはまる行だけを残します。入力アプリのすぐ後ろの条件は、意味が同じになる範囲で kintone にも渡します。",
        "Keeps the rows that meet conditions or a formula. Directly behind an Input App, conditions are also given to kintone as far as they mean the same there.",
    ),
    behaviour: Behaviour {
        blanks: words(
            "空は `is empty` と `= \"\"` に当てはまり、大小比較には当てはまりません。`!=` と `not in` は空の行も残します。式の結果が空の行は落とします。",
            "A blank meets `is empty` and `= \"\"`, and no comparison of size. `!=` and `not in` keep blanks. A formula that yields blank drops the row.",
        ),
        duplicates: words("同じ行もそれぞれ判定します。", "Equal rows are judged each for itself."),
        empty_input: words("0 行なら 0 行です。", "No row in, no row out."),
        types: words(
            "数値・日付・時刻・日時は値で、文字列は一文字も違わないかで比べます。式がエラーになる行は落とします。",
            "Numbers, dates, times and datetimes compare by value, text exactly. A row whose formula is an error is dropped.",
        ),
        order: words("入力の順です。", "The order of the input."),
    },
    schema: schema_of::<Settings>,
    examples: &[
        Example {
            title: words("条件をすべて満たす行", "Rows that meet all conditions"),
            inputs: &[(
                "受注",
                "
                | 商品コード: text | 受注数: number | 日付: date |
                | A                | 5              | 2026-11-20 |
                | A                | 10             | 2026-11-21 |
                | B                | 10             | 2026-11-21 |
                |                  |                | 2026-11-22 |
            ",
            )],
            step: "
command: filter
conditions:
  - { field: 商品コード, operator: in, value: [A, C] }
  - { field: 受注数, operator: \">=\", value: \"5.00\" }
  - { field: 日付, operator: \">\", value: 2026-11-20 }",
            output: "
                | 商品コード: text | 受注数: number | 日付: date |
                | A                | 10             | 2026-11-21 |
            ",
            kintone: None,
        },
        Example {
            title: words("どれかを満たす行と、空の扱い", "Rows that meet any condition, and blanks"),
            inputs: &[(
                "受注",
                "
                | 商品コード: text | 受注数: number |
                | A-1              | 5              |
                | A-2              |                |
                | B-1              | 0              |
                |                  | 7              |
            ",
            )],
            step: "
command: filter
match: any
conditions:
  - { field: 受注数, operator: is empty }
  - { field: 商品コード, operator: like, value: B- }
  - { field: 商品コード, operator: \"=\", value: \"\" }",
            output: "
                | 商品コード: text | 受注数: number |
                | A-2              |                |
                | B-1              | 0              |
                |                  | 7              |
            ",
            kintone: None,
        },
        Example {
            title: words("「でない」は空の行も残す", "\"Not\" keeps blanks"),
            inputs: &[(
                "受注",
                "
                | 商品コード: text | 受注数: number |
                | A                | 5              |
                | B                |                |
                |                  | 7              |
            ",
            )],
            step: "
command: filter
conditions:
  - { field: 商品コード, operator: not in, value: [A] }
  - { field: 受注数, operator: \"!=\", value: 7 }",
            output: "
                | 商品コード: text | 受注数: number |
                | B                |                |
            ",
            kintone: None,
        },
        Example {
            title: words("式で選ぶ", "By a formula"),
            inputs: &[(
                "在庫",
                "
                | 商品コード: text | 在庫数: number | 引当済: number |
                | A                | 10             | 10             |
                | B                | 10             | 4              |
                | C                |                |                |
            ",
            )],
            step: "
command: filter
formula: 在庫数 - 引当済 > 0",
            output: "
                | 商品コード: text | 在庫数: number | 引当済: number |
                | B                | 10             | 4              |
            ",
            kintone: None,
        },
    ],
    }
    .kept(),
};
