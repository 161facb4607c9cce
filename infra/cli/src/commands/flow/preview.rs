//! `suiro flow preview`: the table after a step.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use engine::{FileContext, Table};
use flow::document::Document;
use flow::plan::file::FileName;
use flow::plan::{Column, FileMode, OutColumn, OutLayout, WriteFile};
use jiff::tz::TimeZone;
use model::caps::RecordCaps;
use model::clock::{Clock, SystemClock};
use serde_json::{Value as Json, json};
use worker::flow_run::{self, LookedAt, Schemas};

use super::changes::would_stop;
use super::{Failure, app_names, failure, fill, grid, invalid, needed_by, output, place, read, run::parameters};
use crate::args::Preview;

/// Rows on a terminal where no limit is given: about a screen.
const SHOWN: usize = 20;

/// Shows the rows of a step, or writes them to a file.
pub async fn run(args: &Preview) -> Result<(), Failure> {
    let file = &args.flow;
    let text = fill(&file.file, &read(&file.file)?, &app_names(&file.apps.names)?)?;
    let document = Document::parse(&text).map_err(|p| invalid(&p))?;
    let kintone = needed_by(&file.apps, &document)?;
    let mut schemas = Schemas::default();
    schemas.read(&kintone, flow::check::apps(&document)).await.map_err(Failure::kintone)?;
    let upto = flow::check::up_to(&document, &args.step, &|app| schemas.get(app)).map_err(|p| invalid(&p))?;
    let sets = parameters(&args.parameters, &schemas)?;
    let now = SystemClock.now().seconds();
    let files = place::files(args.files.as_deref(), now)?;
    let caps = RecordCaps { read: args.read_cap, written: 0 };
    let run = flow_run::Run { kintone: &kintone, schemas: &schemas, now, files: files.as_ref(), caps };
    let LookedAt { table, input_records: records, steps, stopped } =
        run.rows_of(&upto, &sets).await.map_err(|e| failure(&e))?;
    worker::counted::of_steps(&steps).for_each(|counted| eprintln!("{}", counted.text()));
    if let Some(stopped) = &stopped {
        eprintln!("注意: {}", would_stop(stopped));
    }
    let columns = &upto.plan.nodes[upto.node].columns;
    let zone = TimeZone::get(&document.zone).map_err(Failure::new)?;
    let rows = table.rows();
    if let Some(path) = &args.out {
        let table = args.limit.map_or_else(|| table.clone(), |limit| table.first(limit));
        save(path, &table, columns, &zone)?;
        eprintln!("{}行を書き出しました / {} rows written: {}", table.rows(), table.rows(), path.display());
        return Ok(());
    }
    let limit = args.limit.unwrap_or(SHOWN);
    let shown = table.first(limit).to_rows();
    if file.json {
        let rows_json: Vec<Json> = shown
            .iter()
            .map(|row| {
                let cell = |(column, value): (&Column, _)| (column.name.clone(), Json::from(grid::text(value, &zone)));
                Json::Object(columns.iter().zip(row).map(cell).collect())
            })
            .collect();
        let kinds: Vec<Json> =
            columns.iter().map(|c| json!({ "name": c.name, "kind": flow::kinds::kind_name(c.kind) })).collect();
        return output::json(&json!({
            "step": args.step,
            "rows": rows,
            "inputRecords": records,
            "counts": steps.iter().map(|s| json!({ "step": s.step, "counts": s.counts })).filter(|s| s["counts"] != json!([])).collect::<Vec<_>>(),
            "stopped": stopped.as_ref().map(|s| json!({ "step": s.step, "errors": s.errors })),
            "columns": kinds,
            "shown": rows_json,
        }));
    }
    grid::lines(columns, &shown, &zone).iter().for_each(output::line);
    let rest = rows.saturating_sub(shown.len());
    let more = if rest > 0 { format!("、ほか{rest}行 (--limit) / {rest} more") } else { String::new() };
    eprintln!(
        "{rows}行{more}。入力 {records} 件、APIリクエスト {0} 回 / {rows} rows, {records} records read, {0} calls",
        kintone.calls().total()
    );
    Ok(())
}

/// Writes a table; the end of the name says in which form.
fn save(path: &Path, table: &Table, columns: &[Column], zone: &TimeZone) -> Result<(), Failure> {
    let told = |e: &dyn std::fmt::Display| Failure::new(format!("{}: {e}", path.display()));
    let create = || File::create(path).map(BufWriter::new).map_err(|e| told(&e));
    match path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase).as_deref() {
        Some("csv") => engine::write_csv(table, zone, create()?).map_err(|e| told(&e)),
        Some("xlsx") => {
            let bytes = workbook(path, table, columns, zone)?;
            std::fs::write(path, bytes).map_err(|e| told(&e))
        }
        Some("parquet") => engine::write_parquet(table, create()?).map_err(|e| told(&e)),
        _ => Err(Failure {
            exit: 2,
            message: format!(
                "{}: .csv・.xlsx・.parquet のどれかにしてください / write .csv, .xlsx or .parquet",
                path.display()
            ),
        }),
    }
}

/// The table as an Excel workbook, written as an output_file step would.
fn workbook(path: &Path, table: &Table, columns: &[Column], zone: &TimeZone) -> Result<Vec<u8>, Failure> {
    let file = path.display().to_string();
    let spec = WriteFile {
        file: FileName { parts: Vec::new() },
        layout: OutLayout::Excel { sheet: "Sheet1".to_owned(), header: true },
        mode: FileMode::Overwrite,
        columns: (0..)
            .zip(columns)
            .map(|(column, c)| OutColumn { column, title: c.name.clone(), format: None })
            .collect(),
        numbers: Vec::new(),
        by_name: false,
    };
    let context = FileContext { step: "preview", file: &file, now: SystemClock.now().seconds(), zone, strict: false };
    let (bytes, counts) =
        engine::write_file(table, &spec, &context).map_err(|e| Failure::new(format!("{}\n{}", e.ja(), e.en())))?;
    for count in counts.iter() {
        eprintln!("注意 / note: {}: {} × {}", count.field, count.reason.japanese(), count.count);
    }
    Ok(bytes)
}
