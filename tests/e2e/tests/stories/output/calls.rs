//! Units that call units: once, after success, and never round and round.

use model::catalogue;
use model::limits::MAX_HOPS;
use model::run::{Method, RunState};
use serde_json::json;
use sim::AppSpec;

use super::{Made, Stage, flow, stage, text};
use crate::story::all_succeeded;

fn call(unit: &str, more: &str) -> String {
    flow("呼び出し", &format!("  - {{ name: 呼ぶ, command: call_unit, from: 受注, unit: {unit}{more} }}\n"))
}

/// A unit that notes the orders that it is called with.
async fn noting(stage: &Stage, name: &str) -> (Made, u64) {
    let app = stage.app(AppSpec::new("記録").field("受注番号", text()).field("数", text()));
    let rest = format!(
        "  - {{ name: 出力, command: output_app, from: 受注, app: {app}, method: append, mapping: {{ 受注番号: 受注番号, 数: 受注数 }} }}\n"
    );
    (stage.unit(name, &[flow("記録", &rest)]).await, app)
}

const ORDER: &str = ", parameters: { レコード番号: レコード番号 }";

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_calls_another_when_it_has_succeeded() {
    let stage = stage().await;
    let (b, app) = noting(&stage, "乙").await;
    let a = stage.unit("甲", &[call("乙", ORDER)]).await;
    let id = stage.put("C-1", 2);
    stage.tell(&a, id).await;
    let caller = stage.ended(&a, 1).await.remove(0);
    all_succeeded(std::slice::from_ref(&caller));
    let called = stage.ended(&b, 1).await.remove(0);
    all_succeeded(std::slice::from_ref(&called));
    assert_eq!((called.trigger.method, called.trigger.hops), (Method::Call, 1));
    assert_eq!(called.trigger.records, [id.to_string()]);
    assert_eq!(called.trigger.caller.as_ref(), Some(&caller.id));
    assert!(caller.flows[0].message.contains("実行単位「乙」の呼び出し 1行"), "{}", caller.flows[0].message);
    assert!(called.queued_at >= caller.started_at.unwrap());
    assert_eq!(stage.column(app, "受注番号"), ["C-1"]);
    assert_eq!(stage.log_record(&called.id).fields["execution_method"], json!("Call"));

    // A flow that fails calls nobody, also where an earlier flow of the run had asked.
    let broken = flow(
        "壊れる",
        "  - { name: 割る, command: data_edit, from: 受注, edits: [{ field: x, formula: 1 / 0 }] }\n  - { name: 出す, command: output_app, from: 割る, app: ${在庫移動}, method: append, mapping: { 受注番号: 受注番号 } }\n",
    );
    let c = stage.unit("丙", &[call("乙", ORDER), broken]).await;
    stage.tell(&c, stage.put("C-2", 1)).await;
    assert_eq!(stage.ended(&c, 1).await[0].state, RunState::Failed);
    assert_eq!(stage.stack.ledger.state(&b.unit).await.unwrap().last, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_that_the_called_unit_does_not_use_are_told() {
    let stage = stage().await;
    let (b, _) = noting(&stage, "乙").await;
    let misspelt = ", parameters: { レコード番号: レコード番号, 受注番合: 受注番号 }";
    let a = stage.unit("甲", &[call("乙", misspelt)]).await;
    stage.tell(&a, stage.put("M-1", 1)).await;
    let caller = stage.ended(&a, 1).await.remove(0);
    all_succeeded(std::slice::from_ref(&caller));
    assert!(
        caller.flows[0].message.contains("使わないパラメータは渡しません: 受注番合"),
        "{}",
        caller.flows[0].message
    );
    all_succeeded(&stage.ended(&b, 1).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loop_ends_at_the_hop_limit_and_is_told() {
    let stage = stage().await;
    let a = stage.unit("甲", &[call("乙", ORDER)]).await;
    let b = stage.unit("乙", &[call("甲", ORDER)]).await;
    stage.tell(&a, stage.put("L-1", 1)).await;
    // 甲 starts with no hop; the one with MAX_HOPS of them may not call any more.
    let (of_a, of_b) = ((MAX_HOPS as usize + 2) / 2, (MAX_HOPS as usize).div_ceil(2));
    let (of_a, of_b) = (stage.ended(&a, of_a).await, stage.ended(&b, of_b).await);
    let mut runs = [of_a, of_b].concat();
    runs.sort_by_key(|run| run.trigger.hops);
    let last = runs.pop().unwrap();
    all_succeeded(&runs);
    assert_eq!(runs.len(), MAX_HOPS as usize);
    assert_eq!((last.trigger.hops, last.state, last.code), (MAX_HOPS, RunState::Failed, Some(catalogue::CALL_REFUSED)));
    assert!(
        last.message.contains("これ以上は呼び出せません") && last.message.contains("the most that may be"),
        "{}",
        last.message
    );
    let all =
        stage.stack.ledger.state(&a.unit).await.unwrap().last + stage.stack.ledger.state(&b.unit).await.unwrap().last;
    assert_eq!(all, u64::from(MAX_HOPS) + 1, "and nobody runs after it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_cannot_be_made_is_told_before_anything_is_written() {
    let stage = stage().await;
    let (b, _) = noting(&stage, "乙").await;
    let cases = [
        (call("丁", ORDER), "「丁」という実行単位はありません"),
        (call("乙", ""), "パラメータが渡されていません: レコード番号"),
        (call("乙", ", parameters: { 受注番号: 受注番号 }"), "パラメータが渡されていません: レコード番号"),
    ];
    for (n, (text, said)) in cases.into_iter().enumerate() {
        let written = flow(
            "書く",
            "  - { name: 出す, command: output_app, from: 受注, app: ${在庫移動}, method: append, mapping: { 受注番号: 受注番号 } }\n",
        );
        let both = text.clone() + written.split_once("value: \"%レコード番号%\" }]\n").unwrap().1;
        let unit = stage.unit(&format!("呼ぶ{n}"), &[both]).await;
        stage.tell(&unit, stage.put(&format!("R-{n}"), 1)).await;
        let run = stage.ended(&unit, 1).await.remove(0);
        assert_eq!((run.state, run.code), (RunState::Failed, Some(catalogue::CALL_REFUSED)), "{run:#?}");
        assert!(run.message.contains(said), "{}", run.message);
    }
    assert_eq!(stage.control().count(stage.company.movements), 0);
    stage.stack.ledger.set_enabled(&b.unit, false).await.unwrap();
    let unit = stage.unit("呼ぶ", &[call("乙", ORDER)]).await;
    stage.tell(&unit, stage.put("R-9", 1)).await;
    assert!(stage.ended(&unit, 1).await[0].message.contains("無効です"));
}
