//! Status, assignees and comments (2.7).

use serde_json::{Value, json};
use sim::{AppSpec, UserSpec};

use crate::support::{Stage, told};

fn process() -> Value {
    let state = |index: &str, assignee: Value| json!({"index": index, "assignee": assignee});
    let nobody = json!({"type": "ONE", "entities": []});
    let sato = json!({"type": "ONE", "entities": [{"entity": {"type": "USER", "code": "sato"}}]});
    let everyone = json!({"type": "ALL", "entities": [
        {"entity": {"type": "USER", "code": "sato"}},
        {"entity": {"type": "USER", "code": "ito"}},
    ]});
    json!({
        "enable": true,
        "states": {"未処理": state("0", nobody), "確認中": state("1", sato), "完了": state("2", everyone)},
        "actions": [
            {"name": "回す", "from": "未処理", "to": "確認中"},
            {"name": "終える", "from": "確認中", "to": "完了"},
            {"name": "飛ばす", "from": "未処理", "to": "完了", "filterCond": "n > 10"},
        ],
    })
}

async fn stage() -> Stage {
    let spec = AppSpec { process: Some(process()), ..AppSpec::new("稟議") };
    let stage = Stage::of(spec.field("n", json!({"type": "NUMBER"}))).await;
    for login in ["sato", "ito"] {
        stage.control.add_user(UserSpec::new(login, "p"));
    }
    stage
}

const NOT_POSSIBLE: crate::support::Told = told(
    400,
    "GAIA_IL03",
    "ステータスの変更に失敗しました。ほかのユーザーが、設定またはステータスを変更した可能性があります。",
    "Failed to update the status. The settings or the status itself may have been changed by someone.",
);

#[tokio::test]
async fn actions_move_a_record_on() {
    let stage = stage().await;
    let app = stage.app;
    stage.add(json!({})).await;
    assert_eq!(stage.value(1, "ステータス").await, "未処理");
    assert_eq!(stage.value(1, "作業者").await, json!([]));
    let act = |action: &str, more: Value| {
        let mut body = json!({"app": app, "id": 1, "action": action});
        if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
            body.extend(more);
        }
        body
    };
    stage.refuses("wrong status", "PUT", "record/status", act("終える", json!({})), &NOT_POSSIBLE).await;
    stage.refuses("its filter fails", "PUT", "record/status", act("飛ばす", json!({})), &NOT_POSSIBLE).await;
    let unnamed = stage.call("PUT", "record/status", act("回す", json!({}))).await;
    assert!(unnamed.body["errors"]["assignee"].is_object(), "someone must be named: {}", unnamed.body);
    let told = stage.call("PUT", "record/status", act("回す", json!({"assignee": "sato", "revision": 1}))).await.good();
    assert_eq!(told, json!({"revision": "3"}), "a status change counts twice");
    assert_eq!(stage.value(1, "作業者").await[0]["code"], "sato");
    let ito = [("x-cybozu-authorization", "aXRvOnA=")];
    let refused = stage.send("PUT", "/k/v1/record/status.json", act("終える", json!({})), &ito).await;
    assert_eq!(refused.refusal(), (400, "GAIA_NT01"));
    let stale = stage.call("PUT", "record/status", act("終える", json!({"revision": 1}))).await;
    assert_eq!(stale.refusal(), (409, "GAIA_CO02"));
    let sato = [("x-cybozu-authorization", "c2F0bzpw")];
    stage.send("PUT", "/k/v1/record/status.json", act("終える", json!({})), &sato).await.good();
    assert_eq!((stage.value(1, "ステータス").await, stage.value(1, "$revision").await), (json!("完了"), json!("5")));
    assert_eq!(stage.value(1, "作業者").await.as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn many_statuses_change_all_or_none_and_assignees_are_set() {
    let stage = stage().await;
    let app = stage.app;
    stage.add(json!({"n": {"value": 11}})).await;
    stage.add(json!({"n": {"value": 12}})).await;
    let both =
        |action: &str| json!({"app": app, "records": [{"id": 1, "action": "飛ばす"}, {"id": 2, "action": action}]});
    assert_eq!(stage.call("PUT", "records/status", both("no")).await.refusal(), (400, "GAIA_IL03"));
    assert_eq!(stage.value(1, "ステータス").await, "未処理");
    let told = stage.call("PUT", "records/status", both("飛ばす")).await.good();
    assert_eq!(told, json!({"records": [{"id": "1", "revision": "3"}, {"id": "2", "revision": "3"}]}));
    for count in [0, 101] {
        let records = vec![json!({"id": 1, "action": "飛ばす"}); count];
        let refused = stage.call("PUT", "records/status", json!({"app": app, "records": records})).await;
        assert_eq!(refused.refusal(), (400, "CB_VA01"));
    }
    let body = json!({"app": app, "id": 1, "assignees": ["ito"]});
    assert_eq!(stage.call("PUT", "record/assignees", body).await.good(), json!({"revision": "4"}));
    assert_eq!(stage.value(1, "作業者").await[0]["code"], "ito");
}

#[tokio::test]
async fn without_process_management_there_is_no_status() {
    let stage = Stage::with(json!({})).await;
    stage.add(json!({})).await;
    let off = told(
        400,
        "GAIA_ST02",
        "操作に失敗しました。プロセス管理機能が無効化されています。",
        "Your request failed. The process management feature has been disabled.",
    );
    stage.refuses("off", "PUT", "record/status", json!({"app": stage.app, "id": 1, "action": "a"}), &off).await;
    let fields = stage.call("GET", "app/form/fields", json!({"app": stage.app})).await.good();
    for code in ["ステータス", "作業者", "カテゴリー"] {
        assert_eq!(fields["properties"][code]["enabled"], false, "{code}");
        assert!(stage.get(1).await.get(code).is_none(), "{code}");
    }
}

#[tokio::test]
async fn comments_come_in_pages_of_ten() {
    let stage = Stage::with(json!({})).await;
    let app = stage.app;
    stage.add(json!({})).await;
    for n in 1..=12 {
        let comment = json!({"text": format!("c{n}"), "mentions": [{"code": "Administrator", "type": "USER"}]});
        let told =
            stage.call("POST", "record/comment", json!({"app": app, "record": 1, "comment": comment})).await.good();
        assert_eq!(told, json!({"id": n.to_string()}));
    }
    let list = |more: Value| {
        let mut body = json!({"app": app, "record": "1"});
        body.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        stage.call("GET", "record/comments", body)
    };
    let texts = |told: &Value| {
        let comments = told["comments"].as_array().cloned().unwrap_or_default();
        comments.iter().map(|comment| comment["text"].as_str().unwrap_or("").to_owned()).collect::<Vec<_>>()
    };
    let newest = list(json!({})).await.good();
    assert_eq!((texts(&newest).len(), texts(&newest)[0].as_str()), (10, "c12 "), "the text ends in a blank");
    assert_eq!((&newest["older"], &newest["newer"]), (&json!(true), &json!(false)));
    let middle = list(json!({"order": "asc", "offset": 1, "limit": 2})).await.good();
    assert_eq!(texts(&middle), ["c2 ", "c3 "]);
    assert_eq!((&middle["older"], &middle["newer"]), (&json!(true), &json!(true)));
    let comment = &middle["comments"][0];
    assert_eq!(comment["creator"], json!({"code": "Administrator", "name": "Administrator"}));
    assert_eq!(comment["mentions"], json!([{"code": "Administrator", "type": "USER"}]));
    assert_eq!(list(json!({"limit": 11})).await.refusal(), (400, "CB_VA01"));
    let add =
        |comment: Value| stage.call("POST", "record/comment", json!({"app": app, "record": 1, "comment": comment}));
    assert_eq!(add(json!({"text": ""})).await.refusal(), (400, "CB_VA01"));
    assert_eq!(add(json!({"text": "あ".repeat(65_536)})).await.refusal(), (400, "CB_VA01"));
    let mentions = vec![json!({"code": "a", "type": "USER"}); 11];
    assert_eq!(add(json!({"text": "x", "mentions": mentions})).await.refusal(), (400, "CB_VA01"));
    let delete = |id: u64| json!({"app": app, "record": 1, "comment": id});
    assert_eq!(stage.call("DELETE", "record/comment", delete(5)).await.good(), json!({}));
    let gone = told(
        400,
        "GAIA_RE02",
        "指定したコメントが存在しません。コメントが削除された可能性があります。",
        "The specified comment is not found. The comment may have been deleted.",
    );
    stage.refuses("deleted twice", "DELETE", "record/comment", delete(5), &gone).await;
}
