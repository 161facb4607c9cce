//! The order of an answer: which fields sort, and how their values do.

use serde_json::{Value, json};

use super::super::{Sorter, compare};
use super::{ask, form, record};
use crate::record::Record;

/// The ids in the order of the query.
fn sorted(text: &str, records: &[Record]) -> Vec<u64> {
    let order = ask(text).unwrap().order;
    let mut by_pairs: Vec<&Record> = records.iter().collect();
    by_pairs.sort_by(|a, b| compare(&order, a, b, &form()));
    let sorter = Sorter::new(&order, &form());
    let mut by_key: Vec<&Record> = records.iter().collect();
    by_key.sort_by_cached_key(|record| sorter.key(record));
    assert_eq!(by_pairs, by_key, "{text}");
    by_key.iter().map(|record| record.id).collect()
}

/// Records 1, 2, 3... with these values of a field.
fn records(field: &str, values: &[Value]) -> Vec<Record> {
    values.iter().zip(1..).map(|(value, id)| record(id, json!({field: value}))).collect()
}

#[test]
fn fields_that_sort_and_fields_that_do_not() {
    for (field, sorts) in [
        ("$id", true),
        ("レコード番号", true),
        ("作成者", true),
        ("更新者", true),
        ("作成日時", true),
        ("更新日時", true),
        ("文字列", true),
        ("数値", true),
        ("計算", true),
        ("ラジオ", true),
        ("選択", true),
        ("日付", true),
        ("時刻", true),
        ("日時", true),
        ("リンク", true),
        ("参照", true),
        ("ステータス", true),
        ("メモ", false),
        ("リッチ", false),
        ("チェック", false),
        ("複数選択", false),
        ("ユーザー", false),
        ("組織", false),
        ("グループ", false),
        ("作業者", false),
        ("カテゴリー", false),
        ("添付", false),
        ("関連", false),
        ("明細", false),
        ("品名", false),
    ] {
        let code = ask(&format!("order by {field} asc")).err().map(|error| error.code);
        assert_eq!(code, (!sorts).then_some("GAIA_IS02"), "{field}");
    }
}

#[test]
fn values_of_each_type() {
    for (field, values, up) in [
        ("数値", vec![json!("10"), json!("9"), json!(""), json!("-1"), json!("-10"), json!("0.5")], [3, 5, 4, 6, 2, 1]),
        (
            "計算",
            vec![json!("1e1"), json!("9"), json!(""), json!("-1"), json!("-10"), json!("0.5")],
            [3, 5, 4, 6, 2, 1],
        ),
        ("文字列", vec![json!("ｱ"), json!("😀"), json!(""), json!("10"), json!("2"), json!("B")], [3, 4, 5, 6, 1, 2]),
        (
            "選択",
            vec![json!("小"), json!("中"), Value::Null, json!("大"), json!("古い"), json!("消した")],
            [3, 4, 2, 1, 5, 6],
        ),
        (
            "ステータス",
            vec![json!("完了"), json!("処理中"), json!(""), json!("未処理"), json!("保留"), json!("凍結")],
            [3, 4, 2, 1, 5, 6],
        ),
        (
            "日付",
            vec![
                json!("2026-10-01"),
                json!("2026-09-30"),
                Value::Null,
                json!("1999-12-31"),
                json!("2025-01-01"),
                json!("2026-01-01"),
            ],
            [3, 4, 5, 6, 2, 1],
        ),
        (
            "時刻",
            vec![json!("23:00"), json!("10:00"), Value::Null, json!("00:00"), json!("09:59"), json!("09:58")],
            [3, 4, 6, 5, 2, 1],
        ),
        (
            "所要時間",
            vec![json!("100:00"), json!("99:59"), json!(""), json!("0:05"), json!("9:00"), json!("10:00")],
            [3, 4, 5, 6, 2, 1],
        ),
    ] {
        let mut records = records(field, &values);
        records.rotate_left(2);
        let text = format!("order by {field} asc");
        assert_eq!(sorted(&text, &records), up, "{text}");
        let mut down = up;
        down.reverse();
        assert_eq!(sorted(&format!("order by {field} desc"), &records), down, "{field} desc");
    }
}

#[test]
fn instants_and_people() {
    let times = ["2026-04-15T00:00:00Z", "2025-04-15T00:00:00Z", "2026-04-14T23:59:00Z"].map(Value::from);
    assert_eq!(sorted("order by 作成日時 asc", &records("作成日時", &times)), [2, 3, 1]);
    let people = ["ito", "abe", "ueda"].map(|code| json!({"code": code, "name": "same"}));
    assert_eq!(sorted("order by 作成者 asc", &records("作成者", &people)), [2, 1, 3]);
}

#[test]
fn ids_sort_as_numbers() {
    let records: Vec<_> = [9, 100, 10].map(|id| record(id, json!({"レコード番号": format!("ORD-{id}")}))).into();
    assert_eq!(sorted("order by $id asc", &records), [9, 10, 100]);
    assert_eq!(sorted("order by レコード番号 asc", &records), [9, 10, 100]);
    assert_eq!(sorted("order by レコード番号", &records), [100, 10, 9]);
}

#[test]
fn without_an_order_the_newest_comes_first() {
    assert_eq!(sorted("", &records("数値", &[json!("1"), json!("2"), json!("3")])), [3, 2, 1]);
}

#[test]
fn equal_keys_fall_back_to_the_id_downwards() {
    let records = records("数値", &["2", "1", "2.0", "1"].map(Value::from));
    assert_eq!(sorted("order by 数値 asc", &records), [4, 2, 3, 1]);
    assert_eq!(sorted("order by 数値 desc", &records), [3, 1, 4, 2]);
    assert_eq!(sorted("order by 数値 desc, $id asc", &records), [1, 3, 2, 4]);
}
