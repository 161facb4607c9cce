//! What a flow reads: apps, files, members, each a table. How much that is, is known before most of it is read.

use std::collections::{BTreeSet, HashMap};

use connect::kintone::{Begun, MemberKind, ReadField, ReadRequest};
use engine::{Counts, Table, TableBuilder};
use flow::bind::{BoundPlan, BoundRead};
use flow::plan::{Column, Members, NodeId, Op};
use futures::future::try_join_all;
use jiff::tz::TimeZone;
use model::field::Kind;
use model::value::Value;

use super::{FlowError, Run, caps, concat, read_field, unknown_app};
use crate::files::{At, Files};

/// What was read.
#[derive(Default)]
pub(super) struct Sources {
    /// A table per node that reads, in node order.
    pub tables: Vec<Table>,
    /// Records, and rows of files.
    pub rows: u64,
    /// What was counted in files.
    pub counted: Vec<(NodeId, Counts)>,
    /// The revisions of records of apps that the flow writes, too: what it writes is computed from these.
    pub revisions: Revisions,
}

/// Revisions by app and record.
pub(super) type Revisions = HashMap<(u64, u64), u64>;

/// A read of an app whose first page is there.
struct ReadOfApp<'a> {
    node: NodeId,
    step: &'a str,
    read: &'a BoundRead,
    /// The columns that are read: those of the node, and where it has none for the records' ids, one for them.
    columns: Vec<Column>,
    /// Where the ids stand among them.
    ids: usize,
    /// Where the revisions stand among them, where they are wanted.
    revisions: Option<usize>,
    begun: Begun<TableBuilder>,
}

impl Run<'_> {
    /// Reads what the plan names.
    ///
    /// Of each app the first page is read first, all at once: it brings the number of records, so that a flow that reads too
    /// much is refused before it has read it.
    pub(super) async fn read_sources(&self, bound: &BoundPlan, zone: &TimeZone) -> Result<Sources, FlowError> {
        let nodes = bound.plan.nodes.iter().enumerate();
        let reads = nodes.clone().filter_map(|(id, node)| Some((id, node, bound.reads.get(&id)?)));
        let written: BTreeSet<u64> = super::writes(&bound.plan).map(|write| write.app).collect();
        let reads = reads
            .map(|(id, node, read)| self.begin((id, &node.step), read, &node.columns, written.contains(&read.app)));
        let begun = try_join_all(reads.collect::<Vec<_>>()).await?;
        let mut known: Vec<(&str, u64)> = begun.iter().map(|read| (read.step, read.begun.total())).collect();
        caps::check_read(self.caps, known.iter().copied())?;
        let mut sources = Sources::default();
        let mut begun = begun.into_iter().peekable();
        for (id, node) in nodes {
            if let Some(read) = begun.next_if(|read| read.node == id) {
                let table = self.finish(read, node.columns.len(), &mut sources).await?;
                sources.tables.push(table);
            } else if let Op::ReadFile(read) = &node.op {
                let at = At { step: &node.step, now: self.now, zone, strict: bound.plan.strict };
                let (table, counts) = self.store(&node.step)?.read(read, &node.columns, at).await?;
                sources.rows += table.rows() as u64;
                known.push((&node.step, table.rows() as u64));
                caps::check_read(self.caps, known.iter().copied())?;
                sources.tables.push(table);
                sources.counted.push((id, counts));
            } else if let Op::Members(members) = &node.op {
                sources.tables.push(self.read_members(*members, &node.columns).await?);
            }
        }
        Ok(sources)
    }

    pub(super) fn store(&self, step: &str) -> Result<&Files, FlowError> {
        self.files.ok_or_else(|| crate::files::no_store(step))
    }

    async fn read_members(&self, members: Members, columns: &[Column]) -> Result<Table, FlowError> {
        let kind = match members {
            Members::Users => MemberKind::Users,
            Members::Organizations => MemberKind::Organizations,
            Members::Groups => MemberKind::Groups,
        };
        let codes = self.kintone.members(kind).await?;
        let rows: Vec<Vec<Value>> = codes.into_iter().map(|code| vec![Value::text(code)]).collect();
        Ok(Table::from_rows(columns, &rows)?)
    }

    /// Reads the first page of an app, each row with the id of its record for messages, and with its revision where what is
    /// computed from it may be written to it.
    async fn begin<'a>(
        &self,
        (node, step): (NodeId, &'a str),
        read: &'a BoundRead,
        columns: &[Column],
        writes: bool,
    ) -> Result<ReadOfApp<'a>, FlowError> {
        let schema = self.schemas.get(read.app).ok_or_else(|| unknown_app(read.app))?;
        // The flow may want them itself.
        let known = |wanted: &str| read.fields.iter().position(|code| code == wanted);
        let mut fields: Vec<ReadField> =
            read.fields.iter().zip(columns).map(|(code, column)| read_field(schema, code, column)).collect();
        let mut columns = columns.to_vec();
        let mut hidden = |code: &str| {
            let column = Column::new(code, Kind::Number);
            fields.push(read_field(schema, code, &column));
            columns.push(column);
            columns.len() - 1
        };
        let ids = known("$id").unwrap_or_else(|| hidden("$id"));
        let revisions = writes.then(|| known("$revision").unwrap_or_else(|| hidden("$revision")));
        let condition = (!read.condition.is_empty()).then(|| read.condition.clone());
        let request = ReadRequest { app: read.app, fields, condition };
        let begun = self.kintone.begin_read(&request, TableBuilder::new(&columns)).await;
        let begun = begun.map_err(|error| FlowError::from(error).of_read(step, read))?;
        Ok(ReadOfApp { node, step, read, columns, ids, revisions, begun })
    }

    /// Reads the rest of an app: its rows with so many columns.
    async fn finish(&self, read: ReadOfApp<'_>, wanted: usize, sources: &mut Sources) -> Result<Table, FlowError> {
        let ReadOfApp { step, read, columns, ids, revisions, begun, .. } = read;
        let result = self.kintone.finish_read(begun, || TableBuilder::new(&columns)).await;
        let result = result.map_err(|error| FlowError::from(error).of_read(step, read))?;
        sources.rows += result.records;
        let table = concat(result.sinks)?;
        if let Some(revisions) = revisions {
            let natural = |column: usize, row: usize| {
                let number = table.columns().get(column).and_then(|column| column.number(row));
                number.and_then(|number| u64::try_from(number.to_i64()?).ok())
            };
            for row in 0..table.rows() {
                let (Some(id), Some(revision)) = (natural(ids, row), natural(revisions, row)) else { continue };
                // Read twice and changed in between: the older one tells that.
                let kept = sources.revisions.entry((read.app, id)).or_insert(revision);
                *kept = revision.min(*kept);
            }
        }
        Ok(table.with_origins(ids, wanted)?)
    }
}
