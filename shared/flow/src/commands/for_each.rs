//! `for_each`: does steps of its own with the rows of each key.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny};

use super::{Behaviour, Definition, Reference, Role, Setting};
use crate::check::{Inner, StepCheck};
use crate::located::{At, Located, Node};
use crate::plan::{ForEach, NodeId, Op, Plan};
use crate::problem::{Problem, words};
use crate::settings::{Choice, not_empty, read_shape, schema_of};
use crate::sort_by::key_column;

mod examples;

/// Most groups where the settings say nothing: each is a run of the inner steps, measured at some ten microseconds a node.
const GROUPS: u64 = 1_000;
/// Most groups that the settings may allow.
const MOST_GROUPS: u64 = 100_000;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    keys: At<Vec<Choice>>,
    #[expect(dead_code, reason = "steps are read from the tree, with their places")]
    steps: Steps,
    #[serde(default)]
    limit: Option<At<u64>>,
}

/// The inner steps, in the form of a document's steps.
struct Steps;

impl<'de> Deserialize<'de> for Steps {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

impl JsonSchema for Steps {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Steps".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "array", "minItems": 1, "items": { "type": "object", "required": ["name", "command", "from"] } })
    }
}

/// The inner steps as they stand in the settings.
fn steps(settings: &Located) -> &[Located] {
    let entries = settings.entries().unwrap_or_default();
    match entries.iter().find(|(key, _)| key.text() == Some("steps")).map(|(_, value)| &value.node) {
        Some(Node::List(items)) => items,
        _ => &[],
    }
}

fn shape(settings: &Located, problems: &mut Vec<Problem>) -> Vec<u64> {
    let Some(read) = read_shape::<Settings>(settings, problems) else { return Vec::new() };
    not_empty(&read.keys, "keys", &read.keys, problems);
    if let Some(limit) = read.limit.filter(|limit| !(1..=MOST_GROUPS).contains(&limit.value)) {
        problems.push(
            Problem::new(
                "wrong_limit",
                format!("グループの上限は 1 から {MOST_GROUPS} までです。"),
                format!("The limit of groups is from 1 to {MOST_GROUPS}."),
            )
            .in_setting("limit")
            .at(limit.position),
        );
    }
    let items = steps(settings);
    if items.is_empty() {
        problems.push(
            Problem::new("empty_list", "「steps」にステップを並べてください。", "List steps under \"steps\".")
                .in_setting("steps")
                .at(read.keys.position),
        );
    }
    Inner::read(items, problems).map(|inner| inner.apps).unwrap_or_default()
}

fn lower(check: &mut StepCheck<'_>) -> Option<NodeId> {
    let settings: Settings = check.settings()?;
    let input = check.columns(0);
    let before = check.problem_count();
    let step = check.step;
    let inner = Inner::read(steps(&step.settings), &mut Vec::new())?;
    let keys: Vec<(usize, &Choice)> = settings
        .keys
        .iter()
        .filter_map(|choice| Some((key_column(check, &input, &choice.field, "keys")?, choice)))
        .collect();
    let plan = check.inner(&inner);
    if check.problem_count() > before {
        return None;
    }
    let plan = plan?;
    let mut columns: Vec<_> = keys.iter().map(|(i, choice)| input[*i].named(choice.name())).collect();
    let mut output = Vec::new();
    for (i, column) in plan.nodes.last()?.columns.iter().enumerate() {
        // The key stands in front already. Under another name it is another column that a result of that name would hide.
        if !keys.iter().any(|(_, key)| key.rename.is_none() && key.name() == column.name) {
            columns.push(column.clone());
            output.push(i);
        }
    }
    if !check.unique_names(&columns, "keys") {
        return None;
    }
    let inputs: Vec<NodeId> = check.inputs().iter().copied().chain(plan.reads).collect();
    let name = step.name.value.clone();
    let each = ForEach {
        keys: keys.into_iter().map(|(i, _)| i).collect(),
        // Zone and strictness are those of the flow, which knows them.
        plan: Box::new(Plan {
            name,
            zone: String::new(),
            strict: false,
            nodes: plan.nodes,
            holidays: Default::default(),
        }),
        output,
        most: settings.limit.map_or(GROUPS, |limit| limit.value),
    };
    Some(check.node_over(inputs, Op::ForEach(each), columns))
}

/// `for_each`
pub(super) static DEFINITION: Definition = Definition {
    name: "for_each",
    version: 1,
    title: words("グループごとの処理", "For Each Group"),
    role: Role::Middle,
    inputs: 1..=1,
    settings: &[
        Setting {
            name: "keys",
            form: "[name, { field: name, as: name }]",
            required: true,
            text: words(
                "グループのキー。結果の先頭の列になります。",
                "The keys of the groups; they are the first columns of the result.",
            ),
        },
        Setting {
            name: "steps",
            form: "[{ name: name, command: command, from: name, … }]",
            required: true,
            text: words(
                "グループごとに行うステップ。書き方はフローのステップと同じで、上から順に並べ、`from` には `入力`（グループの行。`group` とも書けます）か上のステップを書きます。最後のステップの結果がグループの結果です。入力と出力の間のコマンドを使えます（for_each と data_check は除く）。lookup の app は一度だけ読みます。",
                "Steps to do with each group, written as those of a flow, in order: `from` names `group` (its rows; `入力` means the same) or a step above. The last step yields the group's result. Commands between inputs and outputs can stand here, but not for_each and data_check; the app of a lookup is read once.",
            ),
        },
        Setting {
            name: "limit",
            form: "1000",
            required: false,
            text: words(
                "グループの数の上限（既定 1000、最大 100000）。超えるとフローは止まります。",
                "Most groups (1000 by default, at most 100000); beyond it the flow stops.",
            ),
        },
    ],
    shape,
    lower,
    reference: Reference {
    summary: words(
        "キーが同じ行ごとに、中に書いたステップを行い、結果を順につなげます。",
        "Does the steps that it holds with the rows of each key, and puts the results one after the other.",
    ),
    behaviour: Behaviour {
        blanks: words("キーの空も一つのキーです。", "A blank key is a key like any other."),
        duplicates: words(
            "キーの値が同じ行が一つのグループです。数値は値で（1 と 1.0 は等しい）比べます。",
            "Rows with equal keys are one group; numbers compare by value (1 equals 1.0).",
        ),
        empty_input: words(
            "0 行なら中のステップは行わず、0 行です。列は加わります。",
            "No row in: the steps are not done, and there is no row out; the columns are there.",
        ),
        types: words(
            "キーにできるのは一つの値を持つ型だけです（チェックボックスやユーザーは set_field_type で文字列に）。最後の結果にあるキーと同じ名前の列は、先頭のキーに置き換わります（`as` で名前を変えたキーと同じ名前の列があれば、エラーです）。中の問題と集計は「外のステップ/中のステップ」の名前で示します。",
            "Keys must be of simple values; turn check boxes or users into text with set_field_type. A column of the last result with the name of a key gives way to the key in front; one with the new name of a renamed key is an error. Problems and counts inside are told as outer/inner step.",
        ),
        order: words(
            "グループはキーが初めて現れた順、その中は最後のステップの順です。",
            "Groups by first appearance of their key, and in each the order of the last step.",
        ),
    },
    schema: schema_of::<Settings>,
    examples: examples::EXAMPLES,
    }
    .kept(),
};
