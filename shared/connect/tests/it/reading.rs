//! Reading: completeness, order, number of calls, and what must never pass for a result.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use connect::kintone::{Class, ReadField, quote};
use model::field::Kind;
use model::value::{RowSink, Value};
use serde_json::json;
use sim::{AppSpec, Control, Generate, IdPattern};

use crate::support::{calls_of, client, ids, request, rows, sim, stock_app};

const FIELDS: [(&str, Kind); 3] = [("$id", Kind::Number), ("商品コード", Kind::Text), ("在庫数", Kind::Number)];

fn generate(control: &Control, app: u64, count: u64, pattern: IdPattern) {
    let template = json!({"商品コード": {"value": "P{id}"}, "在庫数": {"value": "{id}.5"}});
    let template = template.as_object().unwrap().clone();
    control.generate(&Generate { app, count, ids: pattern, id_step: 0, seed: 7, template }).unwrap();
}

fn row_of(id: u64) -> Vec<Value> {
    let number = |text: String| Value::Number(text.parse().unwrap());
    vec![number(id.to_string()), Value::Text(format!("P{id}")), number(format!("{id}.5"))]
}

/// Reads everything and compares it with what the simulator holds; returns the calls.
async fn read_and_compare(count: u64, pattern: IdPattern) -> u64 {
    let sim = sim().await;
    let control = sim.control();
    let app = stock_app(&control);
    generate(&control, app, count, pattern);
    let kintone = client(&sim, &[app]);
    let result = kintone.read(&request(app, &FIELDS, None), || RowSink::new(3)).await.unwrap();
    assert_eq!((result.records, result.total), (count, count));
    let expected: Vec<Vec<Value>> = control.records(app).iter().map(|record| row_of(record.id)).collect();
    assert!(rows(result.sinks) == expected, "{count} records are complete and in order");
    assert_eq!(result.calls as usize, control.calls().len());
    assert_eq!((kintone.calls().total(), kintone.calls().of_app(app)), (result.calls, result.calls));
    result.calls
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gapless_ids_take_no_call_too_many() {
    for (count, calls) in [(0, 1), (1, 1), (499, 1), (500, 1), (501, 2), (1_000, 2), (1_001, 3), (1_500, 3), (4_321, 9)]
    {
        assert_eq!(read_and_compare(count, IdPattern::Dense).await, calls, "{count}");
    }
    assert_eq!(read_and_compare(100_000, IdPattern::Dense).await, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ids_with_gaps_take_at_most_a_tenth_more() {
    for count in [1, 500, 501, 1_000, 1_001, 1_500, 4_321] {
        let one_after_the_other = count / 500 + 1;
        assert!(read_and_compare(count, IdPattern::Sparse).await <= one_after_the_other + 1, "{count}");
    }
    let calls = read_and_compare(100_000, IdPattern::Sparse).await;
    assert!(calls <= 201 * 11 / 10, "{calls}");
}

#[tokio::test]
async fn a_condition_is_kept_whole() {
    let sim = sim().await;
    let control = sim.control();
    let app = stock_app(&control);
    generate(&control, app, 3_000, IdPattern::Dense);
    let condition = "在庫数 < 700 or 在庫数 > 2300";
    let result = client(&sim, &[app]).read(&request(app, &FIELDS, Some(condition)), || RowSink::new(3)).await.unwrap();
    let expected: Vec<u64> = (1..=699).chain(2_300..=3_000).collect();
    assert_eq!(ids(&rows(result.sinks), 0), expected);
}

#[tokio::test]
async fn keys_are_asked_for_in_chunks_beyond_the_length_of_a_url() {
    let sim = sim().await;
    let control = sim.control();
    let app = stock_app(&control);
    generate(&control, app, 2_000, IdPattern::Dense);
    let kintone = client(&sim, &[app]);
    let mut keys: Vec<String> = (1..=600).map(|n| format!("P{}", n * 3)).collect();
    keys.extend(["P3".into(), String::new(), "none \"of\" them".into()]);
    let condition = format!("在庫数 > 10 and 商品コード != {}", quote(&"あ".repeat(500)));
    let asked = request(app, &FIELDS, Some(&condition));
    let result = kintone.read_by_keys(&asked, "商品コード", &keys, || RowSink::new(3)).await.unwrap();
    assert_eq!(ids(&rows(result.sinks), 0), (4..=600).map(|n| n * 3).collect::<Vec<u64>>());
    assert_eq!(result.calls, 3);
    assert!(control.calls().iter().all(|call| call.request_bytes > 2_000), "the condition stands in a body");
    let nothing =
        kintone.read_by_keys(&request(app, &FIELDS, None), "商品コード", &[], || RowSink::new(3)).await.unwrap();
    assert_eq!((nothing.records, nothing.calls, nothing.sinks.len()), (0, 0, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_ends_while_records_come_and_go() {
    let sim = sim().await;
    let control = sim.control();
    let app = stock_app(&control);
    generate(&control, app, 20_000, IdPattern::Dense);
    control.switch(|s| s.service_time_ms = 4);
    let stop = Arc::new(AtomicBool::new(false));
    let churn = std::thread::spawn({
        let (control, stop) = (control.clone(), stop.clone());
        move || {
            // Every third record goes, from the middle outwards; new ones come without end.
            let mut gone = Vec::new();
            for n in 0.. {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                let step = n / 2 * 3;
                let id = if n % 2 == 0 { 9_999u64.saturating_sub(step) } else { 10_002 + step };
                if n < 3_000 && control.screen_delete(app, id).is_ok() {
                    gone.push(id);
                }
                let record = json!({"商品コード": {"value": format!("N{n}")}, "在庫数": {"value": "1"}});
                control.put_records(app, vec![record]).unwrap();
            }
            gone
        }
    });
    while control.count(app) > 19_990 && control.records(app).last().is_some_and(|r| r.id < 20_010) {
        tokio::task::yield_now().await;
    }
    let added_before = control.records(app).last().unwrap().id;
    let result = client(&sim, &[app]).read(&request(app, &FIELDS[..1], None), || RowSink::new(1)).await.unwrap();
    stop.store(true, Ordering::Relaxed);
    let gone = churn.join().unwrap();
    let last = control.records(app).last().unwrap().id;
    assert!(gone.len() > 100 && last > added_before + 100, "there was traffic: {} gone, {last}", gone.len());
    let read = ids(&rows(result.sinks), 0);
    assert!(read.windows(2).all(|pair| pair[0] < pair[1]), "ascending, none twice");
    let gone: std::collections::HashSet<u64> = gone.into_iter().collect();
    let read_set: std::collections::HashSet<u64> = read.iter().copied().collect();
    let lost: Vec<u64> = (1..=added_before).filter(|id| !gone.contains(id) && !read_set.contains(id)).collect();
    assert_eq!(lost, Vec::<u64>::new(), "what was there all the time is there");
    assert!(*read.last().unwrap() < last, "the end was fixed at the start");
}

#[tokio::test]
async fn a_field_that_is_not_there_is_an_error() {
    let sim = sim().await;
    let control = sim.control();
    let app = stock_app(&control);
    generate(&control, app, 3, IdPattern::Dense);
    let asked = request(app, &[("$id", Kind::Number), ("単価", Kind::Number)], None);
    let error = client(&sim, &[app]).read(&asked, || RowSink::new(2)).await.unwrap_err();
    assert_eq!(error.class, Class::Permission);
    assert_eq!(error.message, "the field 単価 is not permitted or gone");
    assert_eq!((error.apps.as_slice(), error.call.as_str()), ([app].as_slice(), "GET records.json"));
}

#[tokio::test]
async fn how_many_records_there_are_is_known_with_the_first_call() {
    let sim = sim().await;
    let control = sim.control();
    let app = stock_app(&control);
    generate(&control, app, 5_000, IdPattern::Dense);
    let client = client(&sim, &[app]);
    let begun = client.begin_read(&request(app, &FIELDS, None), RowSink::new(3)).await.unwrap();
    assert_eq!((begun.total(), calls_of(&control, "records.json")), (5_000, 1));
    let read = client.finish_read(begun, || RowSink::new(3)).await.unwrap();
    assert_eq!((read.records, calls_of(&control, "records.json")), (5_000, 10), "a page each, and none twice");
}

#[tokio::test]
async fn a_cut_search_is_no_result() {
    let sim = sim().await;
    let control = sim.control();
    let app = stock_app(&control);
    control
        .put_records(app, (0..9).map(|n| json!({"商品コード": {"value": format!("赤 鉛筆 {n}")}})).collect())
        .unwrap();
    let condition = format!("商品コード like {}", quote("鉛筆"));
    let kintone = client(&sim, &[app]);
    assert_eq!(
        kintone.read(&request(app, &FIELDS[..2], Some(&condition)), || RowSink::new(2)).await.unwrap().records,
        9
    );
    control.switch(|s| s.like_threshold = 5);
    let error = kintone.read(&request(app, &FIELDS[..2], Some(&condition)), || RowSink::new(2)).await.unwrap_err();
    assert_eq!(error.class, Class::Incomplete);
    assert!(error.message.contains("Filter aborted"), "{error}");
}

#[tokio::test]
async fn one_record_is_read_by_its_id() {
    let sim = sim().await;
    let control = sim.control();
    let app = stock_app(&control);
    generate(&control, app, 3, IdPattern::Dense);
    let kintone = client(&sim, &[app]);
    let fields = [ReadField::new("在庫数", Kind::Number), ReadField::new("$id", Kind::Number)];
    let record = kintone.read_one(app, 2, &fields).await.unwrap().unwrap();
    assert_eq!((record.id, record.revision), (2, 1));
    assert_eq!(record.values, [row_of(2)[2].clone(), row_of(2)[0].clone()]);
    assert_eq!(kintone.read_one(app, 99, &fields).await.unwrap(), None);
    assert_eq!(kintone.read_one(77, 1, &fields).await.unwrap_err().class, Class::NotFound);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_on_the_domain_are_given_room() {
    let sim = sim().await;
    let control = sim.control();
    let app = stock_app(&control);
    generate(&control, app, 30_000, IdPattern::Dense);
    // 20 of 23 are kept free for others, so three calls at once are ours.
    control.switch(|s| {
        s.service_time_ms = 10;
        s.concurrency_limit = 23;
    });
    client(&sim, &[app]).read(&request(app, &FIELDS[..1], None), || RowSink::new(1)).await.unwrap();
    let most = control.calls().iter().map(|call| call.running).max();
    assert_eq!(most, Some(3));
    // Without that pressure, ten; long enough that all are under way, however busy the machine is.
    control.clear_calls();
    control.switch(|s| (s.concurrency_limit, s.service_time_ms) = (100, 100));
    client(&sim, &[app]).read(&request(app, &FIELDS[..1], None), || RowSink::new(1)).await.unwrap();
    let most = control.calls().iter().map(|call| call.running).max();
    assert_eq!(most, Some(10));
}

#[tokio::test]
async fn an_app_code_in_record_numbers_does_no_harm() {
    let sim = sim().await;
    let control = sim.control();
    let spec = AppSpec { code: Some("ZAI".into()), ..AppSpec::new("在庫") };
    let app = control.create_app(spec.field("数", json!({"type": "NUMBER"}))).unwrap();
    control.put_records(app, vec![json!({"数": {"value": ""}})]).unwrap();
    let asked = request(app, &[("レコード番号", Kind::Text), ("数", Kind::Number), ("作成者", Kind::Entities)], None);
    let read = rows(client(&sim, &[app]).read(&asked, || RowSink::new(3)).await.unwrap().sinks);
    assert_eq!(read[0][..2], [Value::Text("ZAI-1".into()), Value::Blank]);
    assert!(matches!(&read[0][2], Value::Entities(one) if one.len() == 1 && !one[0].code.is_empty()));
}
