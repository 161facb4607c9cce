//! The trigger API: tokens that open nothing, calls that ask for too much, and states that are none of the caller's business.

use model::limits::{MAX_RECORDS_PER_CALL, UnitLimits};
use model::secret_url::Secret;
use reqwest::header::AUTHORIZATION;
use serde_json::{Value as Json, json};

use super::{MARK, Visitor, free, record_json, seconds, secret_of, visitor, visitor_by_hand, with};
use crate::story::all_succeeded;

#[tokio::test(flavor = "multi_thread")]
async fn krewdatas_own_keys_of_token_must_be_texts() {
    let stage = visitor().await;
    let url = stage.trigger_url(stage.secret(), "token");
    for wrong in [json!({ "krewdataAppUrl": 1 }), json!({ "krewdataAppUrl": null }), json!({ "serialNumber": [MARK] })]
    {
        let asked = stage.refused(stage.sending(&url, &wrong), 400, "request.invalid").await;
        let name = wrong.as_object().and_then(|o| o.keys().next().cloned()).expect("a key");
        assert!(asked.text.contains(&name), "{asked:#?}");
    }
    let right = json!({ "krewdataAppUrl": format!("https://{MARK}/k/1/"), "serialNumber": "c2VyaWFs" });
    let asked = stage.ask(stage.sending(&url, &right)).await;
    assert_eq!((asked.status, &asked.json["status"]), (200, &json!("OK")), "{asked:#?}");
    assert_ne!(asked.json["accessToken"], json!(stage.token(stage.secret()).await), "each caller has its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_good_for_its_own_unit_and_for_an_hour() {
    let (stage, clock) = visitor_by_hand(free()).await;
    let (unit, secret, id) = (&stage.company.unit, stage.secret().to_owned(), stage.put_order("A-1"));
    let (_, other_url) = stage.company.add_unit(&stage.stack, "別の実行単位").await.expect("a unit");
    let (token, others) = (stage.token(&secret).await, stage.token(secret_of(&other_url)).await);
    let run = stage.accepted(stage.sending(&stage.trigger_url(&secret, "run"), &stage.run_body(&token, id))).await;
    all_succeeded(&stage.until_ended(1).await);

    let (run_url, status_url) = (stage.trigger_url(&secret, "run"), stage.trigger_url(&secret, "status"));
    let refused = async |token: Json, status: u16, code: &str| {
        let body = with(&stage.run_body("", id), "accessToken", token.clone());
        stage.refused(stage.sending(&run_url, &body), status, code).await;
        let body = with(&json!({ "runId": run }), "accessToken", token.clone());
        stage.refused(stage.sending(&status_url, &body), status, code).await;
        let Some(text) = token.as_str().filter(|t| !t.is_empty()) else { return };
        let asked = stage.http.get(format!("{status_url}?runId={run}")).header(AUTHORIZATION, format!("Bearer {text}"));
        stage.refused(asked, status, code).await;
        stage.refused(stage.http.get(format!("{status_url}?runId={run}&accessToken={text}")), status, code).await;
    };
    refused(Json::Null, 400, "request.invalid").await;
    refused(json!(12), 400, "request.invalid").await;
    refused(json!(""), 401, "token.invalid").await;
    refused(json!("short"), 401, "token.invalid").await;
    refused(json!(Secret::random().reveal()), 401, "token.invalid").await;
    refused(json!(others), 401, "token.invalid").await;
    refused(json!(secret), 401, "token.invalid").await;
    let without = stage.http.get(format!("{status_url}?runId={run}"));
    stage.refused(without, 400, "request.invalid").await;
    let basic = stage.http.get(format!("{status_url}?runId={run}")).header(AUTHORIZATION, format!("Basic {token}"));
    stage.refused(basic, 400, "request.invalid").await;

    clock.advance(seconds(3599));
    stage.accepted(stage.sending(&run_url, &stage.run_body(&token, id))).await;
    stage.until_ended(2).await;
    clock.advance(seconds(1));
    refused(json!(token), 401, "token.invalid").await;
    let fresh = stage.token(&secret).await;
    stage.accepted(stage.sending(&run_url, &stage.run_body(&fresh, id))).await;
    all_succeeded(&stage.until_ended(3).await);
    let strange = stage.stack.ledger.runs(unit, 10).await.expect("runs").iter().any(|r| r.trigger.user != "sato");
    assert!(!strange, "the caller's user is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_asks_for_what_cannot_be_is_refused_whole() {
    let stage = visitor().await;
    let (url, id) = (stage.trigger_url(stage.secret(), "run"), stage.put_order("A-1"));
    let good = stage.run_body(&stage.token(stage.secret()).await, id);
    let many = |records: Json| with(&with(&good, "record", Json::Null), "records", records);
    let other_app = stage.company.orders + 1;
    let row = record_json(id);
    let broken = with(&row, "レコード番号", json!(MARK));
    for (body, code, detail) in [
        (with(&good, "appId", json!(other_app)), "request.other_app", other_app.to_string()),
        (with(&good, "appId", json!(other_app.to_string())), "request.other_app", other_app.to_string()),
        (with(&good, "appId", Json::Null), "request.invalid", "appId".into()),
        (with(&good, "appId", json!(MARK)), "request.invalid", "appId".into()),
        (with(&good, "user", json!(1)), "request.invalid", "user".into()),
        (with(&good, "record", json!(MARK)), "request.invalid", "record must be an object".into()),
        (with(&good, "record", json!([row])), "request.invalid", "record must be an object".into()),
        (with(&good, "record", Json::Null), "request.invalid", "either record".into()),
        (with(&good, "records", json!([row])), "request.invalid", "either record".into()),
        (many(json!(row)), "request.invalid", "either record".into()),
        (many(json!([])), "request.invalid", "1 to 40".into()),
        (many(json!(vec![&row; MAX_RECORDS_PER_CALL + 1])), "request.invalid", "1 to 40".into()),
        (many(json!([row, MARK, row])), "request.invalid", "record must be an object".into()),
        (many(json!([row, row, broken])), "request.invalid", "record.レコード番号".into()),
    ] {
        let asked = stage.refused(stage.sending(&url, &body), 400, code).await;
        assert!(asked.json["descriptionEn"].as_str().is_some_and(|d| d.contains(&detail)), "{detail}: {asked:#?}");
    }
    let most = stage.ask(stage.sending(&url, &many(json!(vec![&row; MAX_RECORDS_PER_CALL])))).await;
    let ids: Vec<_> = (1..=MAX_RECORDS_PER_CALL).map(|n| format!("{}-{n}", stage.company.unit)).collect();
    assert_eq!((most.status, &most.json["runIds"]), (202, &json!(ids)), "in order: {most:#?}");
}

/// Asks for a run's state in the three ways, which answer the same.
async fn state(stage: &Visitor, token: &str, run: &str) -> Json {
    let url = stage.trigger_url(stage.secret(), "status");
    let bearer = stage.http.get(&url).query(&[("runId", run)]).header(AUTHORIZATION, format!("Bearer {token}"));
    let query = stage.http.get(&url).query(&[("runId", run), ("accessToken", token)]);
    let body = stage.sending(&url, &json!({ "runId": run, "accessToken": token }));
    let mut told = Vec::new();
    for request in [bearer, query, body] {
        let asked = stage.ask(request).await;
        assert_eq!(asked.status, 200, "{asked:#?}");
        told.push(asked.json);
    }
    assert!(told.iter().all(|t| *t == told[0]), "{told:#?}");
    told.remove(0)
}

fn keys(told: &Json) -> Vec<&str> {
    told.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn status_tells_where_a_run_stands_and_nothing_of_its_records() {
    let (stage, clock) = visitor_by_hand(UnitLimits { starts: 2, ..UnitLimits::default() }).await;
    let (id, secret) = (stage.put_order("A-1"), stage.secret().to_owned());
    let token = stage.token(&secret).await;
    let mut failing = record_json(id);
    failing["レコード番号"]["value"] = json!(MARK);
    let records = json!([record_json(id), failing, record_json(id), record_json(id)]);
    let body = with(&with(&stage.run_body(&token, id), "record", Json::Null), "records", records);
    let queued_at = stage.stack.ledger.clock().now();
    let asked = stage.ask(stage.sending(&stage.trigger_url(&secret, "run"), &body)).await;
    let runs: Vec<String> = serde_json::from_value(asked.json["runIds"].clone()).expect("four runs");
    stage.until_ended(2).await;
    stage.until("the third waits", || async { stage.state().await.wait.is_some() }).await;

    let common = ["code", "queuedAt", "runId", "state", "status"];
    let done = state(&stage, &token, &runs[0]).await;
    assert_eq!(keys(&done), ["code", "endedAt", "queuedAt", "runId", "startedAt", "state", "status"]);
    assert_eq!((&done["state"], &done["runId"]), (&json!("succeeded"), &json!(runs[0])));
    assert_eq!(done["queuedAt"], json!(queued_at.rfc3339()));
    let failed = state(&stage, &token, &runs[1]).await;
    assert_eq!(failed["state"], json!("failed"), "kintone knows no such record number");
    let more = ["description", "descriptionEn", "endedAt", "error", "startedAt"];
    let mut all: Vec<_> = common.into_iter().chain(more).collect();
    all.sort_unstable();
    assert_eq!(keys(&failed), all);
    for (n, run) in runs[2..].iter().enumerate() {
        let waiting = state(&stage, &token, run).await;
        assert_eq!((&waiting["state"], &waiting["place"]), (&json!("queued"), &json!(n + 1)));
        assert_eq!(
            (&waiting["waitReason"], &waiting["waitUntil"]),
            (&json!("rate"), &json!((queued_at + seconds(60)).rfc3339()))
        );
        let given_up = (queued_at + seconds(600)).rfc3339();
        assert_eq!((&waiting["givenUpAt"], waiting["earliestStart"].is_string()), (&json!(given_up), true));
        for (name, place, reason) in [
            ("description", format!("待機順は{}番目です", n + 1), "1分あたりの実行回数の上限"),
            ("descriptionEn", format!("Number {} in the queue", n + 1), "starts per minute"),
        ] {
            let text = waiting[name].as_str().expect("a sentence");
            assert!(text.contains(&place) && text.contains(reason) && text.contains(&given_up), "{text}");
        }
        assert_eq!(keys(&waiting).len(), common.len() + 7, "{waiting}");
    }
    clock.advance(seconds(60));
    stage.until_ended(4).await;
    assert_eq!(state(&stage, &token, &runs[3]).await["state"], json!("succeeded"));
}

#[tokio::test(flavor = "multi_thread")]
async fn status_of_what_is_not_the_units_own_is_unknown() {
    let stage = visitor().await;
    let (id, secret) = (stage.put_order("A-1"), stage.secret().to_owned());
    let (other, other_url) = stage.company.add_unit(&stage.stack, "別の実行単位").await.expect("a unit");
    let token = stage.token(&secret).await;
    stage.accepted(stage.sending(&other_url, &stage.notification("n-1", id))).await;
    let own = stage.accepted(stage.sending(&stage.company.url, &stage.notification("n-1", id))).await;
    assert_eq!(own, format!("{}-1", stage.company.unit), "another unit's notifications are no repeats");
    all_succeeded(&stage.until_ended(1).await);
    let url = stage.trigger_url(&secret, "status");
    let bearer = |url: String| stage.http.get(url).header(AUTHORIZATION, format!("Bearer {token}"));
    for run in [
        format!("{other}-1"),
        format!("{}-2", stage.company.unit),
        format!("{}-0", stage.company.unit),
        "nonsense".into(),
        "-1".into(),
        String::new(),
    ] {
        stage.refused(bearer(format!("{url}?runId={run}")), 404, "run.unknown").await;
        let body = json!({ "accessToken": token, "runId": run });
        stage.refused(stage.sending(&url, &body), 404, "run.unknown").await;
    }
    stage.refused(bearer(url.clone()), 400, "request.invalid").await;
    stage.refused(bearer(format!("{url}?runId={own}&runId={own}")), 400, "request.invalid").await;
    stage.refused(bearer(format!("{url}?runId=%FF")), 404, "run.unknown").await;
    for run in [Json::Null, json!(1)] {
        let body = with(&json!({ "accessToken": token }), "runId", run);
        stage.refused(stage.sending(&url, &body), 400, "request.invalid").await;
    }
}
