//! Files behind records that cannot be written for a while: they come later, once, and the records are not written again.

use std::sync::Arc;

use connect::storage::Storage;
use model::file_path::FilePath;
use model::run::{Run, RunState};
use model::unit::Undo;
use sim::{AppSpec, Control};
use worker::Handled;

use crate::bare::{DOMAIN, Scene};
use crate::book::{Apps, record};
use crate::parked::somebody_writes;
use crate::unreliable::Unreliable;

const RECORDS: usize = 5;

fn flows(control: &Control, apps: &mut Apps) -> Vec<String> {
    let text = serde_json::json!({ "type": "SINGLE_LINE_TEXT" });
    apps.more.push(control.create_app(AppSpec::new("写し").field("番号", text)).unwrap());
    control.put_records(apps.source, (0..RECORDS).map(|n| record(n, n)).collect()).unwrap();
    let (source, copies) = (apps.source, apps.more[0]);
    let files = ["mode: append, ", ""].map(|mode| {
        let name = if mode.is_empty() { "最新" } else { "履歴" };
        format!("  - {{ name: {name}, command: output_file, from: 元, file: {name}.csv, format: csv, {mode}columns: [番号], csv: {{ newline: lf }} }}\n")
    });
    vec![format!(
        "
suiro: 1
name: 写す
steps:
  - {{ name: 元, command: input_app, app: {source}, fields: [番号] }}
  - {{ name: 写し, command: output_app, from: 元, app: {copies}, method: append }}
{}",
        files.concat()
    )]
}

impl Scene {
    async fn lines(&self, file: &str) -> usize {
        let store = self.deps.files.unit(DOMAIN, &self.unit);
        let found = store.get(&FilePath::new(file).unwrap(), u64::MAX).await.unwrap();
        found.map_or(0, |file| String::from_utf8(file.bytes.to_vec()).unwrap().lines().count())
    }

    /// All is written once, and told.
    async fn is_whole(&self, run: &Run) {
        assert_eq!(run.state, RunState::Succeeded, "{run:#?}");
        assert_eq!(run.written() as usize, 3 * RECORDS, "{run:#?}");
        assert_eq!(self.sim.control().count(self.apps.more[0]), RECORDS, "{run:#?}");
        assert_eq!((self.lines("履歴.csv").await, self.lines("最新.csv").await), (1 + RECORDS, 1 + RECORDS));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_does_not_answer_is_waited_for_behind_the_records() {
    for file in ["履歴.csv", "最新.csv"] {
        let mut scene = Scene::new(&flows, Undo::Off).await;
        let files = Arc::new(Unreliable::new(scene.file_faults.clone()));
        scene.deps.files = Storage::over(files.clone());
        files.refuse(file, usize::MAX);
        let id = scene.ask().await;
        scene.works().await.unwrap();
        let run = scene.run(&id).await;
        assert_eq!(run.state, RunState::Running, "{file}: {run:#?}");
        assert_eq!(scene.sim.control().count(scene.apps.more[0]), RECORDS, "the records are written");
        files.refuse("", 0);
        scene.rest(&id).await;
        scene.is_whole(&scene.run(&id).await).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_parked_writes_its_files_too() {
    for log in [true, false] {
        let scene = Scene::new(&flows, Undo::Off).await;
        if !log {
            scene.change(|unit| unit.log_app = None).await;
        }
        let somebody = somebody_writes(&scene).await;
        let id = scene.ask().await;
        assert!(matches!(scene.works().await.unwrap(), Handled::Park(_)));
        scene.deps.ledger.release(&somebody).await.unwrap();
        scene.works().await.unwrap();
        scene.is_whole(&scene.run(&id).await).await;
    }
}
