//! What `from` can name: a step, or one branch of a step that has several.

use crate::commands::branch_names;
use crate::document::Step;
use crate::located::At;
use crate::problem::{Problem, proposal};

/// Something that rows can be taken from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    /// As `from` names it: `step`, or `step/branch`.
    pub text: String,
    /// Index of the step; `None` for the group that a `for_each` hands to its steps.
    pub step: Option<usize>,
    /// The branch.
    pub branch: Option<String>,
}

/// All that the steps offer, in their order. The first of two steps of one name counts.
pub(super) fn sources(steps: &[Step]) -> Vec<Source> {
    let mut all: Vec<Source> = Vec::new();
    for (i, step) in steps.iter().enumerate() {
        let name = &step.name.value;
        let own = match branch_names(step) {
            None => vec![Source { text: name.clone(), step: Some(i), branch: None }],
            Some(branches) => branches
                .into_iter()
                .map(|branch| Source { text: format!("{name}/{branch}"), step: Some(i), branch: Some(branch) })
                .collect(),
        };
        for source in own {
            if !all.iter().any(|other| other.text == source.text && other.branch.is_none()) {
                all.push(source);
            }
        }
    }
    all
}

/// The source that a `from` names: a step of exactly this name before a branch (both are a problem of the graph).
pub(super) fn find<'s>(
    sources: &'s [Source],
    steps: &[Step],
    own: usize,
    from: &At<String>,
) -> Result<&'s Source, Box<Problem>> {
    let named = || sources.iter().filter(|source| source.text == from.value);
    if let Some(found) = named().find(|s| s.branch.is_none()).or_else(|| named().next()) {
        return Ok(found);
    }
    let branches = |step: &Step| branch_names(step).unwrap_or_default();
    let split = steps.iter().filter(|step| branch_names(step).is_some());
    for step in split {
        let (name, known) = (&step.name.value, branches(step));
        if *name == from.value {
            let all = known.iter().map(|b| format!("{name}/{b}")).collect::<Vec<_>>().join(", ");
            return Err(at(
                from,
                "branch_not_named",
                format!("「{name}」は枝に分かれています。枝を選んでください: {all}"),
                format!("\"{name}\" has branches; name one of them: {all}"),
            ));
        }
        if let Some(branch) = from.strip_prefix(name.as_str()).and_then(|rest| rest.strip_prefix('/')) {
            let (ja, en) = proposal(branch, known.iter().map(String::as_str));
            return Err(at(
                from,
                "unknown_branch",
                format!("「{name}」に「{branch}」という枝はありません。{ja}"),
                format!("\"{name}\" has no branch \"{branch}\".{en}"),
            ));
        }
    }
    let others = sources.iter().filter(|source| source.step != Some(own)).map(|source| source.text.as_str());
    let (ja, en) = proposal(from, others);
    Err(at(
        from,
        "unknown_step",
        format!("「{}」というステップはありません。{ja}", from.value),
        format!("There is no step \"{}\".{en}", from.value),
    ))
}

fn at(from: &At<String>, code: &'static str, ja: String, en: String) -> Box<Problem> {
    Box::new(Problem::new(code, ja, en).in_setting("from").at(from.position))
}
