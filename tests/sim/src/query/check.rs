//! Whether a query can be asked of an app: fields, options, operators, functions, sort keys, in kintone's order.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::ast::{Condition, Op, Operand, OrderKey, Query, Test};
use super::error::QueryError;
use super::eval::Context;
use super::field::{Kind, Target, label};
use super::predicate::Predicate;
use crate::form::{FieldDef, FieldType, Form};

/// Refuses what kintone would refuse about this query in this app. The first problem is told.
pub fn check(query: &Query, form: &Form) -> Result<(), QueryError> {
    // Whether an operand can be read depends on neither time nor asker, so any context will do.
    let context = Context::new(Timestamp::UNIX_EPOCH, TimeZone::UTC);
    if let Some(condition) = &query.condition {
        check_condition(condition, form, &context)?;
    }
    query.order.iter().try_for_each(|key| check_key(key, form))
}

fn check_condition(condition: &Condition, form: &Form, context: &Context) -> Result<(), QueryError> {
    match condition {
        Condition::And(parts) | Condition::Or(parts) => {
            parts.iter().try_for_each(|part| check_condition(part, form, context))
        }
        Condition::Test(test) => {
            let target = Target::find(&test.field, form)?;
            check_test(test, target, form)?;
            Predicate::new(test, target.kind(), form, context).map(drop)
        }
    }
}

fn check_test(test: &Test, target: Target<'_>, form: &Form) -> Result<(), QueryError> {
    if let Some(field) = target.definition() {
        check_options(test, field, form)?;
    }
    if matches!(target, Target::Cell { .. }) && matches!(test.op, Op::Eq | Op::Ne) {
        return Err(QueryError::table_equality(&test.field.code, test.op));
    }
    if !target.kind().allows(test.op) {
        return Err(QueryError::operator(&test.field.code, test.op));
    }
    Ok(())
}

/// Options and statuses must exist; the empty text stands for none chosen.
fn check_options(test: &Test, field: &FieldDef, form: &Form) -> Result<(), QueryError> {
    let exists: &dyn Fn(&str) -> bool = match field.kind {
        FieldType::Status if !form.has_process() => return Err(QueryError::no_process()),
        FieldType::Status => &|name| form.statuses.iter().any(|status| status == name),
        kind if kind.has_options() => &|name| field.has_option(name),
        _ => return Ok(()),
    };
    let missing = test.operands.iter().find_map(|operand| match operand {
        Operand::Literal(name) if !name.is_empty() && !exists(name) => Some(name),
        _ => None,
    });
    missing.map_or(Ok(()), |name| Err(QueryError::option(label(field), name)))
}

fn check_key(key: &OrderKey, form: &Form) -> Result<(), QueryError> {
    match Target::find(&key.field, form)? {
        Target::Id => Ok(()),
        Target::Field(field) if is_sortable(field) => Ok(()),
        Target::Field(field) | Target::Cell { field, .. } => Err(QueryError::sort_key(label(field))),
    }
}

/// Numbers, single lines, single choices, dates and times, people who are one, and the status.
fn is_sortable(field: &FieldDef) -> bool {
    match Target::Field(field).kind() {
        Kind::Id | Kind::Number | Kind::Calc(_) | Kind::Line | Kind::Moment(_) | Kind::Status => true,
        Kind::Choice => matches!(field.kind, FieldType::RadioButton | FieldType::DropDown),
        Kind::User => matches!(field.kind, FieldType::Creator | FieldType::Modifier),
        Kind::Lines | Kind::Rich | Kind::File | Kind::Organization | Kind::Group | Kind::Other => false,
    }
}
