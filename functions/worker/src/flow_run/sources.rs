//! What a flow reads: apps, files, members, each a table. How much that is, is known before most of it is read.

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

/// Tables, rows, and counts of nodes.
pub(super) type Sources = (Vec<Table>, u64, Vec<(NodeId, Counts)>);

/// A read of an app whose first page is there.
struct ReadOfApp<'a> {
    node: NodeId,
    step: &'a str,
    read: &'a BoundRead,
    /// The columns that are read: those of the node, and where it has none for the records' ids, one for them.
    columns: Vec<Column>,
    /// Where the ids stand among them.
    ids: usize,
    begun: Begun<TableBuilder>,
}

impl Run<'_> {
    /// One table per node that reads, in node order; how many rows; what was counted in files.
    ///
    /// Of each app the first page is read first, all at once: it brings the number of records, so that a flow that reads too
    /// much is refused before it has read it.
    pub(super) async fn read_sources(&self, bound: &BoundPlan, zone: &TimeZone) -> Result<Sources, FlowError> {
        let nodes = bound.plan.nodes.iter().enumerate();
        let reads = nodes.clone().filter_map(|(id, node)| Some((id, node, bound.reads.get(&id)?)));
        let reads = reads.map(|(id, node, read)| self.begin(id, &node.step, read, &node.columns));
        let begun = try_join_all(reads.collect::<Vec<_>>()).await?;
        let mut known: Vec<(&str, u64)> = begun.iter().map(|read| (read.step, read.begun.total())).collect();
        caps::check_read(self.caps, known.iter().copied())?;
        let (mut sources, mut rows, mut counted) = (Vec::new(), 0, Vec::new());
        let mut begun = begun.into_iter().peekable();
        for (id, node) in nodes {
            if let Some(read) = begun.next_if(|read| read.node == id) {
                let (table, count) = self.finish(read, node.columns.len()).await?;
                sources.push(table);
                rows += count;
            } else if let Op::ReadFile(read) = &node.op {
                let at = At { step: &node.step, now: self.now, zone, strict: bound.plan.strict };
                let (table, counts) = self.store(&node.step)?.read(read, &node.columns, at).await?;
                rows += table.rows() as u64;
                known.push((&node.step, table.rows() as u64));
                caps::check_read(self.caps, known.iter().copied())?;
                sources.push(table);
                counted.push((id, counts));
            } else if let Op::Members(members) = &node.op {
                sources.push(self.read_members(*members, &node.columns).await?);
            }
        }
        Ok((sources, rows, counted))
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

    /// Reads the first page of an app, each row with the id of its record for messages.
    async fn begin<'a>(
        &self,
        node: NodeId,
        step: &'a str,
        read: &'a BoundRead,
        columns: &[Column],
    ) -> Result<ReadOfApp<'a>, FlowError> {
        let schema = self.schemas.get(read.app).ok_or_else(|| unknown_app(read.app))?;
        // The flow may want the ids itself.
        let known = read.fields.iter().position(|code| code == "$id");
        let mut fields: Vec<ReadField> =
            read.fields.iter().zip(columns).map(|(code, column)| read_field(schema, code, column)).collect();
        let ids = known.unwrap_or(columns.len());
        let mut columns = columns.to_vec();
        if known.is_none() {
            let id = Column::new("$id", Kind::Number);
            fields.push(read_field(schema, "$id", &id));
            columns.push(id);
        }
        let condition = (!read.condition.is_empty()).then(|| read.condition.clone());
        let request = ReadRequest { app: read.app, fields, condition };
        let begun = self.kintone.begin_read(&request, TableBuilder::new(&columns)).await;
        let begun = begun.map_err(|error| FlowError::from(error).of_read(step, read))?;
        Ok(ReadOfApp { node, step, read, columns, ids, begun })
    }

    /// Reads the rest of an app: its rows with so many columns, and how many records they are.
    async fn finish(&self, read: ReadOfApp<'_>, wanted: usize) -> Result<(Table, u64), FlowError> {
        let ReadOfApp { step, read, columns, ids, begun, .. } = read;
        let result = self.kintone.finish_read(begun, || TableBuilder::new(&columns)).await;
        let result = result.map_err(|error| FlowError::from(error).of_read(step, read))?;
        Ok((concat(result.sinks)?.with_origins(ids, wanted)?, result.records))
    }
}
