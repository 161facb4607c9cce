//! Runs an inner plan once per group of rows.

use std::collections::BTreeSet;
use std::rc::Rc;

use arrow_array::UInt32Array;
use arrow_select::take::take;
use flow::plan::{Column as Shape, ForEach};

use super::select::{column, named};
use crate::column::Column;
use crate::error::{EngineError, Limited};
use crate::ids::groups;
use crate::report::{Counts, shown};
use crate::run::{RunContext, run_group};
use crate::table::Table;
use crate::text::value_text;

/// The results of all groups, one after the other, each behind the values of its key; and the rows that expanding tables
/// made in them.
///
/// `inputs`: the rows, and whatever else the inner plan takes whole.
pub(crate) fn for_each(
    inputs: Vec<Table>,
    spec: &ForEach,
    shape: &[Shape],
    context: &RunContext<'_>,
    holidays: &Rc<BTreeSet<i32>>,
    counts: &mut Counts,
) -> Result<(Table, u64), EngineError> {
    let rows = inputs.first().ok_or_else(|| EngineError::plan("no rows to group"))?;
    let keys = spec.keys.iter().map(|i| column(rows, *i)).collect::<Result<Vec<_>, _>>()?;
    let groups = groups(&keys, rows.rows())?;
    if groups.len() as u64 > spec.most {
        return Err(EngineError::Limit { step: String::new(), what: Limited::Groups, limit: spec.most });
    }
    let mut of_group: Vec<Vec<u32>> = vec![Vec::new(); groups.len()];
    for (group, row) in groups.of.iter().zip(0u32..) {
        of_group[*group as usize].push(row);
    }
    let mut results = Vec::with_capacity(of_group.len());
    let (mut total, mut expanded) = (0, 0);
    for (members, first) in of_group.into_iter().zip(&groups.firsts) {
        let group = rows.take(&UInt32Array::from(members))?;
        let given = std::iter::once(group).chain(inputs.iter().skip(1).cloned()).collect();
        let key = || {
            let values = keys.iter().map(|key| value_text(&key.value(*first as usize), context.zone));
            shown(&values.collect::<Vec<_>>().join(", "))
        };
        let done = run_group(&spec.plan, given, context, holidays);
        let (result, reports) = done.map_err(|error| error.of_group(&key()))?;
        for report in reports {
            expanded += report.expanded;
            counts.merge(&report.step, &key, report.counts);
        }
        total += result.rows() as u64;
        if total > context.limits.join_rows {
            let limit = context.limits.join_rows;
            return Err(EngineError::Limit { step: String::new(), what: Limited::Rows, limit });
        }
        let repeated = UInt32Array::from(vec![*first; result.rows()]);
        let mut columns: Vec<Column> = Vec::with_capacity(shape.len());
        for key in &keys {
            columns.push(key.with_array(take(key.array(), &repeated, None)?));
        }
        for index in &spec.output {
            columns.push(column(&result, *index)?.clone());
        }
        results.push(named(Table::new(columns, result.rows())?, shape)?);
    }
    let all = if results.is_empty() { Table::empty(shape) } else { Table::concat(results)? };
    Ok((all, expanded))
}
