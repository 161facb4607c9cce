//! Data checks: errors in an app of their own, and a flow that stops writes nothing else.

use model::catalogue;
use model::ports::Credential;
use model::run::{FlowState, RunState};
use serde_json::json;
use sim::{ALL_RIGHTS, AppSpec, UserSpec};

use super::{flow, stage, text};
use crate::story::all_succeeded;

const TOLD: [&str; 9] =
    ["元アプリ", "ステップ", "実行ID", "行", "元レコード番号", "フィールド", "チェック", "メッセージ", "値"];

fn error_app() -> AppSpec {
    TOLD.iter().fold(AppSpec::new("エラー"), |spec, code| spec.field(code, text()))
}

fn checked(errors: u64, output: u64, checks: &str) -> String {
    flow(
        "検査",
        &format!(
            "  - name: 検査\n    command: data_check\n    from: 受注\n    errors: {{ app: {errors} }}\n{checks}\n  - {{ name: 出力, command: output_app, from: 検査, app: {output}, method: append, mapping: {{ 受注番号: 受注番号 }} }}\n"
        ),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_stops_leaves_its_errors_and_nothing_else() {
    let stage = stage().await;
    let (errors, output) = (stage.app(error_app()), stage.app(AppSpec::new("出力").field("受注番号", text())));
    let checks = "    on_error: stop\n    checks:\n      - { check: range, field: 受注数, max: 10, message: 多すぎます }\n      - { check: exists, field: 商品コード, app: ${在庫}, in: 商品コード }";
    let second = flow(
        "後",
        &format!(
            "  - {{ name: 出力, command: output_app, from: 受注, app: {output}, method: append, mapping: {{ 受注番号: 受注番号 }} }}\n"
        ),
    );
    let unit = stage.unit("検査", &[checked(errors, output, checks), second]).await;
    let (good, bad) = (stage.put("G-1", 3), stage.put("B-1", 11));
    stage.tell(&unit, bad).await;
    let run = stage.ended(&unit, 1).await.remove(0);
    assert_eq!((run.state, run.code), (RunState::Failed, Some(catalogue::DATA_CHECK_STOPPED)), "{run:#?}");
    assert_eq!([run.flows[0].state, run.flows[1].state], [FlowState::Failed, FlowState::NotRun]);
    assert!(run.message.contains("エラーのあるレコード1件"), "{}", run.message);
    assert_eq!(stage.control().count(output), 0, "the flow's own output is not written");
    let written = stage.control().records(errors);
    assert_eq!(written.len(), 1);
    let told: Vec<&str> = TOLD.iter().map(|code| written[0].text(code).unwrap_or_default()).collect();
    let (app, id, record) = (stage.company.orders.to_string(), run.id.to_string(), bad.to_string());
    assert_eq!(told, [&app, "検査", &id, "1", &record, "受注数", "range", "多すぎます", "11"]);
    let log = stage.log_record(&run.id);
    assert_eq!(log.fields["flows"][0]["value"]["flow_state"]["value"], json!("failed"));

    stage.tell(&unit, good).await;
    all_succeeded(&stage.ended(&unit, 2).await[1..]);
    assert_eq!((stage.control().count(output), stage.control().count(errors)), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn users_of_the_domain_are_known_by_password_and_not_by_tokens() {
    let stage = stage().await;
    let (errors, output) = (stage.app(error_app()), stage.app(AppSpec::new("出力").field("受注番号", text())));
    let text = checked(errors, output, "    checks: [{ check: user, field: 受注番号 }]");
    stage.control().add_user(UserSpec::new("sato", "p"));
    let unit = stage.unit("検査", std::slice::from_ref(&text)).await;
    for name in ["sato", "suzuki"] {
        stage.tell(&unit, stage.put(name, 1)).await;
    }
    all_succeeded(&stage.ended(&unit, 2).await);
    assert_eq!(stage.column(errors, "値"), ["suzuki"]);
    assert_eq!(stage.column(output, "受注番号"), ["sato", "suzuki"], "by default rows with errors go on");

    let mut tokens: Vec<String> = stage.company.tokens.split(',').map(str::to_owned).collect();
    tokens.extend([errors, output].map(|app| stage.control().add_token(app, &ALL_RIGHTS).unwrap()));
    let unit = stage.unit_with("トークン", &[text], Credential::Tokens { tokens, basic: None }).await;
    stage.tell(&unit, stage.put("tanaka", 1)).await;
    let run = stage.ended(&unit, 1).await.remove(0);
    assert_eq!((run.state, run.code), (RunState::Failed, Some(catalogue::NOT_PERMITTED)), "{run:#?}");
    assert!(run.message.contains("APIトークンでは読めません"), "{}", run.message);
}
