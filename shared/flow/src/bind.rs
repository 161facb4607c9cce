//! Closes a plan's parameters for one run: conditions become kintone's query text, filters become fixed.

use std::collections::{BTreeMap, BTreeSet};

use model::file_path::FilePath;
use model::value::Value;

use crate::formula::{Expr, Parameters};
use crate::literal;
use crate::plan::file::{FileName, NamePart};
use crate::plan::{Conditions, NodeId, Op, Operand, Operator, Plan, Predicate, Test};
use crate::problem::{Problem, proposal};
use crate::pushdown;
use crate::query;

/// A plan without open ends.
#[derive(Clone, Debug)]
pub struct BoundPlan {
    /// The plan; the conditions of its filters hold literals only.
    pub plan: Plan,
    /// What each read node asks kintone for.
    pub reads: BTreeMap<NodeId, BoundRead>,
    /// The values that formulas look up while they are evaluated.
    pub parameters: Parameters,
}

/// What a read node asks kintone for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundRead {
    /// The app's number.
    pub app: u64,
    /// Field code of each column, in the order of the node's columns.
    pub fields: Vec<String>,
    /// The condition, without `order by`, `limit` and `offset`; empty for all records.
    pub condition: String,
}

/// The parameters that a plan names, in conditions and formulas.
pub fn parameters(plan: &Plan) -> BTreeSet<String> {
    let conditions = plan.nodes.iter().flat_map(|node| node.op.operation().conditions());
    let operands = conditions.flat_map(|c| &c.tests).flat_map(|t| &t.operands);
    let named = operands.filter_map(|o| o.parameter().map(str::to_owned));
    let files = plan.nodes.iter().flat_map(|node| node.op.operation().file_names());
    let in_files = files.flat_map(|name| name.parameters().map(str::to_owned));
    named.chain(formulas(plan).flat_map(|(_, expr)| expr.parameters())).chain(in_files).collect()
}

/// The parameters that must have one value in a run, with the steps that name them: those of formulas and of files' names.
/// A run of several records fails where it is not so.
pub fn single_valued(plan: &Plan) -> BTreeMap<String, String> {
    let in_formulas =
        formulas(plan).flat_map(|(step, expr)| expr.parameters().into_iter().map(move |name| (name, step)));
    let in_files = plan.nodes.iter().flat_map(|node| {
        let names = node.op.operation().file_names().into_iter();
        names.flat_map(|name| name.parameters()).map(|name| (name.to_owned(), node.step.as_str()))
    });
    in_formulas.chain(in_files).map(|(name, step)| (name, step.to_owned())).collect()
}

fn formulas(plan: &Plan) -> impl Iterator<Item = (&str, &Expr)> {
    plan.nodes.iter().flat_map(|node| node.op.operation().formulas().into_iter().map(|expr| (node.step.as_str(), expr)))
}

/// Closes a plan with the records that started the run: none (scheduled, by hand), one (webhook, API), or several (a
/// sheet call: the plan runs once, and a list of conditions with parameters is OR-ed over the records).
///
/// A parameter that a set lacks is a problem, and so is a parameter in a formula under several sets: it has no one value.
pub fn bind(plan: &Plan, sets: &[Parameters]) -> Result<BoundPlan, Box<Problem>> {
    check_formulas(plan, sets)?;
    let mut bound = plan.clone();
    let mut reads = BTreeMap::new();
    for (id, node) in bound.nodes.iter_mut().enumerate() {
        let step = &node.step;
        for predicate in node.op.operation_mut().predicates_mut() {
            close_predicate(predicate, sets).map_err(|p| p.in_step(step))?;
        }
        for name in node.op.operation_mut().file_names_mut() {
            close_file_name(name, sets).map_err(|p| p.in_step(step).in_setting("file"))?;
        }
        if let Op::Read(read) = &node.op {
            let lists = match &read.conditions {
                Some(conditions) => per_set(conditions, sets).map_err(|p| p.in_step(step))?,
                None => Vec::new(),
            };
            let condition = query::any_of(&lists);
            reads.insert(id, BoundRead { app: read.app, fields: read.fields.clone(), condition });
        }
    }
    let parameters = sets.first().cloned().unwrap_or_default();
    Ok(BoundPlan { plan: bound, reads, parameters })
}

fn close_predicate(predicate: &mut Predicate, sets: &[Parameters]) -> Result<(), Box<Problem>> {
    match predicate {
        Predicate::Conditions(conditions) => {
            let mut lists = per_set(conditions, sets)?;
            *predicate = match lists.len() {
                1 => Predicate::Conditions(lists.remove(0)),
                _ => Predicate::AnyOf(lists),
            };
        }
        Predicate::Branch { earlier, own } => {
            for part in earlier.iter_mut().chain(own.as_deref_mut()) {
                close_predicate(part, sets)?;
            }
        }
        Predicate::AnyOf(_) | Predicate::Formula(_) => {}
    }
    Ok(())
}

/// A file name becomes that of one run. A value that would change the path, or none, is a problem: which file is read or
/// written must not be for the record that started the run to choose.
fn close_file_name(name: &mut FileName, sets: &[Parameters]) -> Result<(), Box<Problem>> {
    for part in &mut name.parts {
        let NamePart::Parameter(parameter) = part else { continue };
        let mut values = Vec::new();
        for set in sets {
            let value = set.get(parameter).ok_or_else(|| unknown(parameter, set))?;
            let [text] = &texts(value).unwrap_or_default()[..] else { return Err(Box::new(no_name(parameter, ""))) };
            if text.is_empty() || FilePath::new(text.as_str()).is_err() || text.contains('/') {
                return Err(Box::new(no_name(parameter, text)));
            }
            if !values.contains(text) {
                values.push(text.clone());
            }
        }
        *part = match &mut values[..] {
            [] => return Err(Box::new(no_record(parameter))),
            [one] => NamePart::Text(std::mem::take(one)),
            _ => {
                return Err(Box::new(Problem::new(
                    "parameter_has_several_values",
                    format!("ファイル名のパラメータ %{parameter}% の値が、起動した複数のレコードの間で違います。"),
                    format!(
                        "The parameter %{parameter}% of a file's name differs among the records that started the run."
                    ),
                )));
            }
        };
    }
    Ok(())
}

fn no_name(parameter: &str, value: &str) -> Problem {
    Problem::new(
        "parameter_no_file_name",
        format!(
            "パラメータ %{parameter}% の値「{value}」はファイル名に使えません。空でなく、/ や : などを含まない一つの値にしてください。"
        ),
        format!(
            "The value \"{value}\" of the parameter %{parameter}% cannot be part of a file's name; let it be one value, not blank, without / : and the like."
        ),
    )
}

fn check_formulas(plan: &Plan, sets: &[Parameters]) -> Result<(), Box<Problem>> {
    for (step, expr) in formulas(plan) {
        for name in expr.parameters() {
            let [set] = sets else {
                if sets.is_empty() {
                    return Err(Box::new(no_record(&name).in_step(step)));
                }
                return Err(Box::new(Problem::new(
                    "parameter_has_several_values",
                    format!("式のパラメータ %{name}% は、複数のレコードで起動したときは値が一つに決まりません。input_app で「{name}」を読み、式ではその列を使ってください。"),
                    format!("The parameter %{name}% of a formula has no one value when several records start the run; read the field \"{name}\" with input_app and use its column."),
                )
                .in_step(step)
                .in_setting(name)));
            };
            if set.get(&name).is_none() {
                return Err(Box::new(unknown(&name, set).in_step(step)));
            }
        }
    }
    Ok(())
}

fn no_record(name: &str) -> Problem {
    Problem::new(
        "parameter_without_record",
        format!("パラメータ %{name}% がありますが、この実行を起動したレコードがありません。Webhook か API で起動してください。"),
        format!("The flow names the parameter %{name}%, but no record started this run; start it by webhook or API."),
    )
    .in_setting(name)
}

fn unknown(name: &str, set: &Parameters) -> Problem {
    let names: Vec<&str> = set.iter().map(|(n, _)| n).collect();
    let (ja, en) = proposal(name, names.iter().copied());
    Problem::new(
        "unknown_parameter",
        format!("起動したレコードにパラメータ %{name}% がありません。{ja}"),
        format!("The record that started the run has no parameter %{name}%.{en}"),
    )
    .in_setting(name)
}

/// The list once per set, with values for parameters. Without any parameter in it, once.
fn per_set(conditions: &Conditions, sets: &[Parameters]) -> Result<Vec<Conditions>, Box<Problem>> {
    let first = conditions.tests.iter().flat_map(|t| &t.operands).find_map(Operand::parameter);
    let Some(first) = first else { return Ok(vec![conditions.clone()]) };
    if sets.is_empty() {
        return Err(Box::new(no_record(first)));
    }
    let mut lists: Vec<Conditions> = Vec::new();
    for set in sets {
        let tests = conditions.tests.iter().map(|test| close(test, set)).collect::<Result<Vec<_>, Box<Problem>>>()?;
        // Of several of which one is enough, one that only narrows cannot go alone: without it the others would be too narrow.
        let whole = !conditions.any || tests.iter().all(Option::is_some);
        let tests = if whole { tests.into_iter().flatten().collect() } else { Vec::new() };
        let list = Conditions { any: conditions.any, tests };
        // Two records with equal values ask for the same; a query has a length limit.
        if !lists.contains(&list) {
            lists.push(list);
        }
    }
    Ok(lists)
}

/// The test with values for its parameters; `None` for one that only narrows what is read, and cannot with these values.
fn close(test: &Test, set: &Parameters) -> Result<Option<Test>, Box<Problem>> {
    let mut operands = Vec::new();
    for operand in &test.operands {
        let Some(name) = operand.parameter() else {
            operands.push(operand.clone());
            continue;
        };
        let value = set.get(name).ok_or_else(|| unknown(name, set))?;
        let texts = texts(value).ok_or_else(|| {
            Problem::new(
                "parameter_kind",
                format!("パラメータ %{name}% はテーブルか添付ファイルなので、条件に使えません。"),
                format!("The parameter %{name}% is a table or a file and cannot be part of a condition."),
            )
            .in_setting(name)
        })?;
        if texts.len() > 1 && !matches!(test.operator, Operator::In | Operator::NotIn | Operator::OnlyIn) {
            return Err(Box::new(
                Problem::new(
                    "parameter_has_several_values",
                    format!(
                        "パラメータ %{name}% には値が {} 個あります。「in」か「not in」で比べてください。",
                        texts.len()
                    ),
                    format!("The parameter %{name}% has {} values; compare it with \"in\" or \"not in\".", texts.len()),
                )
                .in_setting(name),
            ));
        }
        if let Operand::Narrowing { of, .. } = operand {
            let canonical: Option<Vec<String>> = texts.iter().map(|text| pushdown::canonical(*of, text)).collect();
            let Some(canonical) = canonical else { return Ok(None) };
            operands.extend(canonical.into_iter().map(Operand::Literal));
            continue;
        }
        operands.extend(texts.into_iter().map(Operand::Literal));
    }
    Ok(Some(Test { operands, ..test.clone() }))
}

/// A parameter's value as kintone's text; several for a list; one "" for blank.
fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Texts(items) => Some(items.clone()),
        Value::Entities(items) => Some(items.iter().map(|e| e.code.clone()).collect()),
        simple => literal::print(simple).map(|text| vec![text]),
    }
}
