//! `suiro schedule`: what people type and what it says; and a schedule's whole way on a clock that the story turns.

mod by_the_clock;

use model::run::{Method, RunState};
use serde_json::{Value as Json, json};

use super::{Added, Tools};

/// A flow that adds one movement of this name, and names nothing of a record.
fn adding(name: &str) -> String {
    format!(
        "
suiro: 1
name: 追加{name}
steps:
  - {{ name: 番号, command: input_series, by: number, first: 1, last: 1, as: n }}
  - {{ name: 名前, command: data_edit, from: 番号, edits: [{{ field: 受注番号, formula: '\"{name}\"' }}] }}
  - {{ name: 選択, command: select_fields, from: 名前, fields: [受注番号] }}
  - {{ name: 移動, command: output_app, from: 選択, app: ${{在庫移動}}, method: append }}
"
    )
}

impl Tools {
    /// A unit that adds these movements in order, one flow each.
    async fn add_nightly(&self, name: &str, movements: &[&str]) -> Added {
        let company = &self.stage.company;
        let (app, log, base_url) = (company.orders.to_string(), company.log.to_string(), self.stage.sim.base_url());
        let mut args: Vec<String> =
            ["unit", "add", "--json", "--name", name, "--app", &app, "--log-app", &log, "--base-url", &base_url]
                .map(str::to_owned)
                .to_vec();
        args.extend(["--api-token".to_owned(), company.tokens.clone()]);
        for movement in movements {
            let file = self.file(&format!("{name}-{movement}.yaml"), &company.flow(&adding(movement)));
            args.extend(["--flow".to_owned(), file]);
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let added = self.suiro(&args).await.json();
        let text = |name: &str| added[name].as_str().expect("a text").to_owned();
        Added { unit: text("unit"), url: text("url"), log_app: added["logApp"].as_u64() }
    }

    /// `schedule add --json` of this unit.
    async fn add_schedule(&self, unit: &str, when: &[&str]) -> Json {
        self.suiro(&[&["schedule", "add", unit, "--json"], when].concat()).await.json()
    }

    /// The id of a schedule that is added so.
    async fn schedule(&self, unit: &str, when: &[&str]) -> String {
        let added = self.add_schedule(unit, when).await;
        added["schedule"]["id"].as_str().expect("an id").to_owned()
    }
}

fn upcoming(added: &Json) -> Vec<&str> {
    let next = added["upcoming"].as_array().expect("times").iter();
    next.map(|at| at.as_str().expect("a time")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_pattern_says_when_it_falls_due_next() {
    let tools = Tools::new().await;
    tools.add_nightly("夜間", &["一"]).await;
    for (when, ends) in [
        (&["--hourly", "15"][..], ":15:00+09:00"),
        (&["--daily", "--at", "9:30"], "T09:30:00+09:00"),
        (&["--weekly", "mon,金", "--at", "09:00"], "T09:00:00+09:00"),
        (&["--monthly", "31", "--at", "18:00"], "T18:00:00+09:00"),
        (&["--last-day", "--at", "23:59"], "T23:59:00+09:00"),
        (&["--business-days", "--at", "08:00", "--time-zone", "UTC"], "T08:00:00+00:00"),
        (&["--cron", "30 9 * * 1-5"], "T09:30:00+09:00"),
    ] {
        let added = tools.add_schedule("夜間", when).await;
        let next = upcoming(&added);
        assert_eq!(next.len(), 3, "{added}");
        assert!(next.iter().all(|at| at.ends_with(ends)), "{when:?}: {next:?}");
        assert!(next.is_sorted() && added["schedule"]["next"].is_i64(), "{added}");
    }
    // Holidays of both kinds are no business days: the next three are the first that are left.
    let usual = tools.add_schedule("夜間", &["--business-days", "--at", "08:00"]).await;
    let days: Vec<&str> = upcoming(&usual).into_iter().map(|at| &at[..10]).collect();
    let file = tools.file("holidays.txt", &format!("# 休み\n{}\n", days[0]));
    let off = ["--business-days", "--at", "08:00", "--holidays", &file, "--holiday", days[1]];
    let off = tools.add_schedule("夜間", &off).await;
    assert_eq!(&upcoming(&off)[0][..10], days[2]);

    let listed = tools.suiro(&["schedule", "list"]).await;
    let lines: Vec<&str> = listed.good().lines().collect();
    assert_eq!(lines.len(), 9);
    for part in
        ["毎時15分 / hourly at minute 15", "毎週月金 / weekly Mon,Fri 09:00", "毎月31日 / monthly on day 31 18:00"]
    {
        assert!(lines.iter().any(|line| line.contains(part) && line.contains("夜間")), "{part}: {listed:#?}");
    }
    for part in ["次回 / next", "前回 / last -", "見送り / skipped 0", "(Asia/Tokyo)"] {
        assert!(lines.iter().filter(|line| line.contains(part)).count() >= 8, "{part}: {listed:#?}");
    }
    let other = tools.suiro(&["schedule", "list", "--domain", "example.cybozu.com", "--json"]).await.json();
    assert_eq!(other, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_a_schedule_is_said_in_both_languages() {
    let tools = Tools::new().await;
    tools.add_nightly("夜間", &["一"]).await;
    let refused = async |args: &[&str], exit, japanese: &str, english: &str| {
        tools.suiro(&[&["schedule", "add", "夜間"], args].concat()).await.bad(exit, japanese, english);
    };
    refused(&["--daily"], 2, "時刻を --at", "give the time of day").await;
    refused(&["--daily", "--at", "25:00"], 2, "時刻ではありません", "is no time of day").await;
    refused(&["--hourly", "5", "--at", "09:00"], 2, "--hourly と --cron には", "does not belong").await;
    refused(&["--daily", "--at", "09:00", "--holiday", "2026-01-01"], 2, "--business-days のときだけ", "belong to")
        .await;
    refused(&["--business-days", "--at", "09:00", "--holiday", "1/1"], 2, "日付ではありません", "is no date").await;
    refused(&["--cron", "* * * *"], 2, "cron式ではありません", "no cron expression of five fields").await;
    refused(&["--cron", "0 0 30 2 *"], 2, "時刻は来ません", "never falls due").await;
    refused(&["--daily", "--at", "09:00", "--time-zone", "Asia/Edo"], 2, "タイムゾーン「Asia/Edo」", "no time zone")
        .await;
    refused(&["--daily", "--at", "09:00", "--param", "x=1"], 2, "使いません", "do not name %x%").await;
    // The grammar's own: one pattern, and numbers in their ranges.
    for args in [&["--at", "09:00"][..], &["--daily", "--last-day", "--at", "09:00"], &["--hourly", "60"]] {
        assert_eq!(tools.suiro(&[&["schedule", "add", "夜間"], args].concat()).await.exit, Some(2), "{args:?}");
    }
    let nobody = tools.suiro(&["schedule", "add", "だれ", "--hourly", "5"]).await;
    nobody.bad(1, "実行単位「だれ」はありません", "no unit");
    for command in ["show", "remove", "enable", "disable", "run-now"] {
        let unknown = tools.suiro(&["schedule", command, "snobody"]).await;
        unknown.bad(1, "スケジュール snobody はありません", "no schedule snobody");
    }
    let none = tools.suiro(&["schedule", "list"]).await;
    assert!(none.good().is_empty() && none.err.contains("no schedules"), "nothing was stored: {none:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_that_needs_a_record_is_scheduled_only_with_values_for_it() {
    let tools = Tools::new().await;
    let served = tools.serve().await;
    let added = tools.add_unit("受注処理", &[]).await;
    let record = tools.put_order("A-1").to_string();
    let daily = ["schedule", "add", "受注処理", "--daily", "--at", "02:30"];
    let without = tools.suiro(&daily).await;
    without.bad(1, "起動したレコードの値を使います", "no record starts a scheduled run");
    assert!(without.err.contains("--param レコード番号="), "it says how: {without:#?}");
    let with = format!("--param=レコード番号={record}");
    let id = tools.schedule("受注処理", &["--daily", "--at", "02:30", &with]).await;
    let shown = tools.suiro(&["schedule", "show", &id]).await;
    assert!(shown.good().contains(&format!("%レコード番号%  {record}")), "{shown:#?}");

    // Beside a running serve: the next sweep starts it.
    let run = tools.suiro(&["schedule", "run-now", &id]).await;
    let run = run.good().trim().to_owned();
    let runs = tools.until_ended(&added.unit, 1).await;
    assert_eq!((runs[0].id.to_string(), runs[0].state), (run.clone(), RunState::Succeeded), "{runs:#?}");
    assert_eq!((tools.apples(), tools.movements()), (99, vec!["A-1".to_owned()]), "the record that was named");
    let told = tools.suiro(&["run", "show", &run]).await;
    for part in ["Schedule", &format!("スケジュール / schedule  {id}")] {
        assert!(told.good().contains(part), "{part}: {told:#?}");
    }
    let view = tools.suiro(&["schedule", "show", &id, "--json"]).await.json();
    assert_eq!((&view["schedule"]["last"], &view["schedule"]["skipped"]), (&Json::Null, &json!(0)), "it fell not due");
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_flows_come_to_need_a_record_the_schedule_says_so_and_its_runs_fail() {
    let tools = Tools::new().await;
    let served = tools.serve().await;
    let added = tools.add_nightly("夜間", &["一"]).await;
    let id = tools.schedule("夜間", &["--daily", "--at", "02:30"]).await;
    let [allocate, _] = tools.flow_files();
    let updated = tools.suiro(&["unit", "update", "夜間", "--flow", &allocate]).await;
    for part in ["値がないため、実行は失敗します", "has no value for レコード番号, so its runs will fail"]
    {
        assert!(updated.exit == Some(0) && updated.err.contains(part), "{part}: {updated:#?}");
    }
    let listed = tools.suiro(&["schedule", "list"]).await;
    assert!(listed.good().contains("[値がない / no value for: レコード番号]"), "{listed:#?}");
    tools.suiro(&["schedule", "run-now", &id]).await.good();
    let runs = tools.until_ended(&added.unit, 1).await;
    assert_eq!(runs[0].state, RunState::Failed, "{runs:#?}");
    assert!(runs[0].message.contains("レコード番号") || runs[0].flows[0].message.contains("レコード番号"), "{runs:#?}");
    tools.suiro(&["schedule", "enable", &id]).await.bad(1, "値を決めてください", "give each a value");
    tools.suiro(&["schedule", "disable", &id]).await.good();
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn schedules_are_switched_run_and_removed() {
    let tools = Tools::new().await;
    let added = tools.add_nightly("夜間", &["一", "二"]).await;
    let id = tools.schedule("夜間", &["--daily", "--at", "02:30", "--overlap", "queue", "--disabled"]).await;
    let listed = async || tools.suiro(&["schedule", "list", "夜間", "--json"]).await.json()[0]["schedule"].clone();
    assert_eq!((&listed().await["enabled"], &listed().await["next"]), (&json!(false), &Json::Null));
    let enabled = tools.suiro(&["schedule", "enable", &id]).await;
    assert!(enabled.err.contains("有効にしました / enabled") && listed().await["next"].is_i64(), "{enabled:#?}");
    let disabled = tools.suiro(&["schedule", "disable", &id]).await;
    assert!(disabled.err.contains("無効にしました / disabled") && listed().await["next"].is_null(), "{disabled:#?}");

    // Alone nobody sweeps: what is run now waits in the row, and says where it stands; it can be taken back.
    let run = tools.suiro(&["schedule", "run-now", &id, "--json"]).await.json();
    let run = run["run"].as_str().expect("a run").to_owned();
    let waits = tools.suiro(&["run", "show", &run]).await;
    for part in ["place among scheduled runs  1", "starts by, or is given up at"] {
        assert!(waits.good().contains(part), "{part}: {waits:#?}");
    }
    let whole = tools.suiro(&["run", "show", &run, "--json"]).await.json();
    assert_eq!((&whole["place"], &whole["scheduledRow"]), (&json!(1), &json!(true)));
    let second = tools.suiro(&["schedule", "run-now", &id, "--json"]).await.json();
    let second = second["run"].as_str().expect("it queues").to_owned();
    let whole = tools.suiro(&["run", "show", &second, "--json"]).await.json();
    assert_eq!((&whole["place"], &whole["wait"]["reason"]), (&json!(2), &json!("schedule")));
    tools.suiro(&["run", "cancel", &second]).await.good();
    let skip = tools.schedule("夜間", &["--hourly", "0"]).await;
    tools.suiro(&["schedule", "run-now", &skip]).await.good();
    tools.suiro(&["schedule", "run-now", &skip]).await.bad(1, "前の実行が終わっていません", "has not ended");
    tools.suiro(&["unit", "disable", "夜間"]).await.good();
    tools.suiro(&["schedule", "run-now", &id]).await.bad(1, "無効です", "is disabled");
    let noted = tools.suiro(&["schedule", "list"]).await;
    assert!(noted.good().contains("its unit is disabled"), "{noted:#?}");

    // A serve that starts finds the row, and runs it in order without waiting for a sweep's grace.
    let served = tools.serve().await;
    let runs = tools.until_ended(&added.unit, 2).await;
    let ended: Vec<_> = runs.iter().filter(|r| r.state == RunState::Succeeded).collect();
    assert_eq!(ended.len(), 1, "the other leaves its minute to those that wait: {runs:#?}");
    assert_eq!((ended[0].id.to_string(), ended[0].trigger.method), (run, Method::Schedule));
    assert_eq!(tools.movements(), ["一", "二"], "both flows, in order");
    tools.suiro(&["schedule", "remove", &id]).await.good();
    assert_eq!(tools.suiro(&["schedule", "list", "--json"]).await.json().as_array().expect("a list").len(), 1);
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn top_shows_units_schedules_and_runs() {
    let tools = Tools::new().await;
    let nothing = tools.suiro(&["top", "--once"]).await;
    assert!(nothing.good().contains("no units"), "{nothing:#?}");
    let added = tools.add_nightly("夜間", &["一"]).await;
    let id = tools.schedule("夜間", &["--last-day", "--at", "02:30"]).await;
    let run = tools.suiro(&["schedule", "run-now", &id]).await.good().trim().to_owned();
    let seen = tools.suiro(&["top", "--once"]).await;
    let shown = |parts: &[&str]| {
        let line = seen.good().lines().any(|line| parts.iter().all(|part| line.contains(part)));
        assert!(line, "{parts:?}: {seen:#?}");
    };
    shown(&["writing 0 / 20,000", "scheduled 1"]);
    shown(&["scheduled 1", &run, &id]);
    shown(&["夜間", &added.unit, "有効 / on", "1"]);
    shown(&[&id, "夜間", "02:30"]);
    shown(&[&run, "queued", "Schedule"]);
    let whole = tools.suiro(&["top", "--json"]).await.json();
    assert_eq!(whole["domains"][0]["units"][0]["unit"]["id"], json!(added.unit));
    assert_eq!(whole["domains"][0]["gate"]["schedules"][0]["run"], json!(run));
    let piped = tools.suiro(&["top"]).await;
    piped.bad(2, "--once で1回だけ", "--once prints one picture");
}
