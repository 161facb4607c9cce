//! `output_app`: writes rows to a kintone app. What may be written is checked in [`target`].

mod target;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Behaviour, Definition, Example, Kintone, Role, Setting};
use crate::check::StepCheck;
use crate::located::{At, Located, OneOrMany};
use crate::plan::{Method, NodeId, Op, Write};
use crate::problem::{Problem, words};
use crate::settings::{read_shape, schema_of};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    app: At<u64>,
    method: At<MethodName>,
    #[serde(default)]
    key: Option<OneOrMany>,
    #[serde(default)]
    insert: Option<At<bool>>,
    #[serde(default)]
    allow_empty: Option<At<bool>>,
    #[serde(default)]
    mapping: Option<At<IndexMap<At<String>, At<String>>>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum MethodName {
    Update,
    Regenerate,
    Append,
}

fn shape(settings: &Located, problems: &mut Vec<Problem>) -> Vec<u64> {
    let Some(settings) = read_shape::<Settings>(settings, problems) else { return Vec::new() };
    let method = settings.method.value;
    let update = method == MethodName::Update;
    if update && settings.key.as_ref().is_none_or(|k| k.0.is_empty()) {
        problems.push(
            Problem::new(
                "no_key",
                "更新にはキー（key）が要ります。値の重複を禁止したフィールド、レコード番号、$id のどれかを書いてください。",
                "Updating needs \"key\": a field that forbids duplicates, the record number, or $id.",
            )
            .in_setting("key")
            .at(settings.method.position),
        );
    }
    let misplaced = [
        ("key", settings.key.as_ref().and_then(|k| k.0.first()).map(|k| k.position), update, "update"),
        ("insert", settings.insert.as_ref().map(|i| i.position), update, "update"),
        (
            "allow_empty",
            settings.allow_empty.as_ref().map(|a| a.position),
            method == MethodName::Regenerate,
            "regenerate",
        ),
    ];
    for (name, position, fits, needed) in misplaced {
        if let Some(position) = position.filter(|_| !fits) {
            problems.push(
                Problem::new(
                    "setting_not_for_method",
                    format!("「{name}」は method: {needed} のときだけ書けます。消すか、method を変えてください。"),
                    format!("\"{name}\" belongs to method: {needed}; remove it or change the method."),
                )
                .in_setting(name)
                .at(position),
            );
        }
    }
    vec![settings.app.value]
}

fn lower(check: &mut StepCheck<'_>) -> Option<NodeId> {
    let settings: Settings = check.settings()?;
    let app = check.app(&settings.app)?;
    let columns = check.columns(0);
    let before = check.problem_count();
    let key: Vec<At<String>> = settings.key.map(|k| k.0).unwrap_or_default();
    let whole = settings.method.value != MethodName::Update;
    let mapping = match &settings.mapping {
        Some(mapping) => target::written_mapping(check, app, &columns, &mapping.value, &key),
        None => target::default_mapping(check, app, &columns, &key, whole),
    };
    let method = match settings.method.value {
        MethodName::Update => {
            target::check_key(check, app, &key, &mapping);
            let insert = settings.insert.is_some_and(|i| i.value);
            Method::Update { key: key.iter().map(|k| k.value.clone()).collect(), insert }
        }
        MethodName::Regenerate => Method::Regenerate { allow_empty: settings.allow_empty.is_some_and(|a| a.value) },
        MethodName::Append => Method::Append,
    };
    if check.problem_count() > before {
        return None;
    }
    if !matches!(method, Method::Update { insert: false, .. }) {
        target::note_required(check, app, &mapping);
    }
    Some(check.node(Op::Write(Write { app: app.app, method, mapping }), columns))
}

/// `output_app`
pub(super) static DEFINITION: Definition = Definition {
    name: "output_app",
    version: 1,
    title: words("出力アプリ", "Output App"),
    summary: words(
        "行を kintone のアプリに書きます。今の内容と比べ、違うところだけを書きます。",
        "Writes rows to a kintone app. They are compared with what the app holds, and only what differs is written.",
    ),
    role: Role::Output,
    inputs: 1,
    settings: &[
        Setting { name: "app", form: "12", required: true, text: words("アプリの番号。", "Number of the app.") },
        Setting {
            name: "method",
            form: "update | regenerate | append",
            required: true,
            text: words(
                "update はキーが同じレコードを更新、regenerate はアプリの中身を結果と同じにし、append はすべて追加します。",
                "update changes records of equal key, regenerate makes the app hold exactly the result, append adds all rows.",
            ),
        },
        Setting {
            name: "key",
            form: "code | [code]",
            required: false,
            text: words(
                "update のキー。値の重複を禁止したフィールド、レコード番号、`$id` のどれかを含めます。mapping にもなければなりません。",
                "Key of an update: it holds a field that forbids duplicates, the record number or `$id`, and is in the mapping.",
            ),
        },
        Setting {
            name: "insert",
            form: "true | false",
            required: false,
            text: words(
                "update で、キーの合うレコードのない行を追加するか。既定は false で、数えて飛ばします。",
                "Whether an update adds rows without a record of their key; false by default: they are counted and skipped.",
            ),
        },
        Setting {
            name: "mapping",
            form: "{ code: column }",
            required: false,
            text: words(
                "書くフィールドと列。省くと、書ける同名のフィールド全部です（update では、テーブルと添付ファイルを除きます）。",
                "Field and column. Without it, all writable fields with a column of their name (an update leaves tables and files alone).",
            ),
        },
        Setting {
            name: "allow_empty",
            form: "true | false",
            required: false,
            text: words(
                "regenerate で、結果が 0 行のときアプリを空にしてよいか。既定は false で、エラーにします。",
                "Whether regenerate may empty the app when there is no row; false by default: that is an error.",
            ),
        },
    ],
    behaviour: Behaviour {
        blanks: words(
            "空の値は空として書きます。キーに空のある行は、insert なら追加し、そうでなければ数えて飛ばします。",
            "Blanks are written as blanks. A row with a blank key is added where insert is on, else counted and skipped.",
        ),
        duplicates: words(
            "書こうとする行に同じキーが二つあればエラーで、何も書きません。先に group_by でまとめてください。",
            "Two rows of one key are an error and nothing is written; bring them together with group_by first.",
        ),
        empty_input: words(
            "update と append は 0 行なら何もしません。regenerate は allow_empty がなければエラーです。",
            "update and append do nothing without rows; regenerate is an error unless allow_empty is on.",
        ),
        types: words(
            "数値や日付は文字列のフィールドにも書けます。文字列を数値や日付のフィールドに書くときは行ごとに変換し、できない値は空にして数えます（strict ではエラー）。計算・レコード番号・作成者・ルックアップのコピー先などは書けません。テーブルと添付ファイルは、まだ書けません。",
            "Numbers and dates can go to text fields. Text to numbers or dates is converted row by row; what cannot be becomes blank and is counted (an error in strict). Calculated fields, record numbers, creators, fields filled by a lookup and the like cannot be written. Tables and files cannot be written yet.",
        ),
        order: words("追加は入力の順です。", "Rows are added in the order of the input."),
    },
    schema: schema_of::<Settings>,
    shape,
    lower,
    examples: &[
        Example {
            title: words("キーで更新する。合わない行は飛ばす", "Update by key; unmatched rows are skipped"),
            inputs: &[(
                "結果",
                "
                | 商品コード: text | 在庫数: number |
                | A                | 5              |
                | Z                | 1              |
                |                  | 2              |
            ",
            )],
            step: "
command: output_app
app: 21
method: update
key: 商品コード",
            output: "
                | 商品コード: text | 在庫数: number | 倉庫: text |
                | A                | 5              | 東京       |
                | B                | 20             | 大阪       |
            ",
            kintone: Some(Kintone::Before(
                "
                | 商品コード: text unique | 在庫数: number | 倉庫: text |
                | A                       | 10             | 東京       |
                | B                       | 20             | 大阪       |
            ",
            )),
        },
        Example {
            title: words("なければ追加する。列名を対応させる", "Add what is missing; map names"),
            inputs: &[(
                "結果",
                "
                | 品番: text | 残り: number |
                | B          | 0            |
                | Z          | 1            |
            ",
            )],
            step: "
command: output_app
app: 21
method: update
key: [商品コード]
insert: true
mapping:
  商品コード: 品番
  在庫数: 残り",
            output: "
                | 商品コード: text | 在庫数: number |
                | A                | 10             |
                | B                | 0              |
                | Z                | 1              |
            ",
            kintone: Some(Kintone::Before(
                "
                | 商品コード: text unique | 在庫数: number |
                | A                       | 10             |
                | B                       | 20             |
            ",
            )),
        },
        Example {
            title: words("中身を入れ替える", "Replace the content"),
            inputs: &[(
                "結果",
                "
                | 商品コード: text | 在庫数: number |
                | B                | 20             |
                | C                | 3              |
            ",
            )],
            step: "
command: output_app
app: 21
method: regenerate",
            output: "
                | 商品コード: text | 在庫数: number |
                | B                | 20             |
                | C                | 3              |
            ",
            kintone: Some(Kintone::Before(
                "
                | 商品コード: text unique | 在庫数: number |
                | A                       | 10             |
                | B                       | 20             |
            ",
            )),
        },
        Example {
            title: words("すべて追加する", "Add all"),
            inputs: &[(
                "結果",
                "
                | 商品コード: text | 数量: number |
                | A                | 5            |
                | A                | 5            |
            ",
            )],
            step: "
command: output_app
app: 21
method: append",
            output: "
                | 商品コード: text | 数量: number |
                | A                | 1            |
                | A                | 5            |
                | A                | 5            |
            ",
            kintone: Some(Kintone::Before(
                "
                | 商品コード: text | 数量: number |
                | A                | 1            |
            ",
            )),
        },
    ],
};
