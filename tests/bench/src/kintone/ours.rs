//! Our side: one reading or one insertion, as the whole work of a process. What the crates of the product do here is
//! what a flow does with them; nothing is taken from the other side's process.

use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;

use clap::Args;
use connect::kintone::{
    Change, Connection, Credential, Fence, HostPolicy, Kintone, RECORDS_PER_PART, ReadField, ReadRequest, Settings,
    Target,
};
use engine::{CsvWriter, TableBuilder};
use flow::plan::Column;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::field::{Field, FieldType, Kind};
use model::value::Value;
use serde_json::json;

use crate::Outcome;
use crate::measure::{Stopwatch, own_peak_kib};
use crate::report::say;

/// Field of the log app whose value names the run.
pub const RUN_ID: &str = "run_id";
/// Field of the log app that holds the mark of the last bulk.
pub const JOURNAL: &str = "journal";

/// Where to, and as whom.
#[derive(Debug, Args)]
pub struct At {
    /// Base URL of kintone
    #[arg(long)]
    base_url: String,
    /// API tokens, comma list
    #[arg(long)]
    token: String,
    /// The app's number
    #[arg(long)]
    app: u64,
    /// Threads for calls and parsing: one, as the deployed worker has
    #[arg(long, default_value_t = 1)]
    threads: usize,
}

/// Reads all records of an app into columns and writes them as CSV.
#[derive(Debug, Args)]
pub struct Read {
    #[command(flatten)]
    at: At,
    /// The file to write
    #[arg(long)]
    out: PathBuf,
}

/// Adds the rows of a CSV file as records, in order, behind a fence.
#[derive(Debug, Args)]
pub struct Insert {
    #[command(flatten)]
    at: At,
    /// The log app's number
    #[arg(long)]
    log_app: u64,
    /// The file to read
    #[arg(long)]
    file: PathBuf,
}

/// See [`Read`].
pub fn read(options: &Read) -> Outcome<()> {
    options.at.block_on(read_to(options))
}

/// See [`Insert`].
pub fn insert(options: &Insert) -> Outcome<()> {
    options.at.block_on(insert_from(options))
}

impl At {
    fn block_on(&self, work: impl Future<Output = Outcome<()>>) -> Outcome<()> {
        let mut runtime = match self.threads {
            0 | 1 => tokio::runtime::Builder::new_current_thread(),
            _ => tokio::runtime::Builder::new_multi_thread(),
        };
        runtime.worker_threads(self.threads.max(1)).enable_all().build()?.block_on(work)
    }

    fn open(&self) -> Outcome<Kintone> {
        let hosts = HostPolicy { allow_local: true, ..HostPolicy::default() };
        let connection = Connection::new(&self.base_url, Credential::tokens(&self.token));
        Ok(Kintone::new(connection, Settings { hosts, ..Settings::default() })?)
    }
}

async fn read_to(options: &Read) -> Outcome<()> {
    let watch = Stopwatch::start();
    let kintone = options.at.open()?;
    let schema = kintone.schema(options.at.app).await?.schema;
    let chosen: Vec<ReadField> = schema
        .fields
        .iter()
        .filter(|field| !matches!(field.field_type, FieldType::Id | FieldType::Revision))
        .filter_map(ReadField::of)
        .collect();
    let columns: Vec<Column> = chosen.iter().map(|f| Column::new(&f.code, f.kind)).collect();
    let request = ReadRequest { app: options.at.app, fields: chosen, condition: None };
    let result = kintone.read(&request, || TableBuilder::new(&columns)).await?;
    let (read, read_peak) = (watch.elapsed(), own_peak_kib());
    let mut out = CsvWriter::new(BufWriter::new(File::create(&options.out)?), &TimeZone::UTC);
    // Each range of ids is written and dropped before the next becomes a table.
    for sink in result.sinks {
        out.write(&sink.finish()?)?;
    }
    out.finish()?;
    let told = json!({
        "records": result.records, "calls": kintone.calls().total(),
        "read_ms": read.as_millis(), "read_peak_kib": read_peak,
        "written_ms": watch.elapsed().as_millis(), "written_peak_kib": own_peak_kib(),
    });
    say(&told.to_string())
}

async fn insert_from(options: &Insert) -> Outcome<()> {
    let kintone = options.at.open()?;
    let schema = kintone.schema(options.at.app).await?.schema;
    let mut file = csv::Reader::from_path(&options.file)?;
    let field = |code: &str| schema.field(code).cloned().ok_or_else(|| format!("the app has no field {code}"));
    let fields = file.headers()?.iter().map(field).collect::<Result<Vec<Field>, String>>()?;
    let target = Target { app: options.at.app, fields };

    let mut writer = kintone.fenced_writer(fence(&kintone, options.log_app).await?);
    let mut builder = kintone.bulk_builder(true);
    let (mut row, mut values) = (csv::StringRecord::new(), Vec::new());
    let (mut chunk, mut rows) = (0u64, 0usize);
    while file.read_record(&mut row)? {
        rows += 1;
        if rows.is_multiple_of(RECORDS_PER_PART) {
            // On one thread, the bulk before this one is sent only while this one pauses.
            tokio::task::yield_now().await;
        }
        values.clear();
        for (field, cell) in target.fields.iter().zip(&row) {
            values.push(value(field, cell)?);
        }
        if let Some(bulk) = builder.push(&target, Change::Insert { values: &values })? {
            chunk += 1;
            writer.submit(bulk, &chunk.to_string()).await?;
        }
    }
    if let Some(bulk) = builder.cut() {
        writer.submit(bulk, &(chunk + 1).to_string()).await?;
    }
    writer.finish().await?;
    say(&json!({ "calls": kintone.calls().total() }).to_string())
}

/// Makes the log record that guards the writes.
async fn fence(kintone: &Kintone, app: u64) -> Outcome<Fence> {
    let journal = Field::new(JOURNAL, FieldType::SingleLineText);
    let target = Target { app, fields: vec![journal.clone()] };
    let key = Field::new(RUN_ID, FieldType::SingleLineText);
    let run = Value::text("bench");
    let record = kintone.upsert_record(&target, &key, &run, &[Value::text("start")]).await?;
    Ok(Fence { app, record: record.id, revision: record.revision, journal, mark: "start".into(), more: Vec::new() })
}

/// A cell of the CSV file as a value of its field.
fn value(field: &Field, cell: &str) -> Outcome<Value> {
    if cell.is_empty() {
        return Ok(Value::Blank);
    }
    Ok(match field.kind() {
        Some(Kind::Text) => Value::text(cell),
        Some(Kind::Number) => Value::Number(cell.parse()?),
        Some(Kind::Date) => {
            let day: Date = cell.parse()?;
            let days = day.duration_since(Date::new(1970, 1, 1)?).as_hours() / 24;
            Value::Date(i32::try_from(days)?)
        }
        Some(Kind::Datetime) => Value::Datetime(cell.parse::<Timestamp>()?.as_second()),
        Some(Kind::Texts) => Value::Texts(cell.split('\n').map(str::to_owned).collect()),
        _ => return Err(format!("field {}: no value of this type is in the file", field.code).into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_become_values_of_their_fields() {
        let of = |kind, cell: &str| value(&Field::new("f", kind), cell).ok();
        assert_eq!(of(FieldType::Date, "1970-01-03"), Some(Value::Date(2)));
        assert_eq!(of(FieldType::Datetime, "1970-01-01T00:01:00Z"), Some(Value::Datetime(60)));
        assert_eq!(of(FieldType::CheckBox, "a\nb"), Some(Value::Texts(vec!["a".into(), "b".into()])));
        assert_eq!(of(FieldType::Number, ""), Some(Value::Blank));
        assert_eq!(of(FieldType::Number, "x"), None);
        assert_eq!(of(FieldType::File, "x"), None);
    }
}
