//! Finds the records that a query asks for, by the shortest way: ids and ranges of ids are looked up, all else is
//! walked through.

use std::collections::BTreeMap;

use super::app::App;
use super::error::{ApiError, ApiResult};
use super::scope::Scope;
use super::text::Text;
use super::world::World;
use crate::form::Form;
use crate::query::{self, Context, Filter, OrderKey, Query, QueryError, Sorter};
use crate::record::Record;

/// How many records come where the query has no limit.
const DEFAULT_LIMIT: u64 = 100;

/// Said on every answer whose search was cut.
pub const CUT_WARNING: &str = "Filter aborted because of too many search results";

/// What a query found.
pub struct Found<'w> {
    /// The records, in order, after offset and limit.
    pub records: Vec<&'w Record>,
    /// How many there are without offset and limit, where that was asked for.
    pub total: Option<u64>,
    /// Whether a `like` found more than the search follows.
    pub cut: bool,
}

/// Reads and checks a query against an app.
pub fn prepare(form: &Form, text: &str, allow_limit: bool) -> ApiResult<Query> {
    let query = query::parse(text, allow_limit).map_err(refused)?;
    query::check(&query, form).map_err(refused)?;
    Ok(query)
}

/// The records of an app that a query finds; `limited` is false for cursors, which tell all of them.
pub fn run<'w>(
    world: &World,
    scope: &Scope,
    app: &'w App,
    query: &Query,
    limited: bool,
    total: bool,
) -> ApiResult<Found<'w>> {
    let form = &app.form;
    let (limit, offset) = if limited {
        (size(query.limit.unwrap_or(DEFAULT_LIMIT)), size(query.offset.unwrap_or(0)))
    } else {
        (usize::MAX, 0)
    };
    let (min, max, exact) = match &query.condition {
        Some(condition) => query::id_bounds(condition, form),
        None => (0, u64::MAX, true),
    };
    let filter = match &query.condition {
        Some(condition) if !exact => Some(Filter::new(condition, form, &context(world, scope)).map_err(refused)?),
        _ => None,
    };
    let matches = |record: &&Record| filter.as_ref().is_none_or(|filter| filter.matches(record));
    let within = || range(app.records(), min, max);
    let direction = id_order(&query.order, form);
    let has_like = query.condition.as_ref().is_some_and(query::uses_like);
    if let Some(ascending) = direction
        && !has_like
    {
        let records = if ascending {
            within().filter(matches).skip(offset).take(limit).collect()
        } else {
            within().rev().filter(matches).skip(offset).take(limit).collect()
        };
        let total = total.then(|| match (exact, min, max) {
            (true, ..=1, u64::MAX) => app.records().len() as u64,
            _ => within().filter(matches).count() as u64,
        });
        return Ok(Found { records, total, cut: false });
    }
    let mut found: Vec<&Record> = within().filter(matches).collect();
    let threshold = size(world.switches.like_threshold);
    let cut = has_like && found.len() > threshold;
    if cut {
        found.truncate(threshold);
    }
    match direction {
        Some(true) => {}
        Some(false) => found.reverse(),
        None => {
            let sorter = Sorter::new(&query.order, form);
            found.sort_by_cached_key(|record| sorter.key(record));
        }
    }
    let total = total.then_some(found.len() as u64);
    Ok(Found { records: found.into_iter().skip(offset).take(limit).collect(), total, cut })
}

/// Whether a condition alone (a filter of the settings) holds for a record; an empty one always does, one that cannot
/// be read never.
pub fn holds(world: &World, scope: &Scope, app: &App, condition: &str, record: &Record) -> bool {
    if condition.trim().is_empty() {
        return true;
    }
    let Ok(query) = prepare(&app.form, condition, false) else { return false };
    query.condition.is_none_or(|condition| query::matches(&condition, record, &app.form, &context(world, scope)))
}

fn range(records: &BTreeMap<u64, Record>, min: u64, max: u64) -> impl DoubleEndedIterator<Item = &Record> {
    // A range that ends before it begins would panic; it holds nothing. No record has the id 0.
    let bounds = if min <= max { min..=max } else { 0..=0 };
    records.range(bounds).map(|(_, record)| record)
}

/// The direction where the order is that of the ids: no order at all means downwards.
fn id_order(order: &[OrderKey], form: &Form) -> Option<bool> {
    let Some(first) = order.first() else { return Some(false) };
    let is_id = first.field.inner.is_none()
        && (first.field.code == "$id"
            || form.find(&first.field.code).is_some_and(|field| field.kind == crate::form::FieldType::RecordNumber));
    is_id.then_some(first.ascending)
}

fn context(world: &World, scope: &Scope) -> Context {
    let login = scope.login().map(str::to_owned);
    let organization = login.as_ref().and_then(|login| world.users.get(login)?.organization.clone());
    let delay = jiff::SignedDuration::from_millis(i64::try_from(world.switches.index_delay_ms).unwrap_or(i64::MAX));
    let indexed_until = (!delay.is_zero()).then(|| scope.now.checked_sub(delay).unwrap_or(jiff::Timestamp::MIN));
    let file_text = Some(world.files.readable());
    Context { now: scope.now, zone: scope.zone(world), login, organization, indexed_until, file_text }
}

fn refused(error: QueryError) -> ApiError {
    ApiError {
        status: error.status,
        code: error.code,
        message: Text::made(error.ja, error.en),
        errors: error
            .errors
            .into_iter()
            .map(|problem| (problem.path.to_owned(), Text::made(problem.ja, problem.en)))
            .collect(),
    }
}

fn size(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
