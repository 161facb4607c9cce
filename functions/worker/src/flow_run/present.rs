//! What an output's rows are compared with: the records of its app that they could meet, in the fewest calls, and never more
//! of them than the rows and the caps account for.

use connect::kintone::{KEYS_PER_CALL, PAGE, ReadRequest};
use engine::{KeyValues, Table, TableBuilder, Target};
use flow::plan::Method;

use super::{FlowError, Run, caps, concat, read_field};

/// Most different keys for which records are read by key without asking first how many records the app has: two calls.
pub const KEYS_READ: usize = 2 * KEYS_PER_CALL;

impl Run<'_> {
    /// The records of the target app that the rows could meet.
    ///
    /// For an update these are read by key, or, where that takes no more calls, all of them; which it is, the first page
    /// tells by the number of records. For a regeneration they are all records, unless so many are to go that the flow
    /// may not write it anyway.
    pub(super) async fn read_present(&self, rows: &Table, target: &Target<'_>) -> Result<Table, FlowError> {
        let columns = engine::target_fields(target.write, target.schema);
        if columns.is_empty() {
            return Ok(Table::empty(&[]));
        }
        let fields = columns.iter().map(|c| read_field(target.schema, &c.name, c)).collect();
        let request = ReadRequest { app: target.write.app, fields, condition: None };
        let sink = || TableBuilder::new(&columns);
        let keys = engine::key_values(rows, target)?;
        let fewest = keys.iter().min_by_key(|key| key.values.len());
        if let Some(key) = fewest.filter(|key| key.values.len() <= KEYS_READ) {
            return self.read_by_key(&request, key, sink).await;
        }
        let begun = self.kintone.begin_read(&request, sink()).await?;
        if let Some(key) = fewest
            && calls_by_key(key.values.len()) < further_pages(begun.total())
        {
            return self.read_by_key(&request, key, sink).await;
        }
        if matches!(target.write.method, Method::Regenerate { .. }) {
            caps::check_regenerated(self.caps, target.step, begun.total(), rows.rows() as u64)?;
        }
        concat(self.kintone.finish_read(begun, sink).await?.sinks)
    }

    async fn read_by_key(
        &self,
        request: &ReadRequest,
        key: &KeyValues,
        sink: impl Fn() -> TableBuilder,
    ) -> Result<Table, FlowError> {
        let values: Vec<String> = key.values.iter().filter_map(flow::literal::print).collect();
        concat(self.kintone.read_by_keys(request, &key.field, &values, sink).await?.sinks)
    }
}

fn calls_by_key(keys: usize) -> u64 {
    keys.div_ceil(KEYS_PER_CALL) as u64
}

/// Pages behind the first one.
fn further_pages(records: u64) -> u64 {
    records.div_ceil(PAGE).saturating_sub(1)
}
