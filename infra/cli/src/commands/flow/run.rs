//! `suiro flow run`: a flow once, or what it would write.

use flow::document::Document;
use flow::formula::Parameters;
use flow::plan::Plan;
use model::clock::{Clock, SystemClock};
use model::value::Value;
use serde_json::{Value as Json, json};
use worker::files::{Alone, FileOutput, Publishing};
use worker::flow_run::{self, Computed, FlowError, Run, Schemas};
use worker::packing::{Bulks, pack};
use worker::writing::{self, Sending, WritingError};

use super::changes::{call_json, call_line, listing, output_json, would_stop};
use super::{Failure, app_names, failure, fill, invalid, needed_by, output, pairs, place, read};
use crate::args::{FlowFile, RunOnce};

/// Reads and checks a document against the kintone that the arguments name.
pub async fn plan(args: &FlowFile) -> Result<(Plan, connect::kintone::Kintone, Schemas), Failure> {
    let text = fill(&args.file, &read(&args.file)?, &app_names(&args.apps.names)?)?;
    let kintone = match Document::read(&text) {
        Ok(document) => needed_by(&args.apps, &document)?,
        Err(problems) => return Err(invalid(&problems)),
    };
    let mut schemas = Schemas::default();
    let plan = flow_run::plan(&text, &kintone, &mut schemas).await.map_err(|e| failure(&e))?;
    Ok((plan, kintone, schemas))
}

/// The parameters of `--param`, of the kinds that the flow's apps give them.
pub fn parameters(options: &[String], schemas: &Schemas) -> Result<Vec<Parameters>, Failure> {
    let named = pairs(options, "--param")?;
    let set: Parameters =
        named.iter().map(|(name, text)| ((*name).to_owned(), parameter(schemas, name, text))).collect();
    Ok(if set.is_empty() { Vec::new() } else { vec![set] })
}

/// Runs a flow.
pub async fn run(args: &RunOnce) -> Result<(), Failure> {
    let RunOnce { flow: args, parameters: options, files, dry_run, caps } = args;
    let dry_run = *dry_run;
    pairs(options, "--param")?;
    eprintln!("検査しています / checking {}", args.file.display());
    let (plan, kintone, schemas) = plan(args).await?;
    let sets = parameters(options, &schemas)?;
    eprintln!("読み取り、計算しています / reading and computing");
    let now = SystemClock.now().seconds();
    let files = place::files(files.as_deref(), now)?;
    let run = Run { kintone: &kintone, schemas: &schemas, now, files: files.as_ref(), caps: caps.caps() };
    let computed = run.compute(&plan, &sets).await.map_err(|e| failure(&e))?;
    let total: usize = computed.outputs.iter().map(|o| o.changes.len()).sum();
    eprintln!(
        "入力 {} 件、書き込み対象 {total} 件 / {} records read, {total} to write",
        computed.input_records, computed.input_records
    );
    let mut written = 0;
    let goes_on = total > 0 || !computed.files.is_empty() || computed.stopped.is_some() || !computed.calls.is_empty();
    if !dry_run && goes_on {
        eprintln!("書き込んでいます / writing");
        written = write(&run, &computed).await.map_err(|e| failure(&e))?;
    }
    report(args, &computed, dry_run, written, kintone.calls().total())?;
    match computed.stop().filter(|_| dry_run) {
        Some(error) => Err(failure(&error)),
        None => Ok(()),
    }
}

/// Writes what differs, without a log record that would fence it.
async fn write(run: &Run<'_>, computed: &Computed) -> Result<usize, FlowError> {
    if let Some(error) = computed.needs_a_unit() {
        return Err(error);
    }
    let told = |error| match error {
        WritingError::Conflict(e) | WritingError::Refused(e) | WritingError::Unknown(e) => e,
        // Only who writes behind a fence can be superseded, only the ledger is waited for, and only units have a budget.
        WritingError::Superseded | WritingError::HandOver | WritingError::Parked(_) | WritingError::Later(..) => {
            FlowError {
                code: model::catalogue::UNCERTAIN,
                ja: "別の実行に引き継がれました。".into(),
                en: "Another worker has taken over.".into(),
            }
        }
    };
    let mark = |_: usize, _: bool| String::new();
    let Bulks { bulks, labels } = pack(run.kintone, false, &computed.outputs, run.schemas).await?;
    let mut sending = Sending::new(run.kintone, None, &mark);
    sending.labels = labels;
    sending.send(bulks, 0).await.map_err(told)?;
    if let Some(files) = run.files {
        Publishing { files, flow: 0, ours: &Alone, goes_on: false }.publish(&computed.files).await.map_err(told)?;
    }
    match computed.stop() {
        Some(error) => Err(error),
        None => Ok(sending.written),
    }
}

fn report(args: &FlowFile, computed: &Computed, dry_run: bool, written: usize, calls: u64) -> Result<(), Failure> {
    if args.json {
        let outputs: Vec<Json> = computed.outputs.iter().map(output_json).collect();
        let file =
            |f: &FileOutput| json!({ "step": f.step, "file": f.path.as_str(), "rows": f.rows, "bytes": f.bytes.len() });
        let files: Vec<Json> = computed.files.iter().map(file).collect();
        return output::json(&json!({
            "dryRun": dry_run,
            "inputRecords": computed.input_records,
            "written": written,
            "apiRequests": calls,
            "outputs": outputs,
            "files": files,
            "calls": computed.calls.iter().map(call_json).collect::<Vec<_>>(),
            "stopped": computed.stopped.as_ref().map(|s| json!({ "step": s.step, "errors": s.errors })),
            "counts": computed.counted().collect::<Vec<_>>(),
        }));
    }
    output::line(writing::summary(computed));
    if dry_run {
        for out in &computed.outputs {
            listing(out).iter().for_each(output::line);
        }
        computed.calls.iter().map(call_line).for_each(output::line);
        if let Some(why) = computed.needs_a_unit() {
            output::line(format!("注意: {} / note: {}", why.ja, why.en));
        }
        if let Some(stopped) = &computed.stopped {
            output::line(would_stop(stopped));
        }
        output::line("何も書き込んでいません(--dry-run) / nothing was written");
    } else {
        output::line(format!(
            "書き込み {written} 件、APIリクエスト {calls} 回 / {written} written, {calls} API requests"
        ));
    }
    Ok(())
}

/// A parameter's value, of the kind that a field of this code has in the flow's apps; text where none has.
fn parameter(schemas: &Schemas, name: &str, text: &str) -> Value {
    let kind = schemas.all().find_map(|schema| schema.field(name)).and_then(|field| field.kind());
    kind.and_then(|kind| flow::literal::parse(kind, text)).unwrap_or_else(|| Value::text(text))
}
