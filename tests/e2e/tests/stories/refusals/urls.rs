//! URLs that open nothing, or no longer, or not now.

use model::run::RunState;
use model::secret_url::Secret;
use reqwest::Method;
use serde_json::json;

use super::{Visitor, free, record_json, seconds, secret_of, visitor_by_hand};
use crate::story::all_succeeded;

/// Asserts that nobody can tell why these URLs open nothing: status, headers and body are the same to the byte.
async fn all_the_same(stage: &Visitor, urls: &[String]) {
    let body = stage.notification("n-404", 1);
    let mut first = None;
    for url in urls {
        let asked = stage.refused(stage.sending(url, &body), 404, "url.unknown").await;
        let first = first.get_or_insert_with(|| asked.text.clone());
        let plain = stage.ask(stage.sending(&format!("{}/nothing/here", stage.stack.base_url()), &body)).await;
        assert_eq!(asked.bytes(), plain.bytes(), "{url}");
        assert_eq!(&asked.text, first, "{url}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_and_an_unknown_unit_are_one_answer() {
    let (stage, _) = visitor_by_hand(free()).await;
    let base = stage.stack.base_url();
    let (unit, secret) = (&stage.company.unit, stage.secret());
    let (other, other_url) = stage.company.add_unit(&stage.stack, "別の実行単位").await.expect("a unit");
    let wrong = Secret::random();
    let longer = format!("{secret}A");
    let paths = [
        format!("/r/{unit}/{}", wrong.reveal()),
        format!("/r/{unit}/{}", &secret[1..]),
        format!("/r/{unit}/{longer}"),
        format!("/r/{unit}/%FF%FE"),
        format!("/r/%FF/{secret}"),
        format!("/r/u00000000000/{secret}"),
        format!("/r/{other}/{secret}"),
        format!("/r/{unit}/{}", secret_of(&other_url)),
        format!("/r/{unit}/{}/sheet", wrong.reveal()),
        format!("/r/u00000000000/{secret}/sheet"),
        format!("/r/{other}/{secret}/sheet"),
        format!("/r/{unit}/{secret}/more"),
        format!("/r/{unit}"),
        format!("/trigger/v1/{}/token", wrong.reveal()),
        format!("/trigger/v1/{}/run", wrong.reveal()),
        format!("/trigger/v1/{}/status", wrong.reveal()),
        format!("/trigger/v1/{unit}/token"),
        "/trigger/v1/%C0/token".to_owned(),
        format!("/trigger/v1/{secret}/more"),
        format!("/trigger/v2/{secret}/run"),
        "/".to_owned(),
    ];
    all_the_same(&stage, &paths.map(|path| format!("{base}{path}"))).await;
    let status = stage.trigger_url(wrong.reveal(), "status");
    stage.refused(stage.http.get(format!("{status}?runId={unit}-1")), 404, "url.unknown").await;
    assert!(stage.stack.ledger.runs(&other, 10).await.expect("runs").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_post_starts_anything() {
    let (stage, _) = visitor_by_hand(free()).await;
    let trigger = |way| stage.trigger_url(stage.secret(), way);
    let body = stage.notification("n-405", 1).to_string();
    for (url, allowed) in [
        (stage.company.url.clone(), "POST"),
        (stage.sheet_url(), "POST"),
        (trigger("token"), "POST"),
        (trigger("run"), "POST"),
        (trigger("status"), "POST,GET,HEAD"),
    ] {
        for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS] {
            if allowed.contains(method.as_str()) {
                continue;
            }
            let request = stage.http.request(method, &url).body(body.clone());
            let asked = stage.refused(request, 405, "request.method").await;
            let told: std::collections::BTreeSet<_> =
                asked.header("allow").into_iter().flat_map(|a| a.split(',')).collect();
            assert_eq!(told, allowed.split(',').collect(), "{asked:#?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_regenerated_url_is_dead_at_once() {
    let (stage, _) = visitor_by_hand(free()).await;
    let id = stage.put_order("A-1");
    let old = stage.secret().to_owned();
    let token = stage.token(&old).await;
    let secret = stage.stack.ledger.regenerate_url(&stage.company.unit, None).await.expect("a secret");
    let trigger = |way| stage.trigger_url(&old, way);
    all_the_same(
        &stage,
        &[stage.company.url.clone(), stage.sheet_url(), trigger("token"), trigger("run"), trigger("status")],
    )
    .await;
    let status = format!("{}?runId={}-1&accessToken={token}", trigger("status"), stage.company.unit);
    stage.refused(stage.http.get(status), 404, "url.unknown").await;
    let url = format!("{}/r/{}/{}", stage.stack.base_url(), stage.company.unit, secret.reveal());
    stage.accepted(stage.sending(&url, &stage.notification("n-1", id))).await;
    all_succeeded(&stage.until_ended(1).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn overlapping_urls_both_work_until_the_old_one_dies() {
    let (stage, clock) = visitor_by_hand(free()).await;
    let id = stage.put_order("A-1");
    let overlap = Some(seconds(3600));
    let url = |secret: &Secret| format!("{}/r/{}/{}", stage.stack.base_url(), stage.company.unit, secret.reveal());
    let second = url(&stage.stack.ledger.regenerate_url(&stage.company.unit, overlap).await.expect("a secret"));
    stage.accepted(stage.sending(&stage.company.url, &stage.notification("n-1", id))).await;
    stage.accepted(stage.sending(&second, &stage.notification("n-2", id))).await;
    stage.until_ended(2).await;
    clock.advance(seconds(1800));
    let third = url(&stage.stack.ledger.regenerate_url(&stage.company.unit, overlap).await.expect("a secret"));
    clock.advance(seconds(1799));
    for (n, url) in [&stage.company.url, &second, &third].into_iter().enumerate() {
        stage.accepted(stage.sending(url, &stage.notification(&format!("n-3-{n}"), id))).await;
    }
    stage.until_ended(5).await;
    clock.advance(seconds(1));
    all_the_same(&stage, &[stage.company.url.clone(), stage.sheet_url()]).await;
    stage.accepted(stage.sending(&second, &stage.notification("n-4", id))).await;
    stage.until_ended(6).await;
    clock.advance(seconds(1800));
    all_the_same(&stage, std::slice::from_ref(&second)).await;
    stage.accepted(stage.sending(&third, &stage.notification("n-5", id))).await;
    let last = stage.stack.ledger.regenerate_url(&stage.company.unit, None).await.expect("a secret");
    all_succeeded(&stage.until_ended(7).await);
    all_the_same(&stage, &[stage.company.url.clone(), second, third]).await;
    stage.accepted(stage.sending(&url(&last), &stage.notification("n-6", id))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_unit_refuses_and_still_runs_what_waits() {
    let limits = model::limits::UnitLimits { starts: 1, ..free() };
    let (stage, clock) = visitor_by_hand(limits).await;
    let (ledger, unit, url) = (&stage.stack.ledger, &stage.company.unit, &stage.company.url);
    let id = stage.put_order("A-1");
    let token = stage.token(stage.secret()).await;
    for n in 1..=2 {
        stage.accepted(stage.sending(url, &stage.notification(&format!("n-{n}"), id))).await;
    }
    stage.until_ended(1).await;
    stage.until("the second waits", || async { stage.state().await.wait.is_some() }).await;
    ledger.set_enabled(unit, false).await.expect("disabled");
    let sheet = json!({ "app": { "id": stage.company.orders }, "records": [record_json(id)] });
    let run_url = stage.trigger_url(stage.secret(), "run");
    for request in [
        stage.sending(url, &stage.notification("n-3", id)),
        stage.sending(&stage.sheet_url(), &sheet),
        stage.sending(&run_url, &stage.run_body(&token, id)),
    ] {
        stage.refused(request, 403, "unit.disabled").await;
    }
    let status = json!({ "accessToken": token, "runId": format!("{unit}-2") });
    let status = stage.ask(stage.sending(&stage.trigger_url(stage.secret(), "status"), &status)).await;
    assert_eq!((status.status, &status.json["state"]), (200, &json!("queued")), "its callers still learn how it goes");
    clock.advance(seconds(60));
    let runs = stage.until_ended(2).await;
    all_succeeded(&runs);
    assert_eq!(stage.value(stage.company.stock, 1, "在庫数"), json!("98"), "what waited ran");

    ledger.set_enabled(unit, true).await.expect("enabled");
    clock.advance(seconds(60));
    stage.accepted(stage.sending(url, &stage.notification("n-3", id))).await;
    let runs = stage.until_ended(3).await;
    assert_eq!(runs[2].state, RunState::Succeeded, "a notification that was refused is not a repeated one");
}
