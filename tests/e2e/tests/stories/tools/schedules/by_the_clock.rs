//! A schedule falls due: what runs goes first, what comes waits, and nobody's wait limit is used up.

use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use model::clock::{Clock as _, ManualClock, SystemClock, Timestamp};
use model::ids::{RunId, UnitId};
use model::ledger::ScheduleView;
use model::run::{Method, Run, RunState};
use model::unit::{WaitNote, WaitReason};
use serde_json::json;
use suiro::local::{Options, Stack};
use worker::observer::{Happening, Observer};

use super::Tools;

/// Notes starts and ends in order, and keeps runs of chosen units from beginning until it is told to let them.
#[derive(Default)]
struct Notes {
    seen: Mutex<Vec<(char, RunId)>>,
    held: Mutex<BTreeSet<String>>,
    released: Condvar,
}

impl Notes {
    fn hold(&self, unit: &str) {
        self.held.lock().expect("not poisoned").insert(unit.to_owned());
    }

    fn release(&self, unit: &str) {
        self.held.lock().expect("not poisoned").remove(unit);
        self.released.notify_all();
    }

    fn seen(&self) -> Vec<String> {
        let seen = self.seen.lock().expect("not poisoned");
        seen.iter().map(|(what, run)| format!("{what} {run}")).collect()
    }
}

impl Observer for Notes {
    fn tell(&self, happening: &Happening) {
        let (what, run) = match happening {
            Happening::Starts(ticket) => ('s', &ticket.run.id),
            Happening::Ended(run) => ('e', &run.id),
            _ => return,
        };
        self.seen.lock().expect("not poisoned").push((what, run.clone()));
        let held = || self.held.lock().expect("not poisoned");
        if what == 's' && held().contains(&run.unit.0) {
            // The run is started and its worker stands still: its lease runs, and nothing is written.
            tokio::task::block_in_place(|| {
                drop(self.released.wait_while(held(), |held| held.contains(&run.unit.0)).expect("not poisoned"));
            });
        }
    }
}

/// The local stack in this process on the folder of the command line, and a clock that the story turns.
struct ByHand {
    tools: Tools,
    stack: Stack,
    clock: Arc<ManualClock>,
    notes: Arc<Notes>,
}

impl Drop for ByHand {
    /// A story that fails must not wait for ever for what it holds.
    fn drop(&mut self) {
        self.notes.held.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
        self.notes.released.notify_all();
    }
}

async fn by_hand() -> ByHand {
    let tools = Tools::new().await;
    // The command line lives by the system's clock; a story's clock starts there and goes ahead.
    let (clock, notes) = (Arc::new(ManualClock::new(SystemClock.now())), Arc::new(Notes::default()));
    let data = Some(tools.path(".suiro"));
    let options = Options { data, clock: clock.clone(), observer: notes.clone(), ..Options::default() };
    let stack = Stack::start(options).await.expect("a local stack");
    ByHand { tools, stack, clock, notes }
}

impl ByHand {
    fn seconds(&self, n: u64) {
        self.clock.advance(Duration::from_secs(n));
    }

    /// Waits until this holds; meanwhile a little time passes, so that the local sweep comes round.
    async fn until<F: Future<Output = bool>>(&self, what: &str, mut holds: impl FnMut() -> F) {
        let passing = || {
            self.clock.advance(Duration::from_millis(10));
            holds()
        };
        self.tools.stage.until(what, passing).await;
    }

    async fn view(&self) -> ScheduleView {
        let domain = self.domain();
        self.stack.ledger.schedules(&domain, None).await.expect("schedules").remove(0)
    }

    fn domain(&self) -> String {
        suiro::units::domain(&self.tools.stage.sim.base_url())
    }

    /// Turns the clock to the schedule's next instant.
    async fn fall_due(&self) -> Timestamp {
        let next = self.view().await.next.expect("it falls due");
        self.clock.advance(self.clock.now().until(next));
        next
    }

    /// What the first of the domain's row waits for.
    async fn row_waits(&self) -> Option<WaitReason> {
        let gate = self.stack.ledger.gate(&self.domain()).await.expect("the gate");
        gate.schedules.front().and_then(|s| s.wait).map(|wait| wait.reason)
    }

    async fn wait_of(&self, unit: &str) -> Option<WaitNote> {
        self.stack.ledger.state(&UnitId(unit.to_owned())).await.expect("a state").wait
    }

    async fn run(&self, run: &str) -> Run {
        self.stack.ledger.run(&run.parse().expect("a run's id")).await.expect("a run")
    }

    async fn started(&self, run: &str) -> bool {
        self.notes.seen().contains(&format!("s {run}"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_due_schedule_waits_for_what_runs_holds_back_what_comes_and_uses_up_nobodys_wait_limit() {
    let story = by_hand().await;
    let (tools, notes) = (&story.tools, &story.notes);
    let first = tools.add_unit("先", &[]).await;
    let later = tools.add_unit("後", &["--wait-limit", "30"]).await;
    let nightly = tools.add_nightly("夜間", &["一", "二"]).await;
    let [a, b, c] = [&first, &nightly, &later].map(|unit| format!("{}-1", unit.unit));
    let id = tools.schedule("夜間", &["--cron", "* * * * *"]).await;
    let order = tools.put_order("A-1");

    // A realtime run is running when the schedule falls due: the schedule waits for it.
    notes.hold(&first.unit);
    notes.hold(&nightly.unit);
    assert_eq!(tools.notify(&first.url, order).await, 202);
    story.until("the realtime run starts", || story.started(&a)).await;
    let due = story.fall_due().await;
    let realtime = || async { story.row_waits().await == Some(WaitReason::Realtime) };
    story.until("the schedule waits for it", realtime).await;
    let told = tools.suiro(&["run", "show", &b, "--json"]).await.json();
    assert_eq!((&told["place"], &told["wait"]["reason"]), (&json!(1), &json!("realtime")));
    let told = tools.suiro(&["run", "show", &b]).await;
    assert!(told.good().contains("リアルタイム実行中 / realtime runs"), "{told:#?}");

    // What comes now waits for the schedule, although nothing of its own unit runs.
    assert_eq!(tools.notify(&later.url, order).await, 202);
    let schedule = || async { story.wait_of(&later.unit).await.is_some_and(|w| w.reason == WaitReason::Schedule) };
    story.until("a request is held back", schedule).await;
    let picture = tools.suiro(&["top", "--once"]).await;
    for parts in [["後", "a scheduled run"], [b.as_str(), "realtime runs"], [a.as_str(), "running"]] {
        let line = picture.good().lines().any(|line| parts.iter().all(|part| line.contains(part)));
        assert!(line, "{parts:?}: {picture:#?}");
    }
    notes.release(&first.unit);
    let ended = || async { story.run(&a).await.state == RunState::Succeeded };
    story.until("the realtime run ends", ended).await;
    story.seconds(15);
    story.until("the scheduled run starts", || story.started(&b)).await;

    // It runs beyond the request's wait limit of half a minute, and beyond its own next instant.
    let next = story.fall_due().await;
    assert_eq!(next, due + Duration::from_secs(60));
    let skipped = || async { story.view().await.skipped == 1 };
    story.until("what overlaps is counted", skipped).await;
    let waiting = story.run(&c).await;
    assert!(waiting.deadline < story.clock.now(), "its own deadline has passed");
    let asked_again = || async { story.wait_of(&later.unit).await.is_some_and(|w| w.until > next) };
    story.until("it has asked again", asked_again).await;
    let told = tools.suiro(&["run", "show", &c, "--json"]).await.json();
    assert_eq!((&told["run"]["state"], &told["wait"]["reason"]), (&json!("queued"), &json!("schedule")));
    assert!(told["givenUpAt"].as_i64() > Some(waiting.deadline.0), "and is put off: {told}");
    let told = tools.suiro(&["schedule", "list"]).await;
    assert!(told.good().contains("見送り / skipped 1"), "{told:#?}");

    // It ends, and the request starts in the minute that is left to those that waited.
    notes.release(&nightly.unit);
    let ended = || async { story.run(&b).await.state.ended() };
    story.until("the scheduled run ends", ended).await;
    story.seconds(15);
    let ended = || async { story.run(&c).await.state.ended() };
    story.until("the request is run", ended).await;
    let runs = [story.run(&a).await, story.run(&b).await, story.run(&c).await];
    crate::story::all_succeeded(&runs);
    let order: Vec<String> = [&a, &b, &c].iter().flat_map(|run| [format!("s {run}"), format!("e {run}")]).collect();
    assert_eq!(notes.seen(), order, "one after the other");
    assert_eq!(runs[1].waited.map(|wait| wait.reason), Some(WaitReason::Realtime));
    assert_eq!(runs[2].waited.map(|wait| wait.reason), Some(WaitReason::Schedule));
    assert!(runs[2].started_at > Some(runs[2].deadline), "later than its wait limit alone would allow");
    assert_eq!(tools.movements(), ["A-1", "一", "二", "A-1"], "both flows of the schedule, in order");

    // One log record each, in the same log app.
    let log = tools.stage.log_record(&runs[1].id);
    for (code, value) in [
        ("execution_method", "Schedule"),
        ("schedule_Id", id.as_str()),
        ("execution_unit_name", "夜間"),
        ("state", "succeeded"),
        ("wait_reason", "リアルタイム実行中 / realtime runs"),
    ] {
        assert_eq!(log.fields[code], json!(value), "{code}");
    }
    let flows = log.fields["flows"].to_string();
    assert!(flows.contains("追加一") && flows.contains("追加二"), "{flows}");
    let webhook = tools.stage.log_record(&runs[2].id);
    assert_eq!((&webhook.fields["execution_method"], &webhook.fields["schedule_Id"]), (&json!("Webhook"), &json!("")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_queues_runs_again_after_the_minute_of_those_that_waited() {
    let story = by_hand().await;
    let (tools, notes) = (&story.tools, &story.notes);
    let nightly = tools.add_nightly("夜間", &["一"]).await;
    tools.schedule("夜間", &["--cron", "* * * * *", "--overlap", "queue"]).await;
    let run = |n: u64| format!("{}-{n}", nightly.unit);
    notes.hold(&nightly.unit);
    let due = story.fall_due().await;
    let first = run(1);
    story.until("the first starts", || story.started(&first)).await;
    story.fall_due().await;
    let gate = || async { story.stack.ledger.gate(&story.domain()).await.expect("the gate").schedules.len() == 2 };
    story.until("the second waits behind it", gate).await;
    let told = tools.suiro(&["run", "show", &run(2), "--json"]).await.json();
    assert_eq!((&told["place"], &told["scheduledRow"]), (&json!(2), &json!(true)));
    notes.release(&nightly.unit);
    let ended = || async { story.run(&run(1)).await.state.ended() };
    story.until("the first ends", ended).await;
    let interlude = || async { story.row_waits().await == Some(WaitReason::Schedule) };
    story.until("the second leaves its minute to others", interlude).await;
    story.seconds(61);
    let ended = || async { story.run(&run(2)).await.state.ended() };
    story.until("the second is run", ended).await;
    let runs = [story.run(&run(1)).await, story.run(&run(2)).await];
    crate::story::all_succeeded(&runs);
    assert!(runs.iter().all(|run| run.trigger.method == Method::Schedule && run.queued_at >= due));
    let (ended, started) = (runs[0].ended_at.expect("ended"), runs[1].started_at.expect("started"));
    assert!(ended.until(started) >= Duration::from_secs(60), "{ended} and {started}");
    assert_eq!(tools.movements(), ["一", "一"]);
}
