//! What a run of a plan costs kintone: records and API calls per app and in all, from how many records its reads meet.
//!
//! The rule of each number is the client's own way of reading and writing; its figures come in as [`Strategy`], since
//! this crate knows no client. Where rows cannot be known before they are computed, the most that there can be is told.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::{Method, NodeId, Op, Plan, Write};

/// How the client reads and writes.
#[derive(Clone, Copy, Debug)]
pub struct Strategy {
    /// Records of a page.
    pub page: u64,
    /// Keys in one call that reads by keys.
    pub keys_per_call: u64,
    /// With more keys than this the first page is read, and tells whether the keys or the other pages take fewer calls.
    pub most_keys: u64,
    /// Records of one part of a bulk.
    pub records_per_part: u64,
    /// Parts of a bulk that carry records.
    pub parts_per_bulk: u64,
    /// Calls that describe one app.
    pub calls_per_schema: u64,
}

/// What kintone holds now, as far as it was asked.
#[derive(Clone, Debug, Default)]
pub struct Held {
    /// Records that meet the condition of each read node.
    pub reads: BTreeMap<NodeId, u64>,
    /// All records of each app that is updated or regenerated.
    pub apps: BTreeMap<u64, u64>,
}

/// Calls and records that touch one app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Calls that describe it.
    pub schema_calls: u64,
    /// Calls that read it as an input.
    pub read_calls: u64,
    /// Calls that read what it holds, to compare; `None` where the number of rows is not known.
    pub compare_calls: Option<u64>,
    /// Bulks that change it, at most; none where nothing differs.
    pub write_calls: Option<u64>,
    /// Records read from it as an input.
    pub records_read: u64,
    /// Records that may be added, changed or deleted, at most.
    pub records_written: Option<u64>,
}

impl Default for Share {
    /// Nothing at all, and that for certain.
    fn default() -> Self {
        Self {
            schema_calls: 0,
            read_calls: 0,
            compare_calls: Some(0),
            write_calls: Some(0),
            records_read: 0,
            records_written: Some(0),
        }
    }
}

impl Share {
    /// All calls, at most.
    pub fn calls(&self) -> Option<u64> {
        Some(self.schema_calls + self.read_calls + self.compare_calls? + self.write_calls?)
    }
}

/// What a run costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// Per app, by number.
    pub apps: BTreeMap<u64, Share>,
    /// In all. A bulk that touches two apps is one call here and one for each of them above.
    pub total: Share,
    /// Rows of each node, at most; `None` where only the values decide.
    pub rows: Vec<Option<u64>>,
}

/// Estimates a plan.
pub fn estimate(plan: &Plan, held: &Held, how: &Strategy) -> Estimate {
    let rows = rows(plan, held);
    let mut apps: BTreeMap<u64, Share> = BTreeMap::new();
    let mut total = Share::default();
    for app in touched(plan) {
        apps.entry(app).or_default().schema_calls = how.calls_per_schema;
        total.schema_calls += how.calls_per_schema;
    }
    // Bulks are packed over all outputs together.
    let (mut parts, mut parts_of): (Option<u64>, BTreeMap<u64, Option<u64>>) = (Some(0), BTreeMap::new());
    for (id, node) in plan.nodes.iter().enumerate() {
        match &node.op {
            Op::Read(read) => {
                let records = held.reads.get(&id).copied().unwrap_or(0);
                for share in [&mut total, apps.entry(read.app).or_default()] {
                    share.read_calls += pages(records, how);
                    share.records_read += records;
                }
            }
            Op::Write(write) => {
                let (app, own) = (held.apps.get(&write.app).copied(), rows[id]);
                let compare = compare_calls(write, own, app, how);
                let written = match write.method {
                    Method::Regenerate { .. } => add(own, Some(app.unwrap_or(0))),
                    _ => own,
                };
                for share in [&mut total, apps.entry(write.app).or_default()] {
                    share.compare_calls = add(share.compare_calls, compare);
                    share.records_written = add(share.records_written, written);
                }
                let own_parts = written.map(|records| records.div_ceil(how.records_per_part));
                parts = add(parts, own_parts);
                let known = parts_of.entry(write.app).or_insert(Some(0));
                *known = add(*known, own_parts);
            }
            _ => {}
        }
    }
    let bulks = |parts: Option<u64>| parts.map(|p| p.div_ceil(how.parts_per_bulk));
    total.write_calls = bulks(parts);
    for (app, parts) in parts_of {
        apps.entry(app).or_default().write_calls = bulks(parts);
    }
    Estimate { apps, total, rows }
}

/// The apps that a plan reads and writes.
pub fn touched(plan: &Plan) -> BTreeSet<u64> {
    let app = |op: &Op| match op {
        Op::Read(read) => Some(read.app),
        Op::Write(write) => Some(write.app),
        _ => None,
    };
    plan.nodes.iter().filter_map(|node| app(&node.op)).collect()
}

/// Pages that a read takes. With gaps between the ids a range can end with a page that is not full, which is not known
/// before it is read.
fn pages(records: u64, how: &Strategy) -> u64 {
    records.div_ceil(how.page).max(1)
}

/// Calls that read what the target app holds: by key where the keys are few, else by key or all, whichever is less.
fn compare_calls(write: &Write, rows: Option<u64>, app: Option<u64>, how: &Strategy) -> Option<u64> {
    match &write.method {
        Method::Append => Some(0),
        Method::Update { .. } => match (rows, rows.map(|rows| rows.div_ceil(how.keys_per_call))) {
            (Some(rows), by_key) if rows <= how.most_keys => by_key,
            (_, by_key) => {
                let all = pages(app?, how);
                Some(by_key.map_or(all, |calls| all.min(1 + calls)))
            }
        },
        _ => Some(pages(app?, how)),
    }
}

/// The most rows of each node.
fn rows(plan: &Plan, held: &Held) -> Vec<Option<u64>> {
    let mut rows: Vec<Option<u64>> = Vec::with_capacity(plan.nodes.len());
    for (id, node) in plan.nodes.iter().enumerate() {
        let inputs: Option<Vec<u64>> = node.inputs.iter().map(|i| rows.get(*i).copied().flatten()).collect();
        let own = match (&node.op, inputs) {
            (Op::Read(_), _) => held.reads.get(&id).copied(),
            (op, Some(inputs)) => op.operation().most_rows(&inputs),
            (_, None) => None,
        };
        rows.push(own);
    }
    rows
}

fn add(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    Some(a?.saturating_add(b?))
}
