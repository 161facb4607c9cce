//! `split`: sends rows into branches by conditions.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Behaviour, Definition, Reference, Role, Setting};
use crate::check::{StepCheck, formula_shape};
use crate::conditions::{Condition, Match, check_here};
use crate::located::{At, Located};
use crate::plan::{Column, Conditions, NodeId, Op, Predicate, Test};
use crate::problem::{Problem, words};
use crate::settings::{not_empty, read_shape, schema_of};

mod examples;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    branches: At<Vec<Branch>>,
    #[serde(default)]
    rest: Option<At<String>>,
    #[serde(default)]
    mode: Mode,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Branch {
    name: At<String>,
    #[serde(default)]
    conditions: Vec<Condition>,
    #[serde(default, rename = "match")]
    matching: Match,
    #[serde(default)]
    formula: Option<At<String>>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Mode {
    #[default]
    First,
    All,
}

/// The names of a step's branches, as far as they can be read; the rest is the last one.
pub(super) fn branch_names(settings: &Located) -> Vec<String> {
    let Ok(settings) = settings.read::<Settings>() else { return Vec::new() };
    settings
        .branches
        .iter()
        .map(|b| b.name.value.clone())
        .chain(settings.rest.iter().map(|r| r.value.clone()))
        .collect()
}

fn shape(settings: &Located, problems: &mut Vec<Problem>) -> Vec<u64> {
    let Some(settings) = read_shape::<Settings>(settings, problems) else { return Vec::new() };
    not_empty(&settings.branches, "branches", &settings.branches, problems);
    let mut names: Vec<&At<String>> = Vec::new();
    for name in settings.branches.iter().map(|b| &b.name).chain(&settings.rest) {
        let (code, ja, en) = if name.trim().is_empty() {
            ("no_branch_name", "枝の名前が空です。".to_owned(), "The branch's name is empty.".to_owned())
        } else if names.iter().any(|other| other.value == name.value) {
            (
                "branch_twice",
                format!("「{}」という枝が二つあります。名前を変えてください。", name.value),
                format!("There are two branches named \"{}\"; rename one.", name.value),
            )
        } else {
            names.push(name);
            continue;
        };
        problems.push(Problem::new(code, ja, en).in_setting("branches").at(name.position));
    }
    for branch in &settings.branches.value {
        let setting = format!("branches: {}", branch.name.value);
        let mut own = Vec::new();
        branch.conditions.iter().for_each(|c| c.shape(&mut own));
        if branch.conditions.is_empty() == branch.formula.is_none() {
            own.push(
                Problem::new(
                    "conditions_or_formula",
                    "「conditions」か「formula」のどちらか一つを書いてください。",
                    "Write either \"conditions\" or \"formula\", and only one of them.",
                )
                .at(branch.name.position),
            );
        }
        if let Some(formula) = &branch.formula {
            formula_shape(formula, "formula", &mut own);
        }
        problems.extend(own.into_iter().map(|p| p.in_setting(&setting)));
    }
    Vec::new()
}

/// One filter per branch. The step itself has no rows of its own: what stands behind it names a branch.
fn lower(check: &mut StepCheck<'_>) -> Option<NodeId> {
    let settings: Settings = check.settings()?;
    let columns = check.columns(0);
    let before = check.problem_count();
    let predicates: Vec<Option<Predicate>> =
        settings.branches.iter().map(|branch| predicate(check, &columns, branch)).collect();
    if check.problem_count() > before {
        return None;
    }
    let predicates: Vec<Predicate> = predicates.into_iter().flatten().collect();
    let mut last = None;
    for (i, (branch, own)) in settings.branches.iter().zip(&predicates).enumerate() {
        let earlier = if settings.mode == Mode::First { predicates[..i].to_vec() } else { Vec::new() };
        let predicate = match earlier.is_empty() {
            true => own.clone(),
            false => Predicate::Branch { earlier, own: Some(Box::new(own.clone())) },
        };
        last = Some(check.branch(&branch.name, Op::Filter(predicate), columns.clone()));
    }
    if let Some(rest) = &settings.rest {
        last = Some(check.branch(rest, Op::Filter(Predicate::Branch { earlier: predicates, own: None }), columns));
    }
    last
}

fn predicate(check: &mut StepCheck<'_>, columns: &[Column], branch: &Branch) -> Option<Predicate> {
    let setting = format!("branches: {}", branch.name.value);
    match &branch.formula {
        Some(formula) => check.formula(formula, columns, &setting).map(Predicate::Formula),
        None => {
            let tests: Vec<Option<Test>> =
                branch.conditions.iter().map(|c| check_here(check, columns, c, &c.setting())).collect();
            let tests: Option<Vec<Test>> = tests.into_iter().collect();
            Some(Predicate::Conditions(Conditions { any: branch.matching == Match::Any, tests: tests? }))
        }
    }
}

/// `split`
pub(super) static DEFINITION: Definition = Definition {
    name: "split",
    version: 1,
    title: words("振り分け", "Split"),
    role: Role::Middle,
    inputs: 1..=1,
    settings: &[
        Setting {
            name: "branches",
            form: "[{ name: name, conditions: […], match: all | any, formula: formula }]",
            required: true,
            text: words(
                "枝の名前と、その枝に入る行の条件か式。書き方は filter と同じです。",
                "Names of the branches, and the conditions or formula of the rows that go there, written as those of filter.",
            ),
        },
        Setting {
            name: "rest",
            form: "name",
            required: false,
            text: words(
                "どの枝にも入らない行の枝の名前。省くと、その行はどこにも行きません。",
                "Name of a branch for the rows that go nowhere else; without it they go nowhere.",
            ),
        },
        Setting {
            name: "mode",
            form: "first | all",
            required: false,
            text: words(
                "first（既定）は最初に当てはまった枝だけに、all は当てはまるすべての枝に入れます。",
                "Whether a row goes to the first branch that it meets (first, default) or to all of them.",
            ),
        },
    ],
    shape,
    lower,
    reference: Reference {
    summary: words(
        "行を条件で枝に振り分けます。後ろのステップは `from: ステップ/枝` で枝を選びます。",
        "Sends rows into branches by conditions. A step behind it takes one with `from: step/branch`.",
    ),
    behaviour: Behaviour {
        blanks: words(
            "条件の空の扱いは filter と同じです。どの枝の条件にも当てはまらない空の行は rest に入ります。",
            "Blanks meet conditions as in filter; rows whose blanks meet none go to the rest.",
        ),
        duplicates: words("同じ行もそれぞれ判定します。", "Equal rows are judged each for itself."),
        empty_input: words("0 行なら、どの枝も 0 行です。", "No row in, none in any branch."),
        types: words(
            "比べ方は filter と同じです。式がエラーになる行はその枝には入らず（次の枝か rest へ）、数えます。strict ではフローが止まります。使われない枝の行は捨てられ、保存するときに知らせます。",
            "Values compare as in filter. A row whose formula is an error is not in that branch (but in a later one, or the rest) and is counted; in `strict` the flow stops. Rows of a branch that no step takes are dropped, and a note says so.",
        ),
        order: words("どの枝も入力の順です。", "Every branch keeps the order of the input."),
    },
    schema: schema_of::<Settings>,
    examples: examples::EXAMPLES,
    }
    .kept(),
};
