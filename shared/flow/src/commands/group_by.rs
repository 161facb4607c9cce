//! `group_by`: one row per distinct key, with aggregates.

use schemars::JsonSchema;
use serde::Deserialize;

use super::aggregates::AggregateSetting;
use super::{Behaviour, Definition, Example, Reference, Role, Setting};
use crate::check::StepCheck;
use crate::kinds::{is_scalar, kind_words};
use crate::located::Located;
use crate::plan::{Group, NodeId, Op};
use crate::problem::{Problem, words};
use crate::settings::{Choice, read_shape, schema_of};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    #[serde(default)]
    keys: Vec<Choice>,
    #[serde(default)]
    aggregates: Vec<AggregateSetting>,
}

fn shape(settings: &Located, problems: &mut Vec<Problem>) -> Vec<u64> {
    let place = settings.position;
    let Some(settings) = read_shape::<Settings>(settings, problems) else { return Vec::new() };
    if settings.keys.is_empty() && settings.aggregates.is_empty() {
        problems.push(
            Problem::new(
                "empty_list",
                "「keys」か「aggregates」を書いてください。",
                "Write \"keys\" or \"aggregates\".",
            )
            .at(place),
        );
    }
    for aggregate in &settings.aggregates {
        aggregate.shape("aggregates", problems);
        if aggregate.field.is_none() && aggregate.name.is_none() {
            problems.push(
                Problem::new(
                    "missing_key",
                    "結果の列の名前（as）がありません。",
                    "The name of the result (\"as\") is missing.",
                )
                .in_setting("aggregates")
                .at(aggregate.function.position),
            );
        }
    }
    Vec::new()
}

fn lower(check: &mut StepCheck<'_>) -> Option<NodeId> {
    let settings: Settings = check.settings()?;
    let input = check.columns(0);
    let before = check.problem_count();
    let (mut keys, mut columns, mut aggregates) = (Vec::new(), Vec::new(), Vec::new());
    for choice in &settings.keys {
        let Some(i) = check.column(&input, &choice.field, "keys", choice.field.position) else { continue };
        if !is_scalar(input[i].kind) {
            let kind = kind_words(input[i].kind);
            check.problem(
                Problem::new(
                    "key_kind",
                    format!("「{}」は{}なのでグループのキーにできません。", input[i].name, kind.ja),
                    format!("\"{}\" is of kind {} and cannot be a key.", input[i].name, kind.en),
                )
                .in_setting("keys")
                .at(choice.field.position),
            );
        }
        keys.push(i);
        columns.push(input[i].named(choice.name()));
    }
    for setting in &settings.aggregates {
        if let Some((aggregate, column)) = setting.lower(check, &input, "aggregates") {
            aggregates.push(aggregate);
            columns.push(column);
        }
    }
    check.unique_names(&columns, "aggregates");
    (check.problem_count() == before).then(|| check.node(Op::Group(Group { keys, aggregates }), columns))
}

/// `group_by`
pub(super) static DEFINITION: Definition = Definition {
    name: "group_by",
    version: 1,
    title: words("グループ化", "Group By"),
    role: Role::Middle,
    inputs: 1..=1,
    settings: &[
        Setting {
            name: "keys",
            form: "[name, { field: name, as: name }]",
            required: false,
            text: words("まとめる列。省くと入力全体を一つにまとめます。", "Columns to group by; without any, the whole input is one group."),
        },
        Setting {
            name: "aggregates",
            form: "[{ function: sum, field: name, as: name }, { function: join, field: name, separator: text, order: [name], distinct: true }]",
            required: false,
            text: words(
                "計算と結果の列の名前。関数は sum（合計）、average（平均）、median（中央値）、min、max、count（空でない値の数）、count_all（行の数）、count_distinct（異なる値の数）、first、last、stdev_sample（標本標準偏差）、stdev_population（母標準偏差）、variance_sample・variance_population（分散）、join（文字列にまとめる。separator で区切り（省くと「, 」）、order で順序、distinct: true で重複を除く）。`as` を省くと元の列の名前です。",
                "What is computed, and its name: sum, average, median, min, max, count (of values that are not blank), count_all (of rows), count_distinct, first, last, stdev_sample and stdev_population (standard deviations), variance_sample and variance_population, join (all values as one text, with `separator` between them (\", \" without it), in `order`, each once with `distinct: true`). Without `as` the column keeps its name.",
            ),
        },
    ],
    shape,
    lower,
    reference: Reference {
    summary: words(
        "キーの値が同じ行を一行にまとめ、合計や件数などを計算します。",
        "Makes one row of the rows with equal keys, with sums, counts and the like.",
    ),
    behaviour: Behaviour {
        blanks: words(
            "キーの空は一つの値として扱い、空どうしは同じグループです。集計は空を飛ばします（count_all は数えます）。空だけなら合計と件数は 0、ほかは空です。",
            "A blank key is a key like any other. Aggregates skip blanks (count_all does not); of blanks alone, sums and counts are 0, the others blank.",
        ),
        duplicates: words("同じキーの行は一行になります。キーにも集計にも出ない列は消えます。", "Rows of a key become one. Columns that are neither key nor aggregate are gone."),
        empty_input: words("0 行なら、キーがなくても 0 行です。", "No row in, no row out, also without keys."),
        types: words(
            "sum・average・median は数値だけ。合計は正確で、平均は（小数 10 桁か元の桁の大きい方）＋ 4 桁で四捨五入します。分散と標準偏差は数値だけ。途中は正確に計算し、結果を同じ桁で四捨五入します（値が一つだけの標本は空）。min・max は数値・日付・時刻・日時・文字列（文字コード順）。join は添付ファイルとテーブル以外。数値・日付などは kintone の書き方、日時はフローの時間帯、複数の値はそれぞれを並べます。",
            "sum, average and median take numbers. Sums are exact; means are rounded half up at 4 places beyond the larger of 10 and the values' own. Variances and standard deviations take numbers, are computed exactly and rounded half up at the same places; of a sample of one they are blank. min and max take numbers, dates, times, datetimes, and text by code point. join takes all but files and tables: numbers and dates as kintone writes them, datetimes in the flow's zone, each item of a list.",
        ),
        order: words("キーが初めて現れた順。first・last は入力の順で、空でない値です。", "By first appearance of the key. first and last follow the input's order and take values that are not blank."),
    },
    schema: schema_of::<Settings>,
    examples: &[
        Example {
            title: words("商品ごとの合計と件数", "Sum and count per product"),
            inputs: &[("受注", "
                | 商品コード: text | 受注数: number | 担当: text |
                | B                | 3              | 佐藤       |
                | A                | 5              | 鈴木       |
                | B                | 0.10           |            |
                |                  | 1              | 佐藤       |
                | A                |                | 佐藤       |
                |                  | 2              | 佐藤       |
            ")],
            step: "
command: group_by
keys: [商品コード]
aggregates:
  - { function: sum, field: 受注数 }
  - { function: count, field: 受注数, as: 件数 }
  - { function: count_all, as: 行数 }
  - { function: count_distinct, field: 担当, as: 担当者数 }
  - { function: last, field: 担当, as: 最後の担当 }",
            output: "
                | 商品コード: text | 受注数: number | 件数: number | 行数: number | 担当者数: number | 最後の担当: text |
                | B                | 3.1            | 2            | 2            | 1                | 佐藤             |
                | A                | 5              | 1            | 2            | 2                | 佐藤             |
                |                  | 3              | 2            | 2            | 1                | 佐藤             |
            ",
            kintone: None,
        },
        Example {
            title: words("全体の平均・中央値・最小・最大", "Mean, median, smallest and largest of all"),
            inputs: &[("受注", "
                | 受注数: number | 日付: date |
                | 10             | 2026-11-21 |
                | 5              | 2026-11-20 |
                |                |            |
                | 5              | 2026-11-22 |
            ")],
            step: "
command: group_by
aggregates:
  - { function: average, field: 受注数, as: 平均 }
  - { function: median, field: 受注数, as: 中央値 }
  - { function: min, field: 日付, as: 最初の日 }
  - { function: max, field: 日付, as: 最後の日 }",
            output: "
                | 平均: number     | 中央値: number | 最初の日: date | 最後の日: date |
                | 6.66666666666667 | 5              | 2026-11-20     | 2026-11-22     |
            ",
            kintone: None,
        },
        Example {
            title: words("空だけの合計は 0、平均は空", "Of blanks alone the sum is 0 and the mean blank"),
            inputs: &[("受注", "
                | 商品コード: text | 受注数: number |
                | A                |                |
            ")],
            step: "
command: group_by
keys: [{ field: 商品コード, as: 商品 }]
aggregates:
  - { function: sum, field: 受注数, as: 合計 }
  - { function: average, field: 受注数, as: 平均 }",
            output: "
                | 商品: text | 合計: number | 平均: number |
                | A          | 0            |              |
            ",
            kintone: None,
        },
        Example {
            title: words("標準偏差と、まとめた文字列", "Standard deviations, and joined text"),
            inputs: &[("検査", "
                | 品: text | 値: number | 担当: text | 順: number |
                | A        | 2          | 鈴木       | 3          |
                | A        | 4.0        | 佐藤       | 1          |
                | B        | 7          |            | 2          |
                | A        | 4          | 佐藤       | 2          |
                | A        | 5          |            | 0          |
            ")],
            step: "
command: group_by
keys: [品]
aggregates:
  - { function: stdev_sample, field: 値, as: 標本 }
  - { function: stdev_population, field: 値, as: 母 }
  - { function: variance_population, field: 値, as: 分散 }
  - { function: join, field: 担当, separator: ・, distinct: true, as: 担当者 }
  - { function: join, field: 値, order: [{ field: 順, order: desc }], as: 値の列 }",
            output: "
                | 品: text | 標本: number     | 母: number       | 分散: number | 担当者: text | 値の列: text |
                | A        | 1.25830573921179 | 1.08972473588517 | 1.1875       | 鈴木・佐藤   | 2, 4, 4, 5   |
                | B        |                  | 0                | 0            |              | 7            |
            ",
            kintone: None,
        },
    ],
    }
    .kept(),
};
