//! `suiro flow`: check, plan and run a document against any kintone.

use std::fs;

use connect::kintone::Kintone;
use flow::document::Document;
use flow::formula::Parameters;
use flow::plan::Plan;
use flow::problem::Problem;
use model::clock::{Clock, SystemClock};
use model::value::Value;
use serde_json::{Value as Json, json};
use worker::flow_run::{self, Computed, FlowError, Schemas};
use worker::writing::{self, Sending};

use super::{Failure, output, place};
use crate::args::{Flow, FlowFile};

/// Most records that a dry run lists per output; the counts are whole.
const LISTED: usize = 20;

/// Runs a command on flows.
pub async fn run(command: &Flow) -> Result<(), Failure> {
    match command {
        Flow::Check(args) => check(args).await,
        Flow::Plan(args) => {
            let (plan, _, _) = plan(args).await?;
            match args.json {
                true => output::json(&json!({ "name": plan.name, "plan": plan.to_string() })),
                false => {
                    output::line(plan.to_string().trim_end());
                    Ok(())
                }
            }
        }
        Flow::Run { flow, parameters, dry_run } => run_once(flow, parameters, *dry_run).await,
    }
}

fn read(args: &FlowFile) -> Result<String, Failure> {
    fs::read_to_string(&args.file).map_err(|e| Failure::new(format!("{}: {e}", args.file.display())))
}

fn kintone(args: &FlowFile) -> Result<Option<Kintone>, Failure> {
    let Some(base_url) = &args.kintone.base_url else { return Ok(None) };
    let stored = model::unit::Connection {
        name: String::new(),
        base_url: base_url.clone(),
        guest_space: args.kintone.guest_space_id,
        credential: String::new(),
    };
    let connection = worker::outside::connection(&stored, &place::credential(&args.kintone)?);
    place::connector()?.open(connection).map(Some).map_err(Failure::new)
}

async fn check(args: &FlowFile) -> Result<(), Failure> {
    let text = read(args)?;
    let problems = match kintone(args)? {
        None => Document::parse(&text).and_then(|d| flow::check::check_structure(&d)).err(),
        Some(kintone) => {
            let document = Document::parse(&text);
            match document {
                Err(problems) => Some(problems),
                Ok(document) => {
                    let mut schemas = Schemas::default();
                    let apps = flow::check::apps(&document);
                    schemas.read(&kintone, apps).await.map_err(Failure::kintone)?;
                    flow::check::check(&document, &|app| schemas.get(app)).err()
                }
            }
        }
    };
    let problems = problems.unwrap_or_default();
    if args.json {
        output::json(&problems.iter().map(problem_json).collect::<Vec<_>>())?;
    } else {
        problems.iter().for_each(|p| output::line(format!("{}\n{}", p.render(true), p.render(false))));
    }
    match problems.len() {
        0 => {
            let without = args.kintone.base_url.is_none();
            eprintln!(
                "問題ありません{} / no problems",
                if without { "(アプリとの照合は --base-url を付けて)" } else { "" }
            );
            Ok(())
        }
        n => Err(Failure::flow(format!("{}: 問題が{n}件あります / {n} problems", args.file.display()))),
    }
}

fn problem_json(problem: &Problem) -> Json {
    json!({
        "code": problem.code,
        "step": problem.step,
        "setting": problem.setting,
        "line": problem.position.map(|p| p.line),
        "column": problem.position.map(|p| p.column),
        "ja": problem.ja,
        "en": problem.en,
    })
}

async fn plan(args: &FlowFile) -> Result<(Plan, Kintone, Schemas), Failure> {
    let text = read(args)?;
    let kintone = kintone(args)?.ok_or_else(|| Failure { exit: 2, message: "--base-url is needed".into() })?;
    let mut schemas = Schemas::default();
    let plan = flow_run::plan(&text, &kintone, &mut schemas).await.map_err(|e| failure(&e))?;
    Ok((plan, kintone, schemas))
}

fn failure(error: &FlowError) -> Failure {
    let message = format!("{}\n{}\n{}", error.code.ja(), error.code.en(), error.message());
    match [model::catalogue::FLOW_INVALID, model::catalogue::FLOW_FAILED].contains(&error.code) {
        true => Failure::flow(message),
        false => Failure::kintone(message),
    }
}

async fn run_once(args: &FlowFile, parameters: &[String], dry_run: bool) -> Result<(), Failure> {
    let named = parameters.iter().map(|p| p.split_once('=')).collect::<Option<Vec<_>>>();
    let named = named.ok_or_else(|| Failure { exit: 2, message: "--param is NAME=VALUE".into() })?;
    eprintln!("検査しています / checking {}", args.file.display());
    let (plan, kintone, schemas) = plan(args).await?;
    let set: Parameters =
        named.iter().map(|(name, text)| ((*name).to_owned(), parameter(&schemas, name, text))).collect();
    let sets = if set.is_empty() { Vec::new() } else { vec![set] };
    eprintln!("読み取り、計算しています / reading and computing");
    let now = SystemClock.now().seconds();
    let run = flow_run::Run { kintone: &kintone, schemas: &schemas, now };
    let computed = run.compute(&plan, &sets).await.map_err(|e| failure(&e))?;
    let total: usize = computed.outputs.iter().map(|o| o.changes.len()).sum();
    eprintln!(
        "入力 {} 件、書き込み対象 {total} 件 / {} records read, {total} to write",
        computed.input_records, computed.input_records
    );
    let mut written = 0;
    if !dry_run && total > 0 {
        eprintln!("書き込んでいます / writing");
        let mark = |_: usize, _: bool| String::new();
        let mut sending = Sending::new(&kintone, None, &mark);
        let sent = sending.write(kintone.bulk_builder(false), &computed.outputs, &schemas).await;
        written = sending.written;
        if let Err(error) = sent {
            return Err(error.error().map_or_else(|| Failure::new("superseded"), failure));
        }
    }
    report(args, &computed, dry_run, written, kintone.calls().total())
}

fn report(args: &FlowFile, computed: &Computed, dry_run: bool, written: usize, calls: u64) -> Result<(), Failure> {
    if args.json {
        let outputs: Vec<Json> = computed.outputs.iter().map(output_json).collect();
        return output::json(&json!({
            "dryRun": dry_run,
            "inputRecords": computed.input_records,
            "written": written,
            "apiRequests": calls,
            "outputs": outputs,
        }));
    }
    output::line(writing::summary(computed));
    if dry_run {
        for out in &computed.outputs {
            listing(out).iter().for_each(output::line);
        }
        output::line("何も書き込んでいません(--dry-run) / nothing was written");
    } else {
        output::line(format!(
            "書き込み {written} 件、APIリクエスト {calls} 回 / {written} written, {calls} API requests"
        ));
    }
    Ok(())
}

/// What a dry run shows of an output: the first records of each sort.
fn listing(out: &flow_run::OutputChanges) -> Vec<String> {
    let c = &out.changes;
    let record = |fields: Vec<(String, Value)>| {
        fields.iter().map(|(code, value)| format!("{code}={}", shown(value))).collect::<Vec<_>>().join("  ")
    };
    let mut lines = vec![format!("[{}] アプリ / app {}", out.step, out.app)];
    lines.extend(c.added().take(LISTED).map(|r| format!("  + {}", record(r))));
    for update in c.updates.iter().take(LISTED) {
        let (before, after) = (c.before(update), c.changed(update));
        let fields =
            before.iter().zip(&after).map(|((code, old), (_, new))| format!("{code}: {} → {}", shown(old), shown(new)));
        lines.push(format!("  ~ #{}  {}", update.id, fields.collect::<Vec<_>>().join("  ")));
    }
    lines.extend(c.deletes.iter().take(LISTED).map(|d| format!("  - #{}", d.id)));
    let most =
        [c.adds.len(), c.updates.len(), c.deletes.len()].into_iter().map(|n| n.saturating_sub(LISTED)).sum::<usize>();
    if most > 0 {
        lines.push(format!("  … ほか{most}件 / and {most} more (--json shows all)"));
    }
    lines
}

fn output_json(out: &flow_run::OutputChanges) -> Json {
    let record = |fields: Vec<(String, Value)>| -> Json {
        fields.into_iter().map(|(code, value)| (code, json!(shown(&value)))).collect::<serde_json::Map<_, _>>().into()
    };
    let c = &out.changes;
    json!({
        "step": out.step,
        "app": out.app,
        "unchanged": c.unchanged,
        "skipped": { "blankKey": c.skipped.blank_key, "noPartner": c.skipped.no_partner },
        "add": c.added().map(record).collect::<Vec<_>>(),
        "update": c.updates.iter().map(|u| json!({ "id": u.id, "before": record(c.before(u)), "after": record(c.changed(u)) })).collect::<Vec<_>>(),
        "delete": c.deletes.iter().map(|d| d.id).collect::<Vec<_>>(),
    })
}

/// A parameter's value, of the kind that a field of this code has in the flow's apps; text where none has.
fn parameter(schemas: &Schemas, name: &str, text: &str) -> Value {
    let kind = schemas.all().find_map(|schema| schema.field(name)).and_then(|field| field.kind());
    kind.and_then(|kind| flow::literal::parse(kind, text)).unwrap_or_else(|| Value::text(text))
}

/// A value as people read it, times in the machine's zone.
fn shown(value: &Value) -> String {
    engine::value_text(value, &jiff::tz::TimeZone::system())
}
