//! Numbers for the records that a flow adds: asked of the ledger behind the comparison and before the first write, so that
//! a run that is taken up again, or computes anew, writes the same numbers.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use connect::kintone::{Kintone, ReadField, ReadRequest};
use engine::{Changes, Demand, Table, TableBuilder};
use flow::plan::NumberUnit;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::catalogue;
use model::field::{AppSchema, FieldType};
use model::ledger::{Ask, LedgerError};
use model::numbering::{Around, Cycle, NamedNumber, Need};
use model::store::StoreError;

use super::Work;
use crate::files::FileOutput;
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

impl Work<'_> {
    /// Numbers the records that the flow adds.
    pub(super) async fn number(
        &self,
        kintone: &Kintone,
        flow: usize,
        zone: &str,
        computed: &mut Computed,
    ) -> Result<(), WritingError> {
        if !computed.is_numbered() {
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
                asks.push(self.ask(&asking, &output.changes, demand).await?);
            }
            self.look(&asking, &output.changes, &demands, &mut asks).await?;
            let mut given = Vec::with_capacity(demands.len());
            let wanted: Vec<(&Demand, Ask)> = demands.iter().zip(asks).collect();
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
        self.number_files(flow, now.as_second(), &zone, &mut computed.files).await
    }

    /// Numbers the rows of files.
    async fn number_files(
        &self,
        flow: usize,
        now: i64,
        zone: &TimeZone,
        files: &mut [FileOutput],
    ) -> Result<(), WritingError> {
        let today = Timestamp::from_second(now).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(zone.clone()).date();
        for file in files {
            let Some(numbered) = &file.numbered else { continue };
            let mut given = Vec::with_capacity(numbered.numbers().len());
            for numbers in numbered.numbers() {
                let ask = self.ask_domain(&numbers.name, today, file.rows as u64).await?;
                let place = format!("{flow}:{}:{}", file.step, numbers.title);
                let (ledger, run) = (&self.deps.ledger, &self.ticket.run.id);
                let held = ledger.take_numbers(&self.ticket.unit.domain, run, &place, &[ask]).await.map_err(later)?;
                given.push(held.first().map(|held| held.numbers().collect()).unwrap_or_default());
            }
            file.give(&given, now, zone).map_err(WritingError::Refused)?;
        }
        Ok(())
    }

    /// Looks at the app for counters that do not know all the texts that numbers will have; once per numbered field.
    async fn look(
        &self,
        asking: &Asking<'_>,
        changes: &Changes,
        demands: &[Demand],
        asks: &mut [Ask],
    ) -> Result<(), WritingError> {
        let unknown = self.deps.ledger.to_look_at(&self.ticket.unit.domain, asks).await.map_err(later)?;
        let mut present: HashMap<usize, Table> = HashMap::new();
        for ((demand, ask), _) in demands.iter().zip(asks).zip(unknown).filter(|(_, unknown)| *unknown) {
            let NumberUnit::App { cycle, .. } = demand.unit else { continue };
            let table = match present.entry(demand.numbering) {
                Entry::Occupied(read) => read.into_mut(),
                Entry::Vacant(place) => place.insert(asking.numbers(changes, demand, cycle).await?),
            };
            ask.need.largest = changes.largest(demand, table);
        }
        Ok(())
    }

    /// What a demand counts in, and how many numbers it needs.
    async fn ask(&self, asking: &Asking<'_>, changes: &Changes, demand: &Demand) -> Result<Ask, WritingError> {
        let wanted = demand.rows.len() as u64;
        match &demand.unit {
            NumberUnit::App { cycle, .. } => {
                let what = ("app", asking.app, &demand.field, cycle.period(asking.today), &demand.group);
                let texts = changes.texts_around(demand);
                let around = texts.into_iter().map(|(prefix, suffix)| Around::new(prefix, suffix)).collect();
                let need = Need { wanted, around, largest: 0 };
                Ok(Ask { counter: name(&what), need, behind: 0, for_ever: *cycle == Cycle::None })
            }
            NumberUnit::Domain { name } => self.ask_domain(name, asking.today, wanted).await,
        }
    }

    /// So many of a number of the domain.
    async fn ask_domain(&self, wanted: &str, today: Date, count: u64) -> Result<Ask, WritingError> {
        let number = self.named_number(wanted).await?;
        let counter = name(&("domain", wanted, number.cycle.period(today)));
        let need = Need { wanted: count, ..Need::default() };
        let for_ever = number.cycle == Cycle::None;
        Ok(Ask { counter, need, behind: number.start.saturating_sub(1), for_ever })
    }

    async fn named_number(&self, wanted: &str) -> Result<NamedNumber, WritingError> {
        let found = self.deps.ledger.named_number(&self.ticket.unit.domain, wanted).await.map_err(later)?;
        found.ok_or_else(|| {
            WritingError::Refused(FlowError::new(
                catalogue::NUMBER_UNKNOWN,
                format!("ドメインに「{wanted}」という番号は登録されていません。"),
                format!("No number \"{wanted}\" is registered for the domain."),
            ))
        })
    }
}

fn name(what: &impl serde::Serialize) -> String {
    serde_json::to_string(what).unwrap_or_default()
}

impl Asking<'_> {
    /// The numbers that the app holds of this period; read when a counter meets texts that it does not know.
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
        let request = ReadRequest { app: self.app, fields, condition };
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
        LedgerError::Store(StoreError::Unavailable(why)) => WritingError::Later(None, why),
        other => {
            let text = other.to_string();
            WritingError::Refused(FlowError::new(catalogue::INTERNAL, text.clone(), text))
        }
    }
}
