//! Lookups: what they copied long ago is fetched again where the flow asks for it, and left alone where it does not.

use serde_json::json;
use sim::AppSpec;

use super::{flow, stage, text, unique};
use crate::story::all_succeeded;

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_are_equal_are_written_again_only_to_refresh_what_they_copy() {
    let stage = stage().await;
    let products = stage.app(AppSpec::new("商品").field("コード", unique()).field("品名", text()));
    let product = |name: &str| json!({ "コード": { "value": "P-001" }, "品名": { "value": name } });
    let id = stage.control().put_records(products, vec![product("りんご")]).unwrap()[0];
    let lookup = json!({ "type": "SINGLE_LINE_TEXT", "lookup": {
        "relatedApp": { "app": products.to_string(), "code": "" },
        "relatedKeyField": "コード",
        "fieldMappings": [{ "field": "品名", "relatedField": "品名" }],
        "lookupPickerFields": [], "filterCond": "", "sort": "",
    } });
    let spec = AppSpec::new("明細").field("受注番号", unique()).field("商品", lookup).field("品名", text());
    let app = stage.app(spec);
    let output = |refresh: bool| {
        let rest = format!(
            "  - {{ name: 出力, command: output_app, from: 受注, app: {app}, method: update, key: 受注番号, insert: true, refresh_lookups: {refresh}, mapping: {{ 受注番号: 受注番号, 商品: 商品コード }} }}\n"
        );
        flow("明細", &rest)
    };
    let leave = stage.unit("そのまま", &[output(false)]).await;
    let refresh = stage.unit("取り直す", &[output(true)]).await;
    let order = stage.put("L-1", 1);
    stage.tell(&leave, order).await;
    all_succeeded(&stage.ended(&leave, 1).await);
    assert_eq!(stage.column(app, "品名"), ["りんご"], "kintone copies when the key is written");
    stage.control().screen_update(products, id, json!({ "品名": { "value": "青りんご" } })).unwrap();
    stage.tell(&leave, order).await;
    all_succeeded(&stage.ended(&leave, 2).await);
    assert_eq!(stage.column(app, "品名"), ["りんご"], "nothing differs, and nothing is written");
    stage.tell(&refresh, order).await;
    all_succeeded(&stage.ended(&refresh, 1).await);
    assert_eq!(stage.column(app, "品名"), ["青りんご"]);
}
