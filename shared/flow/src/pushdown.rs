//! Gives the conditions of a filter directly behind a read to kintone too, so that fewer records travel.
//!
//! Only where kintone's answer holds every row that the filter would keep; the filter stays and decides. So only
//! comparisons that a blank never meets, by value: numbers, dates, times, datetimes of whole minutes, and equality of record numbers.
//! Not text: kintone's text comparison may differ in case and width.

use model::field::{Field, FieldType, Kind};
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
    let compares = matches!(test.operator, O::Equal | O::Less | O::LessOrEqual | O::Greater | O::GreaterOrEqual);
    let fits = match field.field_type {
        FieldType::Id | FieldType::Number => compares || test.operator == O::In,
        FieldType::RecordNumber => matches!(test.operator, O::Equal | O::In),
        FieldType::Date | FieldType::Time | FieldType::Datetime | FieldType::CreatedTime | FieldType::UpdatedTime => {
            compares
        }
        _ => false,
    };
    let operand = |operand: &Operand| match operand {
        Operand::Literal(text) => canonical(field.field_type, text).map(Operand::Literal),
        Operand::Parameter(parameter) if may_narrow(field.field_type) => {
            Some(Operand::Narrowing { parameter: parameter.clone(), of: field.field_type })
        }
        Operand::Parameter(_) | Operand::Function(_) | Operand::Narrowing { .. } => None,
    };
    let operands = test.operands.iter().map(operand).collect::<Option<Vec<_>>>().filter(|_| fits)?;
    Some(Test { field: code.clone(), column: None, operator: test.operator, operands })
}

/// Whether the value of a parameter can be compared by kintone as it is compared here. Not times and instants: kintone
/// drops their seconds.
fn may_narrow(of: FieldType) -> bool {
    matches!(of, FieldType::Id | FieldType::Number | FieldType::RecordNumber | FieldType::Date)
}

/// The text by which kintone finds at least the records that a comparison with this text finds here. `None`: kintone would
/// refuse it, or find fewer.
pub(crate) fn canonical(of: FieldType, text: &str) -> Option<String> {
    let kind = match of {
        // With or without the app's code in front: the number alone is what every app knows its records by, and a code of
        // another app is refused.
        FieldType::RecordNumber => {
            let number = text.rsplit('-').next().unwrap_or_default();
            let digits =
                !number.is_empty() && number.len() <= RECORD_DIGITS && number.bytes().all(|b| b.is_ascii_digit());
            return digits.then(|| number.to_owned());
        }
        FieldType::Id | FieldType::Number => Kind::Number,
        FieldType::Date => Kind::Date,
        FieldType::Time => Kind::Time,
        FieldType::Datetime | FieldType::CreatedTime | FieldType::UpdatedTime => Kind::Datetime,
        _ => return None,
    };
    let value = literal::parse(kind, text)?;
    // kintone drops seconds, so `<` of a time with seconds would be narrower there.
    let whole = match value {
        Value::Blank => false,
        Value::Datetime(seconds) => seconds % 60 == 0,
        Value::Time(seconds) => seconds % 60 == 0,
        _ => true,
    };
    if whole { literal::print(&value) } else { None }
}

/// Digits of a record number: kintone's fit 64 bits.
const RECORD_DIGITS: usize = 18;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pushed_is_written_as_kintone_writes_it() {
        use FieldType as T;
        for (of, text, written) in [
            (T::Number, "1.50", Some("1.5")),
            (T::Number, "abc", None),
            (T::Number, "", None),
            (T::Id, "7", Some("7")),
            (T::RecordNumber, "7", Some("7")),
            (T::RecordNumber, "SALES-7", Some("7")),
            (T::RecordNumber, "abc", None),
            (T::RecordNumber, "", None),
            (T::RecordNumber, "9999999999999999999", None),
            (T::Date, "2026-01-01", Some("2026-01-01")),
            (T::Date, "2026/1/1", None),
            (T::Date, "2026-01-01T10:00", None),
            (T::Date, "2026-01-01T10:00:00Z", None),
            (T::Time, "09:05", Some("09:05")),
            (T::Time, "09:05:30", None),
            (T::CreatedTime, "2026-01-01T09:00:00+09:00", Some("2026-01-01T00:00:00Z")),
            (T::CreatedTime, "2026-01-01T00:00:30Z", None),
            (T::SingleLineText, "a", None),
        ] {
            assert_eq!(canonical(of, text).as_deref(), written, "{of:?} {text}");
        }
    }
}
