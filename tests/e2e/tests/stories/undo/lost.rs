//! What cannot come back is said, with the fields' codes, before and behind.

use connect::kintone::{Connection, Credential};
use futures::stream;
use serde_json::json;
use suiro::demo::company::ADMINISTRATOR;

use super::rich::{Rich, record, rich};
use super::succeeded;

/// Attaches a file to a record.
async fn attach(rich: &Rich, id: u64) {
    let credential = Credential::password(ADMINISTRATOR.0, ADMINISTRATOR.1);
    let kintone = rich.scene.deps.connector.open(Connection::new(rich.scene.sim.base_url(), credential)).unwrap();
    let chunks = vec![Ok::<_, std::io::Error>("いち".as_bytes().into())];
    let key = kintone.upload_file("a.txt", "text/plain", stream::iter(chunks)).await.unwrap();
    let files = json!({ "書類": { "value": [{ "fileKey": key }] } });
    rich.scene.sim.control().screen_update(rich.app, id, files).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_deleted_records_all_is_told_that_kintone_makes_anew() {
    let held = (0..3).map(|n| record(n, "P-1", "赤")).collect();
    let rich = rich(held, vec![record(9, "P-2", "青")]).await;
    let control = rich.scene.sim.control();
    attach(&rich, 1).await;
    control.screen_status(rich.app, 2, "終える", None).unwrap();
    let run = rich.ran().await;
    assert_eq!(run.written(), 4);
    // Since then, the product has got another name.
    let product = control.records(rich.products)[0].id;
    control.screen_update(rich.products, product, json!({ "品名": { "value": "新しい名" } })).unwrap();

    let told = [
        "レコード番号: 削除したレコードは新しい番号になります",
        "作成日時, 作成者, 更新日時, 更新者: 削除したレコードでは、元に戻した人と日時になります",
        "削除したレコードは最初のステータスからになります（元は / were: 完了 × 1, 未処理 × 2）",
        "of deleted records the process starts anew",
        "倍: 削除したレコードでは計算し直されます",
        "品名: ルックアップ(商品)の参照先の今の値になります / hold what the source of the lookup (商品) holds now",
        "書類: 添付ファイルは戻せません / attached files cannot come back × 1",
    ];
    let dry = rich.undo(&run.id, true).await;
    let undone = rich.undo(&run.id, false).await;
    for run in [&dry, &undone] {
        succeeded(run);
        for text in told {
            assert!(run.flows[0].message.contains(text), "{text}\n{}", run.flows[0].message);
        }
    }
    // It is as it was said.
    let back = control.records(rich.app);
    assert_eq!(back.len(), 3);
    for record in &back {
        assert_eq!(
            (record.text("品名"), record.text("商品"), record.text("色")),
            (Some("新しい名"), Some("P-1"), Some("赤"))
        );
        assert_eq!(record.fields["書類"], json!([]));
        assert_eq!(record.text("ステータス"), Some("未処理"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_changed_records_only_what_their_change_touches_is_told() {
    let rich = rich(vec![record(0, "P-1", "赤")], vec![record(0, "P-1", "青")]).await;
    let run = rich.ran().await;
    let undone = rich.undo(&run.id, false).await;
    succeeded(&undone);
    let message = &undone.flows[0].message;
    assert!(message.contains("元に戻した人と日時になります") && !message.contains("ルックアップ"), "{message}");
    assert!(!message.contains("ステータス") && !message.contains("新しい番号"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_that_were_given_stay_used() {
    let scene = crate::bare::Scene::new(
        &|control, apps| {
            let text = json!({ "type": "SINGLE_LINE_TEXT" });
            let target = sim::AppSpec::new("採番").field("名", text.clone()).field("番", text);
            apps.more = vec![control.create_app(target).unwrap()];
            let target = apps.more[0];
            vec![format!(
                "
suiro: 1
name: 採番
steps:
  - {{ name: 数, command: input_series, by: number, first: 1, last: 2, as: n }}
  - {{ name: 名, command: data_edit, from: 数, edits: [{{ field: 名, formula: '\"x\" & n' }}] }}
  - {{ name: 選択, command: select_fields, from: 名, fields: [名] }}
  - {{ name: 出力, command: output_app, from: 選択, app: {target}, method: append, numbers: [{{ field: 番, digits: 3 }}] }}
"
            )]
        },
        model::unit::Undo::Kept,
    )
    .await;
    let (app, products) = (scene.apps.more[0], 0);
    let rich = Rich { scene, app, products };
    let run = rich.ran().await;
    assert_eq!(run.written(), 2);
    let undone = rich.undo(&run.id, false).await;
    succeeded(&undone);
    let told = format!("numbers that were given stay used: アプリ / app {app} 番");
    assert!(undone.flows[0].message.contains(&told), "{}", undone.flows[0].message);
}
