//! `kill -9` of `suiro serve` while a flow writes records and appends to a file: both happen once.

use std::fs;
use std::path::Path;
use std::time::Duration;

use model::clock::{Clock, SystemClock};
use model::run::RunState;

use super::Tools;

/// The order that started the run becomes a movement and a line of a file.
const HISTORY: &str = "
suiro: 1
name: 履歴
steps:
  - name: 受注
    command: input_app
    app: ${受注}
    fields: [受注番号, 商品コード]
    conditions: [{ field: レコード番号, operator: \"=\", value: \"%レコード番号%\" }]
  - { name: 移動, command: output_app, from: 受注, app: ${在庫移動}, method: append }
  - { name: 履歴, command: output_file, from: 受注, file: 履歴.csv, format: csv, mode: append, columns: [受注番号], csv: { newline: lf } }
  - { name: 最新, command: output_file, from: 受注, file: 最新.csv, format: csv, columns: [受注番号], csv: { header: false, newline: lf } }
";

/// How long kintone works on a call here.
const SERVICE: Duration = Duration::from_millis(40);

/// A file of the only unit, wherever its folder is.
fn file(folder: &Path, name: &str) -> Option<String> {
    let mut found = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    found.find_map(|path| match path.is_dir() {
        true if !path.ends_with(".suiro") => file(&path, name),
        _ if path.ends_with(name) => fs::read_to_string(path).ok(),
        _ => None,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_at_any_call_appends_once() {
    let tools = Tools::new().await;
    let control = tools.stage.control();
    let mut served = tools.serve().await;
    let history = tools.file("history.yaml", &tools.stage.company.flow(HISTORY));
    let added = tools.add_unit("受注処理", &["--starts", "1000", "--flow", &history]).await;
    control.switch(|s| s.service_time_ms = SERVICE.as_millis() as u64);
    let files = tools.path(".suiro/files");

    let mut names = vec!["K-0".to_owned()];
    control.clear_calls();
    assert_eq!(tools.notify(&added.url, tools.put_order("K-0")).await, 202);
    let runs = tools.until_ended(&added.unit, 1).await;
    assert_eq!(runs[0].state, RunState::Succeeded, "{runs:#?}");
    let calls = control.calls().len();

    // The flow with files is the last of three, so only the later half of the calls is cut off, each twice: while
    // kintone works, and when it has answered.
    let (mut cut, mut kills) = (0, 0);
    for (n, answered) in (calls / 2..calls).flat_map(|a| [a, a]).enumerate() {
        let name = format!("K-{}", n + 1);
        let id = tools.put_order(&name);
        control.clear_calls();
        assert_eq!(tools.notify(&added.at(&served), id).await, 202);
        tools.stage.until("so many calls are answered", || async { control.calls().len() >= answered }).await;
        let into = if n % 2 == 0 { SERVICE / 16 } else { SERVICE * 6 / 8 };
        SystemClock.pause(into).await;
        served.kill().await;
        served = tools.serve().await;
        let runs = tools.until_ended(&added.unit, n + 2).await;
        let last = runs.last().expect("a run");
        assert_eq!(last.state, RunState::Succeeded, "killed after {answered} calls: {last:#?}");
        kills += 1;
        cut += usize::from(last.attempt == 2);
        names.push(name);
        let lines = format!("受注番号\n{}\n", names.join("\n"));
        assert_eq!(file(&files, "履歴.csv"), Some(lines), "killed after {answered} calls: {last:#?}");
        assert_eq!(file(&files, "最新.csv"), names.last().map(|n| format!("{n}\n")));
        let twice: Vec<_> = names.iter().flat_map(|n| [n.clone(), n.clone()]).collect();
        assert_eq!(tools.movements(), twice, "killed after {answered} calls");
    }
    assert!(cut * 2 > kills, "most kills met a run: {cut} of {kills}");
    assert_eq!(file(&files, "2-0"), None, "nothing staged is left over");
    served.stop().await;
}
