//! `lookup`: brings values of another app, or of a second input, beside each row.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer};

use super::constant::fixed;
use super::{Behaviour, Definition, Reference, Role, Setting};
use crate::check::StepCheck;
use crate::conditions::{Condition, Match, check_kintone};
use crate::kinds::{is_scalar, kind_words};
use crate::located::{At, Located, OneOrMany};
use crate::plan::{Column, Conditions, Duplicates, Fetched, Lookup, Missing, NodeId, Op, Read, Test};
use crate::problem::{Problem, words};
use crate::settings::{Either, KeyPair, name_or, not_empty, read_shape, schema_of};

mod examples;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    #[serde(default)]
    app: Option<At<u64>>,
    keys: At<Vec<KeyPair>>,
    fields: At<Vec<Wanted>>,
    #[serde(default)]
    conditions: Vec<Condition>,
    #[serde(default, rename = "match")]
    matching: Match,
    #[serde(default)]
    duplicates: DuplicatesName,
    #[serde(default)]
    missing: MissingName,
}

/// A value to bring: `name`, or a map with the details.
struct Wanted {
    field: At<String>,
    rename: Option<String>,
    default: Option<OneOrMany>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WantedMap {
    field: At<String>,
    #[serde(default, rename = "as")]
    rename: Option<String>,
    #[serde(default)]
    default: Option<OneOrMany>,
}

impl<'de> Deserialize<'de> for Wanted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let At { value, position } = At::<Either<WantedMap>>::deserialize(deserializer)?;
        Ok(match value {
            Either::Text(name) => Self { field: At { value: name, position }, rename: None, default: None },
            Either::Map(WantedMap { field, rename, default }) => Self { field, rename, default },
        })
    }
}

impl JsonSchema for Wanted {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Wanted".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        name_or::<WantedMap>(generator)
    }
}

#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum DuplicatesName {
    #[default]
    Error,
    First,
    Last,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum MissingName {
    #[default]
    Blank,
    Error,
}

fn shape(settings: &Located, problems: &mut Vec<Problem>) -> Vec<u64> {
    let Some(settings) = read_shape::<Settings>(settings, problems) else { return Vec::new() };
    not_empty(&settings.keys, "keys", &settings.keys, problems);
    not_empty(&settings.fields, "fields", &settings.fields, problems);
    settings.conditions.iter().for_each(|c| c.shape(problems));
    if let (MissingName::Error, Some(default)) =
        (settings.missing, settings.fields.value.iter().find_map(|field| field.default.as_ref()))
    {
        problems.push(
            Problem::new(
                "needless_key",
                "「default」は、missing: error では使われません。どちらかを消してください。",
                "\"default\" is never used with missing: error; remove one of them.",
            )
            .in_setting("fields")
            .at(default.0.first().map_or(settings.fields.position, |value| value.position)),
        );
    }
    if let (None, Some(condition)) = (&settings.app, settings.conditions.first()) {
        problems.push(
            Problem::new(
                "conditions_without_app",
                "「conditions」はアプリから読むときだけ書けます。二つ目の入力は filter で絞ってください。",
                "\"conditions\" belong to an app; use a filter step before a second input.",
            )
            .in_setting("conditions")
            .at(condition.field.position),
        );
    }
    settings.app.iter().map(|app| app.value).collect()
}

fn lower(check: &mut StepCheck<'_>) -> Option<NodeId> {
    let settings: Settings = check.settings()?;
    let before = check.problem_count();
    let second = check.inputs().get(1).copied();
    let (master, columns) = match (&settings.app, second) {
        (Some(app), None) => read(check, app, &settings)?,
        (None, Some(node)) => (node, check.columns(1)),
        (app, _) => {
            let place = app.as_ref().map_or(check.step.name.position, |a| a.position);
            check.problem(
                Problem::new(
                    "app_or_second_input",
                    "参照先は、アプリ（app）か二つ目の入力（from の二つ目）のどちらか一つです。",
                    "Values come either from an app (\"app\") or from a second input (the second of \"from\"), not both.",
                )
                .in_setting("app")
                .at(place),
            );
            return None;
        }
    };
    let rows = check.columns(0);
    let keys: Vec<(usize, usize)> = settings.keys.iter().filter_map(|pair| key(check, &rows, &columns, pair)).collect();
    let (mut result, mut fetched) = (rows, Vec::new());
    for wanted in &settings.fields.value {
        let Some(column) = check.column(&columns, &wanted.field, "fields", wanted.field.position) else { continue };
        let written = wanted.default.as_ref();
        let default =
            written.map(|texts| fixed(check, columns[column].kind, &texts.0, wanted.field.position, "fields"));
        let default = default.flatten().unwrap_or_default();
        result.push(columns[column].named(wanted.rename.as_deref().unwrap_or(&wanted.field)));
        fetched.push(Fetched { column, default });
    }
    check.unique_names(&result, "fields");
    if check.problem_count() > before {
        return None;
    }
    let duplicates = match settings.duplicates {
        DuplicatesName::Error => Duplicates::Fail,
        DuplicatesName::First => Duplicates::First,
        DuplicatesName::Last => Duplicates::Last,
    };
    let missing = match settings.missing {
        MissingName::Blank => Missing::Count,
        MissingName::Error => Missing::Fail,
    };
    let inputs = vec![check.inputs()[0], master];
    Some(check.node_over(inputs, Op::Lookup(Lookup { keys, fetched, duplicates, missing }), result))
}

/// The read of the other app: the fields that the settings name, each once.
fn read(check: &mut StepCheck<'_>, app: &At<u64>, settings: &Settings) -> Option<(NodeId, Vec<Column>)> {
    let schema = check.app(app)?;
    let before = check.problem_count();
    let keys = settings.keys.value.iter().map(|pair| (&pair.right, "keys"));
    let wanted = settings.fields.value.iter().map(|wanted| (&wanted.field, "fields"));
    let (mut columns, mut fields) = (Vec::<Column>::new(), Vec::new());
    for (code, setting) in keys.chain(wanted) {
        let Some(field) = check.field(schema, code, setting) else { continue };
        match Column::of_field(field) {
            Some(_) if columns.iter().any(|c| c.name == code.value) => {}
            Some(column) => {
                fields.push(field.code.clone());
                columns.push(column);
            }
            None => check.problem(
                Problem::new(
                    "no_values",
                    format!("フィールド「{}」は値を持たないので読めません。", field.code),
                    format!("The field \"{}\" holds no value of a record and cannot be read.", field.code),
                )
                .in_setting(setting)
                .at(code.position),
            ),
        }
    }
    let tests: Vec<Test> = settings.conditions.iter().filter_map(|c| check_kintone(check, schema, c)).collect();
    if check.problem_count() > before {
        return None;
    }
    let conditions = (!tests.is_empty()).then_some(Conditions { any: settings.matching == Match::Any, tests });
    let read = Op::Read(Read { app: schema.app, fields, conditions });
    Some((check.node_over(Vec::new(), read, columns.clone()), columns))
}

fn key(check: &mut StepCheck<'_>, rows: &[Column], master: &[Column], pair: &KeyPair) -> Option<(usize, usize)> {
    let (l, r) = (
        check.column(rows, &pair.left, "keys", pair.left.position),
        check.column(master, &pair.right, "keys", pair.right.position),
    );
    let (left, right) = (&rows[l?], &master[r?]);
    let (ja, en) = if left.kind != right.kind {
        let (l, r) = (kind_words(left.kind), kind_words(right.kind));
        (
            format!(
                "キーの型が違います: 「{}」は{}、参照先の「{}」は{}。set_field_type でそろえてください。",
                left.name, l.ja, right.name, r.ja
            ),
            format!(
                "The key's kinds differ: \"{}\" is of kind {}, \"{}\" there of kind {}. Bring them together with set_field_type.",
                left.name, l.en, right.name, r.en
            ),
        )
    } else if !is_scalar(left.kind) {
        let kind = kind_words(left.kind);
        (
            format!("「{}」は{}なのでキーにできません。set_field_type で文字列にしてください。", left.name, kind.ja),
            format!(
                "\"{}\" is of kind {} and cannot be a key; turn it into text with set_field_type.",
                left.name, kind.en
            ),
        )
    } else {
        return Some((l?, r?));
    };
    let code = if left.kind == right.kind { "key_kind" } else { "key_kinds" };
    check.problem(Problem::new(code, ja, en).in_setting("keys").at(pair.left.position));
    None
}

/// `lookup`
pub(super) static DEFINITION: Definition = Definition {
    name: "lookup",
    version: 1,
    title: words("参照", "Lookup"),
    role: Role::Middle,
    inputs: 1..=2,
    settings: &[
        Setting {
            name: "app",
            form: "12",
            required: false,
            text: words(
                "参照先のアプリの番号。書かないときは、`from` の二つ目の入力を参照します。",
                "Number of the app to look in; without it, the second input of `from` is used.",
            ),
        },
        Setting {
            name: "keys",
            form: "[name, { left: name, right: code }]",
            required: true,
            text: words(
                "等しくなければならない、行の列（left）と参照先のフィールド（right）。名前が同じなら一つだけ書けます。",
                "What must be equal: a column of the rows (left) and a field there (right); one name where both share it.",
            ),
        },
        Setting {
            name: "fields",
            form: "[code, { field: code, as: name, default: text }]",
            required: true,
            text: words(
                "持ってくる値と、その列の名前（`as`）。`default` は見つからないときの値です。",
                "Values to bring and the names of their columns (`as`). `default` is the value where nothing is found.",
            ),
        },
        Setting {
            name: "conditions",
            form: "[{ field: code, operator: \"=\", value: text }]",
            required: false,
            text: words(
                "参照先のレコードを kintone で絞る条件（`app` のときだけ）。",
                "Conditions by which kintone narrows the records there (with `app` only).",
            ),
        },
        Setting {
            name: "match",
            form: "all | any",
            required: false,
            text: words(
                "条件をすべて満たすもの（all、既定）か、どれかを満たすもの（any）か。",
                "Whether all conditions must hold (default) or any one.",
            ),
        },
        Setting {
            name: "duplicates",
            form: "error | first | last",
            required: false,
            text: words(
                "参照した同じキーの行が参照先に二つ以上あるとき: error（既定）はフローを止めてキーを示し、first は最初、last は最後の行を使います。",
                "Where a key that is looked up has several rows there: error (default) stops the flow and names the key, first and last take that row.",
            ),
        },
        Setting {
            name: "missing",
            form: "blank | error",
            required: false,
            text: words(
                "見つからないとき: blank（既定）は `default`（なければ空）にして数え、error はフローを止めて行とキーを示します。",
                "Where nothing is found: blank (default) leaves the `default`, or a blank, and counts it; error stops the flow and names row and key.",
            ),
        },
    ],
    shape,
    lower,
    reference: Reference {
    summary: words(
        "別のアプリ（または二つ目の入力）からキーの合う行の値を持ってきます。行は増えも減りもしません。",
        "Brings values of the row with the same key from another app, or from a second input. Rows are neither added nor dropped.",
    ),
    behaviour: Behaviour {
        blanks: words(
            "キーに一つでも空がある行は何も参照せず、空になります（数えず、エラーにも default にもしません）。参照先の空のキーには何も合いません。見つかった行の値が空なら空です（default にはしません）。",
            "A row with a blank in its key looks nothing up and gets blanks: not counted, no error, no default. A blank key there matches nothing. A blank that was found stays blank and is not the default.",
        ),
        duplicates: words(
            "行の側の重複はそれぞれ参照します。参照先の重複は `duplicates` のとおりで、参照されないキーの重複は問いません。",
            "Equal keys of the rows each look up. Duplicates there follow `duplicates`; those of keys that nobody looks up do not matter.",
        ),
        empty_input: words(
            "0 行なら 0 行で、列は加わります。参照先が 0 行なら、すべて「見つからない」です。",
            "No row in, no row out, with the columns added. Without rows there, nothing is found.",
        ),
        types: words(
            "キーの型は組ごとに同じでなければならず、数値は値で、文字列は一文字も違わないかで比べます。チェックボックスやユーザーはキーにできません（set_field_type で文字列に）。持ってくる値はどの型でもかまいません。",
            "The kinds of a pair must be the same; numbers compare by value, text exactly. Check boxes and users cannot be keys: turn them into text with set_field_type. Values of any kind can be brought.",
        ),
        order: words(
            "入力の順です。列は後ろに、書いた順で加わります。",
            "The order of the input; columns are added behind, in the order written.",
        ),
    },
    schema: schema_of::<Settings>,
    examples: examples::EXAMPLES,
    }
    .kept(),
};
