//! `remove_duplicates`: keeps one row per key.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Behaviour, Definition, Example, Reference, Role, Setting};
use crate::check::StepCheck;
use crate::located::{At, Located};
use crate::plan::{Distinct, NodeId, Op};
use crate::problem::{Problem, words};
use crate::settings::{not_empty, read_shape, schema_of};
use crate::sort_by::{SortBy, key_columns, sort_keys};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    keys: At<Vec<At<String>>>,
    #[serde(default)]
    order: Vec<SortBy>,
    #[serde(default)]
    keep: Keep,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Keep {
    #[default]
    First,
    Last,
}

fn shape(settings: &Located, problems: &mut Vec<Problem>) -> Vec<u64> {
    if let Some(settings) = read_shape::<Settings>(settings, problems) {
        not_empty(&settings.keys, "keys", &settings.keys, problems);
    }
    Vec::new()
}

fn lower(check: &mut StepCheck<'_>) -> Option<NodeId> {
    let settings: Settings = check.settings()?;
    let columns = check.columns(0);
    let keys = key_columns(check, &columns, &settings.keys, "keys");
    let order = sort_keys(check, &columns, &settings.order, "order");
    let last = settings.keep == Keep::Last;
    Some(check.node(Op::Distinct(Distinct { keys: keys?, order: order?, last }), columns))
}

/// `remove_duplicates`
pub(super) static DEFINITION: Definition = Definition {
    name: "remove_duplicates",
    version: 1,
    title: words("重複の削除", "Remove Duplicates"),
    role: Role::Middle,
    inputs: 1..=1,
    settings: &[
        Setting {
            name: "keys",
            form: "[name]",
            required: true,
            text: words(
                "重複を調べる列。すべて等しい行が重複です。",
                "Columns that make rows duplicates where all of them are equal.",
            ),
        },
        Setting {
            name: "order",
            form: "[name, { field: name, order: asc | desc, blanks: first | last }]",
            required: false,
            text: words(
                "どの行が最初・最後かを決める順序。省くと入力の順です。",
                "The order in which a row is the first or the last; the input's without it.",
            ),
        },
        Setting {
            name: "keep",
            form: "first | last",
            required: false,
            text: words(
                "その順序で最初の行を残すか（省いたとき）、最後の行か。",
                "Which stays in that order: the first (without it) or the last.",
            ),
        },
    ],
    shape,
    lower,
    reference: Reference {
    summary: words(
        "キーの値が同じ行のうち一行だけを残します。順序を決めれば、最新の行や最大の行を残せます。",
        "Keeps one of the rows with equal keys; with an order, the latest or the largest of them.",
    ),
    behaviour: Behaviour {
        blanks: words(
            "空のキーも一つの値です。空どうしは重複なので、一行だけ残ります。",
            "Blank is a key like any other: of the rows with blank keys one stays.",
        ),
        duplicates: words(
            "order が等しい行は、入力の順で並んでいるとみなします。",
            "Rows of equal order count as standing in the input's order.",
        ),
        empty_input: words("0 行のままです。", "It stays empty."),
        types: words(
            "数値は値で（1 と 1.0 は等しい）、文字列は一文字も違わないかで比べます。複数の選択肢・ユーザー・添付ファイル・テーブルはキーにできません。",
            "Numbers compare by value (1 equals 1.0), text exactly. Lists, users, files and tables cannot be keys.",
        ),
        order: words(
            "残った行は入力の順のままです（order の順にはなりません）。",
            "The rows that stay keep the input's order, whatever `order` is.",
        ),
    },
    schema: schema_of::<Settings>,
    examples: &[
        Example {
            title: words("商品ごとに最新の行を残す", "The latest row of each product"),
            inputs: &[(
                "価格",
                "
                | 商品: text | 改定日: date | 単価: number |
                | A          | 2026-04-01   | 100          |
                | B          | 2026-01-01   | 50           |
                | A          | 2026-10-01   | 120          |
                | A          |              | 90           |
                | B          | 2026-01-01   | 55           |
            ",
            )],
            step: "
command: remove_duplicates
keys: [商品]
order: [{ field: 改定日, order: desc }]",
            output: "
                | 商品: text | 改定日: date | 単価: number |
                | B          | 2026-01-01   | 50           |
                | A          | 2026-10-01   | 120          |
            ",
            kintone: None,
        },
        Example {
            title: words("入力の順で最後の行を残す。空も一つのキー", "The last row as they came; blank is a key"),
            inputs: &[(
                "入力",
                "
                | 社員: number | 部署: text | 備考: text |
                | 1            | 営業       | a          |
                | 1.0          | 営業       | b          |
                |              | 営業       | c          |
                |              | 営業       | d          |
                | 1            | 総務       | e          |
            ",
            )],
            step: "
command: remove_duplicates
keys: [社員, 部署]
keep: last",
            output: "
                | 社員: number | 部署: text | 備考: text |
                | 1            | 営業       | b          |
                |              | 営業       | d          |
                | 1            | 総務       | e          |
            ",
            kintone: None,
        },
        Example {
            title: words("二つの順序で最大の行", "The largest by two orders"),
            inputs: &[(
                "成績",
                "
                | 支店: text | 担当: text | 点: number | 日: date   |
                | 東         | 佐藤       | 80         | 2026-11-01 |
                | 東         | 鈴木       | 80         | 2026-11-03 |
                | 西         | 高橋       |            | 2026-11-02 |
            ",
            )],
            step: "
command: remove_duplicates
keys: [支店]
order: [{ field: 点, order: desc }, { field: 日, order: desc }]",
            output: "
                | 支店: text | 担当: text | 点: number | 日: date   |
                | 東         | 鈴木       | 80         | 2026-11-03 |
                | 西         | 高橋       |            | 2026-11-02 |
            ",
            kintone: None,
        },
        Example {
            title: words("0 行の入力", "An input without rows"),
            inputs: &[(
                "入力",
                "
                | 社員: number |
            ",
            )],
            step: "
command: remove_duplicates
keys: [社員]",
            output: "
                | 社員: number |
            ",
            kintone: None,
        },
    ],
    }
    .kept(),
};
