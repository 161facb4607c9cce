//! `suiro unit caller`, `suiro unit show`, and whom a unit lets in.

use serde_json::{Value as Json, json};

use super::Tools;

#[tokio::test(flavor = "multi_thread")]
async fn callers_come_and_go_beside_a_running_serve() {
    let tools = Tools::new().await;
    let served = tools.serve().await;
    let added = tools.add_unit("受注処理", &["--starts", "100"]).await;
    let id = tools.put_order("A-1");
    let text = |json: &Json, name: &str| json[name].as_str().expect("a text").to_owned();
    let shop = tools.suiro(&["unit", "caller", "add", "受注処理", "shop", "--expires", "90", "--json"]).await.json();
    let bank = tools.suiro(&["unit", "caller", "add", "受注処理", "bank", "--signs", "--json"]).await.json();
    assert_eq!((&shop["key"], bank["key"].is_string()), (&json!(null), true));
    let (shop_url, bank_url) = (text(&shop, "url"), text(&bank, "url"));
    assert_eq!((tools.notify(&shop_url, id).await, tools.notify(&bank_url, id).await), (202, 401));
    let runs = tools.until_ended(&added.unit, 1).await;
    assert_eq!(runs[0].trigger.client.as_deref(), Some("shop"));
    let shown = tools.suiro(&["run", "show", &runs[0].id.to_string()]).await;
    assert!(shown.good().contains("caller  shop"), "{shown:#?}");

    let listed = tools.suiro(&["unit", "caller", "list", "受注処理"]).await;
    for part in ["shop  ", "until then", "bank  期限なし / does not expire  署名あり / signs"] {
        assert!(listed.good().contains(part), "{part}: {listed:#?}");
    }
    for secret in [&shop_url, &bank_url].map(|url| url.rsplit('/').next().expect("a secret").to_owned()) {
        assert!(!listed.out.contains(&secret), "a URL is shown once");
    }
    assert!(!tools.suiro(&["unit", "list", "--json"]).await.good().contains(&text(&bank, "key")));

    let renewed = tools.suiro(&["unit", "caller", "renew", "受注処理", "shop", "--json"]).await.json();
    assert_eq!((tools.notify(&shop_url, id).await, tools.notify(&text(&renewed, "url"), id).await), (404, 202));
    tools.suiro(&["unit", "url", "受注処理", "--expires", "30"]).await.good();
    assert_eq!((tools.notify(&added.url, id).await, tools.notify(&text(&renewed, "url"), id).await), (404, 202));
    tools.suiro(&["unit", "caller", "remove", "受注処理", "shop"]).await.good();
    assert_eq!(tools.notify(&text(&renewed, "url"), id).await, 404);

    let add = ["unit", "caller", "add", "受注処理"];
    tools.suiro(&[&add[..], &["bank"]].concat()).await.bad(1, "すでにあります", "there is a caller");
    tools.suiro(&[&add[..], &[""]].concat()).await.bad(2, "50文字以内", "1 to 50 characters");
    tools.suiro(&["unit", "caller", "remove", "受注処理", "nobody"]).await.bad(1, "ありません", "no caller");
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_are_allowed_and_refusals_shown() {
    let tools = Tools::new().await;
    let served = tools.serve().await;
    let doors = ["--allow", "192.0.2.0/24", "--disable-after", "300", "--disable-minutes", "5"];
    let added = tools.add_unit("受注処理", &doors).await;
    let id = tools.put_order("A-1");
    assert_eq!(tools.notify(&added.url, id).await, 404, "it comes from the loopback");
    let shown = tools.suiro(&["unit", "show", "受注処理"]).await;
    for part in
        ["192.0.2.0/24", "disabled after 300 refusals in 5 minutes", "addresses not allowed  1", "does not expire"]
    {
        assert!(shown.good().contains(part), "{part}: {shown:#?}");
    }
    let whole = tools.suiro(&["unit", "show", "受注処理", "--json"]).await.json();
    assert_eq!((&whole["refusals"]["total"]["address"], &whole["state"]["last"]), (&json!(1), &json!(0)));
    tools.suiro(&["unit", "update", "受注処理", "--allow", "127.0.0.1", "--allow", "::1"]).await.good();
    // What refused a moment ago is remembered for a second.
    let admitted = || async { tools.notify(&added.url, id).await == 202 };
    tools.stage.until("the new list counts", admitted).await;
    tools.until_ended(&added.unit, 1).await;
    tools.suiro(&["unit", "update", "受注処理", "--allow", "10.0.0.0/33"]).await.bad(
        2,
        "--allow 10.0.0.0/33",
        "ALL alone",
    );
    tools.suiro(&["unit", "update", "受注処理", "--allow", "ALL"]).await.good();
    let whole = tools.suiro(&["unit", "show", "受注処理", "--json"]).await.json();
    assert_eq!(whole["unit"]["doors"], json!({ "disable_after": { "refusals": 300, "minutes": 5 } }));
    served.stop().await;
}
