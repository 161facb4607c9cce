//! Gives the conditions of a filter directly behind a read to kintone too, so that fewer records travel.
//!
//! Only where kintone's answer holds every row that the filter would keep; the filter stays and decides. So only
//! comparisons that a blank never meets, by value: numbers, dates, times, datetimes of whole minutes, and equality of record numbers.
//! Not text: kintone's text comparison may differ in case and width.

use model::field::{Field, FieldType};
use model::value::Value;

use crate::check::Schemas;
use crate::literal;
use crate::plan::{Conditions, Op, Operand, Operator, Plan, Predicate, Read, Test};

/// Pushes what can be pushed, over the whole plan.
pub(crate) fn push_down(plan: &mut Plan, schemas: &Schemas<'_>) {
    let uses = |id: usize| plan.nodes.iter().filter(|n| n.inputs.contains(&id)).count();
    let mut pushed: Vec<(usize, Conditions)> = Vec::new();
    for node in &plan.nodes {
        let Op::Filter(Predicate::Conditions(filter)) = &node.op else { continue };
        let Some(&source) = node.inputs.first() else { continue };
        let Op::Read(read) = &plan.nodes[source].op else { continue };
        // Another consumer of the read needs the rows that this filter drops.
        if uses(source) != 1 {
            continue;
        }
        if let Some(conditions) = merged(read, filter, schemas) {
            pushed.push((source, conditions));
        }
    }
    for (id, conditions) in pushed {
        if let Op::Read(read) = &mut plan.nodes[id].op {
            read.conditions = Some(conditions);
        }
    }
}

/// The read's conditions with those of the filter that kintone can take. `None`: none can be taken.
fn merged(read: &Read, filter: &Conditions, schemas: &Schemas<'_>) -> Option<Conditions> {
    let schema = schemas.get(&read.app)?;
    let one_list = |c: &Conditions| !c.any || c.tests.len() < 2;
    let tests: Vec<Test> =
        filter.tests.iter().filter_map(|t| for_kintone(t, read, |code| schema.field(code))).collect();
    if tests.is_empty() {
        return None;
    }
    if !one_list(filter) {
        // "Any of" is pushed whole or not at all, and only where it need not be joined with other conditions.
        let whole = tests.len() == filter.tests.len() && read.conditions.is_none();
        return whole.then_some(Conditions { any: true, tests });
    }
    let own = read.conditions.clone().unwrap_or(Conditions { any: false, tests: Vec::new() });
    one_list(&own).then(|| Conditions { any: false, tests: own.tests.into_iter().chain(tests).collect() })
}

/// The test as kintone's, where its answer is the same or wider.
fn for_kintone<'s>(test: &Test, read: &Read, field: impl Fn(&str) -> Option<&'s Field>) -> Option<Test> {
    use Operator as O;
    let code = read.fields.get(test.column?)?;
    let field = field(code)?;
    let kind = field.kind()?;
    let compares = matches!(test.operator, O::Equal | O::Less | O::LessOrEqual | O::Greater | O::GreaterOrEqual);
    let fits = match field.field_type {
        FieldType::Id | FieldType::Number => compares || test.operator == O::In,
        FieldType::RecordNumber => matches!(test.operator, O::Equal | O::In),
        FieldType::Date | FieldType::Time | FieldType::Datetime | FieldType::CreatedTime | FieldType::UpdatedTime => {
            compares
        }
        _ => false,
    };
    let same = |operand: &Operand| match operand {
        // With or without the app's code in front; anything else kintone refuses to compare.
        Operand::Literal(text) if field.field_type == FieldType::RecordNumber => {
            let number = text.rsplit('-').next().unwrap_or_default();
            !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
        }
        Operand::Literal(text) => match literal::parse(kind, text) {
            // kintone drops seconds, so `<` of a time with seconds would be narrower there.
            Some(Value::Datetime(t)) => t % 60 == 0,
            Some(Value::Time(t)) => t % 60 == 0,
            Some(value) => !value.is_blank(),
            None => false,
        },
        Operand::Parameter(_) => {
            matches!(field.field_type, FieldType::Id | FieldType::Number | FieldType::RecordNumber | FieldType::Date)
        }
        Operand::Function(_) => false,
    };
    (fits && test.operands.iter().all(same)).then(|| Test { field: code.clone(), column: None, ..test.clone() })
}
