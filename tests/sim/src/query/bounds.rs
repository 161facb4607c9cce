//! The range of record ids that a condition leaves, so that a read by id need not look at every record.

use super::ast::{Condition, Op, Operand, Test};
use super::field::{Kind, Target};
use super::predicate::without_app_code;
use crate::form::Form;

/// The lowest and the highest id that a record selected by the condition can have (lowest above highest: none can), and
/// whether the condition says nothing else, so that every record within is selected. The record number counts as the id.
pub fn id_bounds(condition: &Condition, form: &Form) -> (u64, u64, bool) {
    let bounds = bounds(condition, form);
    (bounds.low, bounds.high, bounds.exact)
}

#[derive(Clone, Copy)]
struct Bounds {
    low: u64,
    high: u64,
    exact: bool,
}

const UNKNOWN: Bounds = Bounds { low: 0, high: u64::MAX, exact: false };
const NONE: Bounds = Bounds { low: 1, high: 0, exact: true };

fn bounds(condition: &Condition, form: &Form) -> Bounds {
    match condition {
        Condition::Test(test) => test_bounds(test, form),
        Condition::And(parts) => {
            parts.iter().map(|part| bounds(part, form)).fold(Bounds { exact: true, ..UNKNOWN }, |all, part| Bounds {
                low: all.low.max(part.low),
                high: all.high.min(part.high),
                exact: all.exact && part.exact,
            })
        }
        // Outermost ids of the parts; what lies between them need not be selected.
        Condition::Or(parts) => parts.iter().map(|part| bounds(part, form)).filter(|part| part.low <= part.high).fold(
            Bounds { exact: false, ..NONE },
            |all, part| match all.low > all.high {
                true => Bounds { exact: false, ..part },
                false => Bounds { low: all.low.min(part.low), high: all.high.max(part.high), exact: false },
            },
        ),
    }
}

fn test_bounds(test: &Test, form: &Form) -> Bounds {
    if !Target::find(&test.field, form).is_ok_and(|target| target.kind() == Kind::Id) {
        return UNKNOWN;
    }
    let ids: Option<Vec<u64>> = test.operands.iter().map(|operand| id(operand, form)).collect();
    let Some(ids) = ids else { return UNKNOWN };
    let (Some(low), Some(high)) = (ids.iter().copied().min(), ids.iter().copied().max()) else { return UNKNOWN };
    match test.op {
        Op::Eq => Bounds { low, high, exact: true },
        Op::In => Bounds { low, high, exact: low == high },
        Op::Gt => low.checked_add(1).map_or(NONE, |low| Bounds { low, high: u64::MAX, exact: true }),
        Op::Ge => Bounds { low, high: u64::MAX, exact: true },
        Op::Lt => high.checked_sub(1).map_or(NONE, |high| Bounds { low: 0, high, exact: true }),
        Op::Le => Bounds { low: 0, high, exact: true },
        Op::Ne | Op::NotIn | Op::Like | Op::NotLike | Op::Empty | Op::NotEmpty => UNKNOWN,
    }
}

/// The operand as an id. Fractions, negative numbers and what does not fit are left to the test itself.
fn id(operand: &Operand, form: &Form) -> Option<u64> {
    match operand {
        Operand::Literal(text) => without_app_code(text, form).parse().ok(),
        Operand::Call(_) => None,
    }
}
