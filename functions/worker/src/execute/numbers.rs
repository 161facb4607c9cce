//! Numbers for the records that a flow adds: asked of the ledger behind the comparison and before the first write, so that
//! a run that is taken up again, or computes anew, writes the same numbers.

use std::collections::HashMap;

use connect::kintone::{Kintone, ReadField, ReadRequest};
use engine::{Changes, Demand, Table, TableBuilder};
use flow::plan::NumberUnit;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::catalogue;
use model::field::{AppSchema, FieldType};
use model::ledger::{Ask, LedgerError};
use model::numbering::Cycle;
use model::store::StoreError;

use super::Work;
use crate::flow_run::{Computed, FlowError};
use crate::writing::WritingError;

/// Where and when numbers are asked for.
struct Asking<'a> {
    kintone: &'a Kintone,
    schema: Option<&'a AppSchema>,
    app: u64,
    zone: &'a TimeZone,
    today: Date,
}

/// What a demand counts in.
struct Counting {
    /// The counter's name.
    counter: String,
    cycle: Cycle,
    /// The number in front of the first one; `None` where the app tells.
    behind: Option<u64>,
}

impl Work<'_> {
    /// Numbers the records that the flow adds.
    pub(super) async fn number(
        &self,
        kintone: &Kintone,
        flow: usize,
        zone: &str,
        computed: &mut Computed,
    ) -> Result<(), WritingError> {
        if computed.outputs.iter().all(|output| output.changes.demands().is_empty()) {
            return Ok(());
        }
        let wrong = |text: String| WritingError::Refused(FlowError::new(catalogue::FLOW_INVALID, text.clone(), text));
        let zone = TimeZone::get(zone).map_err(|e| wrong(e.to_string()))?;
        let now = Timestamp::from_second(self.run_of_flow(kintone).now).map_err(|e| wrong(e.to_string()))?;
        let today = now.to_zoned(zone.clone()).date();
        for output in &mut computed.outputs {
            let demands = output.changes.demands();
            let schema = self.schemas.get(output.app);
            let asking = Asking { kintone, schema, app: output.app, zone: &zone, today };
            let mut asks = Vec::with_capacity(demands.len());
            for demand in &demands {
                asks.push(self.counting(&asking, demand).await?);
            }
            let names: Vec<String> = asks.iter().map(|c| c.counter.clone()).collect();
            let unused = self.deps.ledger.unused(&self.ticket.unit.domain, &names).await.map_err(later)?;
            let mut wanted: Vec<(&Demand, Ask)> = Vec::with_capacity(demands.len());
            let mut present: HashMap<usize, Table> = HashMap::new();
            for ((demand, counting), unused) in demands.iter().zip(asks).zip(unused) {
                let behind = match counting.behind {
                    Some(behind) => behind,
                    None if unused => {
                        let table = match present.remove(&demand.numbering) {
                            Some(table) => table,
                            None => asking.numbers(&output.changes, demand, counting.cycle).await?,
                        };
                        let largest = output.changes.largest(demand, &table);
                        present.insert(demand.numbering, table);
                        largest
                    }
                    None => 0,
                };
                let (counter, for_ever) = (counting.counter, counting.cycle == Cycle::None);
                wanted.push((demand, Ask { counter, wanted: demand.rows.len() as u64, behind, for_ever }));
            }
            let mut given = Vec::with_capacity(wanted.len());
            // Each numbered field by itself: two may count in one number of the domain.
            for of_field in wanted.chunk_by(|(a, _), (b, _)| a.numbering == b.numbering) {
                let place = format!("{flow}:{}:{}", output.step, of_field[0].0.field);
                let asks: Vec<Ask> = of_field.iter().map(|(_, ask)| ask.clone()).collect();
                let (ledger, run) = (&self.deps.ledger, &self.ticket.run.id);
                let held = ledger.take_numbers(&self.ticket.unit.domain, run, &place, &asks).await.map_err(later)?;
                given.extend(of_field.iter().map(|(demand, _)| (*demand).clone()).zip(held));
            }
            for (demand, held) in given {
                output.changes.give(&demand, held.numbers());
            }
        }
        Ok(())
    }

    async fn counting(&self, asking: &Asking<'_>, demand: &Demand) -> Result<Counting, WritingError> {
        match &demand.unit {
            NumberUnit::App { cycle, .. } => {
                let what = ("app", asking.app, &demand.field, cycle.period(asking.today), &demand.group);
                Ok(Counting { counter: name(&what), cycle: *cycle, behind: None })
            }
            NumberUnit::Domain { name: wanted } => {
                let found = self.deps.ledger.named_number(&self.ticket.unit.domain, wanted).await.map_err(later)?;
                let Some(number) = found else {
                    return Err(WritingError::Refused(FlowError::new(
                        catalogue::NUMBER_UNKNOWN,
                        format!("ドメインに「{wanted}」という番号は登録されていません。"),
                        format!("No number \"{wanted}\" is registered for the domain."),
                    )));
                };
                let what = ("domain", wanted, number.cycle.period(asking.today));
                let behind = Some(number.start.saturating_sub(1));
                Ok(Counting { counter: name(&what), cycle: number.cycle, behind })
            }
        }
    }
}

fn name(what: &impl serde::Serialize) -> String {
    serde_json::to_string(what).unwrap_or_default()
}

impl Asking<'_> {
    /// The numbers that the app holds of this period; read once, when a counter is used for the first time.
    async fn numbers(&self, changes: &Changes, demand: &Demand, cycle: Cycle) -> Result<Table, WritingError> {
        let columns = changes.number_columns(demand);
        let field = |code: &str, kind| {
            let known = self.schema.and_then(|s| s.field(code)).and_then(ReadField::of);
            known.unwrap_or_else(|| ReadField::new(code, kind))
        };
        let fields = columns.iter().map(|c| field(&c.name, c.kind)).collect();
        let created = self.schema.and_then(|s| s.fields.iter().find(|f| f.field_type == FieldType::CreatedTime));
        let begin = cycle.begin(self.today).and_then(|day| day.to_zoned(self.zone.clone()).ok());
        // Without that field all records tell, which is at worst a number that begins higher.
        let condition = created.zip(begin).map(|(field, at)| format!("{} >= \"{}\"", field.code, at.timestamp()));
        let request = ReadRequest { app: self.app, fields, condition, limit_records: None };
        let read = self.kintone.read(&request, || TableBuilder::new(&columns)).await;
        let read = read.map_err(|e| WritingError::Refused(e.into()))?;
        let tables = read.sinks.into_iter().map(TableBuilder::finish).collect::<Result<Vec<_>, _>>();
        tables.and_then(Table::concat).map_err(|e| WritingError::Refused(e.into()))
    }
}

/// What the store does not answer now it may answer to the next attempt.
pub(super) fn later(error: LedgerError) -> WritingError {
    match error {
        LedgerError::Superseded(_) => WritingError::Superseded,
        LedgerError::Store(StoreError::Unavailable(why)) => WritingError::Later(why),
        other => {
            let text = other.to_string();
            WritingError::Refused(FlowError::new(catalogue::INTERNAL, text.clone(), text))
        }
    }
}
