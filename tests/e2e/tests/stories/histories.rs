//! Seeded histories of the worker's own code: workers that are cut off anywhere, messages that come twice, a store that
//! throttles, loses answers and races, and a kintone with every fault. Time is turned by hand.
//!
//! Afterwards every request has ended once, is told once in the log app, and the records hold exactly what the flows that
//! succeeded did; of a unit without a log app, what is told as uncertain has been done once or not at all. `SUIRO_HISTORIES` sets how many histories are played, `SUIRO_HISTORY` plays one of them again.

use std::io::Write as _;

use futures::StreamExt as _;
use model::run::RunState;
use model::unit::Undo;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;
use sim::{AppSpec, Control};

use crate::bare::Scene;
use crate::book::{Apps, counting_app, counts_up, record, replaces};
use check::check;
use play::play;

mod check;
mod play;
mod taken_back;

/// Records of each app that is counted in.
const RECORDS: usize = 6;
/// Apps that the second flow counts in: one part of a bulk each, so that it takes two bulks.
const APPS: usize = 20;

/// Histories that are played side by side; each has a kintone of its own.
const AT_ONCE: usize = 4;

/// Flows that add one in one app, by one bulk; and in twenty, by two; that append a record; and that make one app what another
/// holds, by adding, changing and deleting.
fn flows(control: &Control, apps: &mut Apps) -> Vec<String> {
    // One graph per flow: the apps of the second are read together.
    for _ in 0..=APPS {
        apps.more.push(counting_app(control, "数える", RECORDS, |_| 0));
    }
    let book = control.create_app(AppSpec::new("台帳").field("番号", json!({ "type": "SINGLE_LINE_TEXT" }))).unwrap();
    control.put_records(apps.target, (0..8).map(|n| record(n, n)).collect()).unwrap();
    control.put_records(apps.source, (4..12).map(|n| record(n, if n < 6 { n } else { n + 5 })).collect()).unwrap();
    let append = format!(
        "
suiro: 1
name: 追加
steps:
  - {{ name: 読む, command: input_app, app: {}, fields: [番号], conditions: [{{ field: 番号, operator: \"=\", value: N-0 }}] }}
  - {{ name: 書く, command: output_app, from: 読む, app: {book}, method: append }}
",
        apps.more[0]
    );
    let replace = replaces(apps);
    let (first, rest) = apps.more.split_at(1);
    let all = vec![counts_up(first[0], ""), counts_in(rest), append, replace];
    apps.more.push(book);
    all
}

/// Adds one in each of these apps, of which the first is read.
fn counts_in(apps: &[u64]) -> String {
    let mut many = format!(
        "
suiro: 1
name: 多く
steps:
  - {{ name: 読む, command: input_app, app: {}, fields: [番号, 数] }}
  - {{ name: 足す, command: data_edit, from: 読む, edits: [{{ field: 数, formula: 数+1 }}] }}
",
        apps[0]
    );
    for (n, app) in apps.iter().enumerate() {
        many += &format!(
            "  - {{ name: 書く{n}, command: output_app, from: 足す, app: {app}, method: update, key: 番号 }}\n"
        );
    }
    many
}

/// What came up in a history; a history in which nothing does says little.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    runs: usize,
    scheduled: usize,
    failed: usize,
    uncertain: usize,
}

async fn history(seed: u64) -> Seen {
    let mut random = StdRng::seed_from_u64(seed);
    let scene = Scene::new(&flows, if random.random_bool(0.3) { Undo::Kept } else { Undo::Off }).await;
    if random.random_bool(0.2) {
        scene.change(|unit| unit.log_app = None).await;
    }
    let (asked, last) = play(seed, &scene, &mut random).await;
    let seen = check(seed, &scene, &asked).await;
    let last = scene.run(&last).await;
    assert_eq!(
        last.state,
        RunState::Succeeded,
        "seed {seed}: whatever was before, what is undisturbed succeeds: {last:#?}"
    );
    seen
}

#[expect(clippy::disallowed_methods, reason = "how long it plays is set from outside")]
pub fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|n| n.parse().ok())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_ends_once_and_every_record_is_right() {
    if let Some(seed) = number("SUIRO_HISTORY") {
        history(seed).await;
        return;
    }
    let count = number("SUIRO_HISTORIES").unwrap_or(300);
    let seen = side_by_side(count, history).await;
    let sum = |of: fn(&Seen) -> usize| seen.iter().map(of).sum::<usize>();
    let (runs, scheduled) = (sum(|seen| seen.runs), sum(|seen| seen.scheduled));
    let (failed, uncertain) = (sum(|seen| seen.failed), sum(|seen| seen.uncertain));
    tell(&format!("{count} histories: {runs} runs, {scheduled} scheduled, {failed} failed, {uncertain} uncertain"));
    assert!(count < 100 || [scheduled, failed, uncertain].iter().all(|times| *times > 0), "everything comes up");
}

/// Plays so many histories, some of them at once.
async fn side_by_side<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    count: u64,
    history: impl Fn(u64) -> F,
) -> Vec<T> {
    let played = futures::stream::iter(1..=count).map(|seed| tokio::spawn(history(seed))).buffer_unordered(AT_ONCE);
    played.map(|history| history.expect("a history without a fault")).collect().await
}

/// A figure, beside what the test runner prints.
fn tell(figure: &str) {
    std::io::stderr().write_all(format!("{figure}\n").as_bytes()).unwrap();
}
