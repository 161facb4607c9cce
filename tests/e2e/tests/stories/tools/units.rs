//! `suiro serve` and `suiro unit`.

use std::fs;

use model::run::RunState;
use serde_json::json;
use sim::{ALL_EVENTS, ALL_RIGHTS, AppSpec};
use suiro::demo::company::{ADMINISTRATOR, order};

use super::{Added, Tools};

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_added_beside_a_running_serve_works_at_once() {
    let tools = Tools::new().await;
    let (control, company) = (tools.stage.control(), &tools.stage.company);
    let served = tools.serve().await;
    let added = tools.add_unit("受注処理", &[]).await;
    assert!(added.url.starts_with(&format!("{}/r/{}/", served.base_url, added.unit)), "{added:?}");
    assert_eq!(added.log_app, Some(company.log));
    control.add_webhook(company.orders, &added.url, &ALL_EVENTS).expect("a webhook");
    control.screen_add(company.orders, order("A-1", "P-001", 30)).expect("an order");
    let runs = tools.until_ended(&added.unit, 1).await;
    assert_eq!((runs.len(), runs[0].state), (1, RunState::Succeeded), "{runs:#?}");
    assert_eq!((tools.apples(), tools.movements()), (70, vec!["A-1".to_owned()]));

    let listed = tools.suiro(&["unit", "list"]).await;
    for part in [&added.unit, "受注処理", "[引当/出荷 → 在庫レコード追加]", "待機なし / idle"] {
        assert!(listed.good().contains(part), "{part}: {listed:#?}");
    }
    let whole = tools.suiro(&["unit", "list", "--json"]).await;
    let told = whole.json();
    assert_eq!((&told[0]["unit"]["id"], &told[0]["state"]["last"]), (&json!(added.unit), &json!(1)));
    let secret = added.url.rsplit('/').next().expect("a secret");
    assert!(!whole.out.contains(secret) && !listed.out.contains(secret), "a URL is shown once");
    let domain = told[0]["unit"]["domain"].as_str().expect("a domain").to_owned();
    assert_eq!(tools.suiro(&["unit", "list", "--json", "--domain", &domain]).await.json(), told);
    assert_eq!(tools.suiro(&["unit", "list", "--json", "--domain", "example.cybozu.com"]).await.json(), json!([]));
    tools.logged_no_secret(&[&added]);
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn urls_are_regenerated_and_units_disabled_beside_a_running_serve() {
    let tools = Tools::new().await;
    let served = tools.serve().await;
    let added = tools.add_unit("受注処理", &["--starts", "100"]).await;
    let id = tools.put_order("A-1");
    assert_eq!(tools.notify(&added.url, id).await, 202);

    let regenerated = tools.suiro(&["unit", "url", "受注処理"]).await;
    let second = regenerated.good().trim().to_owned();
    assert!(regenerated.err.contains("これまでのURLはもう使えません / the old URL is dead"), "{regenerated:#?}");
    assert_eq!((tools.notify(&added.url, id).await, tools.notify(&second, id).await), (404, 202));

    let overlapping = tools.suiro(&["unit", "url", &added.unit, "--overlap", "3", "--json"]).await.json();
    let third = overlapping["url"].as_str().expect("a URL").to_owned();
    assert_eq!(overlapping["unit"], json!(added.unit));
    assert_eq!((tools.notify(&second, id).await, tools.notify(&third, id).await), (202, 202));
    let died = || async { tools.notify(&second, id).await == 404 };
    tools.stage.until("the old URL dies", died).await;
    assert_eq!(tools.notify(&third, id).await, 202);

    let disabled = tools.suiro(&["unit", "disable", "受注処理"]).await;
    assert!(disabled.good().is_empty() && disabled.err.contains("disabled ("), "{disabled:#?}");
    assert_eq!(tools.notify(&third, id).await, 403);
    let listed = tools.suiro(&["unit", "list"]).await;
    assert!(listed.good().contains("無効 / disabled"), "{listed:#?}");
    tools.suiro(&["unit", "enable", &added.unit]).await.good();
    assert_eq!(tools.notify(&third, id).await, 202);

    let unknown = tools.suiro(&["unit", "disable", "無い"]).await;
    unknown.bad(1, "実行単位「無い」はありません", "no unit");
    tools.add_unit("受注処理", &[]).await;
    let either = tools.suiro(&["unit", "url", "受注処理"]).await;
    either.bad(1, "複数あります", "several are called");
    assert!(either.err.contains(&added.unit), "{either:#?}");
    let others = [&second, &third].map(|url| Added { url: url.clone(), ..added.clone() });
    tools.logged_no_secret(&[&added, &others[0], &others[1]]);
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_app_is_created_or_completed_on_demand() {
    let tools = Tools::new().await;
    let (control, company) = (tools.stage.control(), &tools.stage.company);
    let (login, password) = ADMINISTRATOR;
    let served = tools.serve().await;
    let added = tools.try_add_unit("受注処理", &["-u", login, "-p", password, "--create-log-app"]).await;
    assert!(added.err.contains("created the log app"), "{added:#?}");
    let added = added.json();
    let (url, log) = (added["url"].as_str().expect("a URL"), added["logApp"].as_u64().expect("an app"));
    assert!(log > company.log, "a new app");
    let id = tools.put_order("A-1");
    assert_eq!(tools.notify(url, id).await, 202);
    let unit = added["unit"].as_str().expect("a unit");
    let runs = tools.until_ended(unit, 1).await;
    assert_eq!(runs[0].state, RunState::Succeeded, "{runs:#?}");
    let records = control.records(log);
    assert_eq!((records.len(), records[0].text("run_id")), (1, Some(runs[0].id.to_string().as_str())));

    let empty = control.create_app(AppSpec::new("空のログ")).expect("an app");
    let token = control.add_token(empty, &ALL_RIGHTS).expect("a token");
    let tokens = format!("{},{token}", company.tokens);
    let number = empty.to_string();
    let more = ["--api-token", &tokens, "--log-app", &number, "--event", "ADD_RECORD"];
    let completed = tools.try_add_unit("二つ目", &more).await.json();
    assert_eq!(tools.notify(completed["url"].as_str().expect("a URL"), id).await, 202);
    tools.until_ended(completed["unit"].as_str().expect("a unit"), 1).await;
    assert_eq!(control.records(empty)[0].text("execution_unit_name"), Some("二つ目"));

    let without = tools.try_add_unit("ログなし", &["--api-token", &company.tokens]).await;
    assert_eq!(without.json()["logApp"], json!(null));
    assert!(without.err.contains("without a log app"), "{without:#?}");
    let known = fs::read_to_string(tools.path("serve.log")).expect("a log");
    assert!(!known.contains(password), "{known}");
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_that_cannot_work_is_not_made() {
    let tools = Tools::new().await;
    let (control, company) = (tools.stage.control(), &tools.stage.company);
    let tokens = company.tokens.as_str();
    let by_token = |more: &[&'static str]| [&["--api-token", tokens], more].concat();
    let bad = tools.file("bad.yaml", "suiro: 1\nname: 悪い\nsteps:\n  - { name: 入力, command: input_ap, app: 1 }\n");
    let stranger = control.create_app(AppSpec::new("よその")).expect("an app");
    let strangers = control.add_token(stranger, &ALL_RIGHTS).expect("a token");
    let log = company.log.to_string();
    tools.try_add_unit("一", &[&by_token(&[])[..], &["--flow", &bad]].concat()).await.bad(3, "input_ap", "input_app");
    tools.try_add_unit("二", &["--api-token", &strangers]).await.bad(4, "kintone", "kintone");
    tools.try_add_unit("三", &by_token(&["--create-log-app"])).await.bad(
        4,
        "ログアプリを作成できません",
        "cannot create",
    );
    tools.try_add_unit("四", &["-u", "kanri", "-p", "wrong", "--log-app", &log]).await.bad(4, "", "");
    tools.try_add_unit("五", &by_token(&["--event", "ADDED"])).await.bad(2, "", "unknown event \"ADDED\"");
    tools.try_add_unit("六", &by_token(&["--flow", "none.yaml"])).await.bad(1, "", "none.yaml");
    tools.try_add_unit("七", &["-u", "kanri"]).await.bad(2, "", "belong together");
    tools.try_add_unit("八", &[]).await.bad(2, "認証情報がありません", "give --api-token");
    tools.try_add_unit("九", &by_token(&["--log-app", "1", "--create-log-app"])).await.bad(
        2,
        "",
        "cannot be used with",
    );
    tools.suiro(&["unit", "add", "--name", "十", "--app", "1", "--flow", &bad, "--api-token", "T"]).await.bad(
        2,
        "",
        "--base-url is needed",
    );
    let listed = tools.suiro(&["unit", "list", "--json"]).await;
    assert_eq!(listed.json(), json!([]), "none is made");
    assert!(!tools.path(".suiro/credentials.json").exists(), "and no credential is kept");
    let said = tools.suiro(&["unit", "list"]).await;
    assert!(said.good().is_empty() && said.err.contains("suiro unit add"), "{said:#?}");

    let alone = tools.add_unit("十一", &["--url-base", "https://suiro.example"]).await;
    assert!(alone.url.starts_with("https://suiro.example/r/"), "without a serve the base is told: {alone:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |name: &str| fs::metadata(tools.path(name)).expect("it is there").permissions().mode() & 0o777;
        assert_eq!((mode(".suiro"), mode(".suiro/credentials.json")), (0o700, 0o600), "only their owner's");
    }
}
