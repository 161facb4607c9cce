//! Reference 3.6: codes and sentences of refused queries.

use super::super::{QueryError, check, parse};
use super::{ask, form};

fn refusal(text: &str) -> QueryError {
    ask(text).expect_err(text)
}

#[test]
fn codes_and_sentences() {
    for (text, code, ja) in [
        ("数値 =", "CB_VA01", "入力内容が正しくありません。"),
        ("無い = 1", "GAIA_IQ11", "指定されたフィールド（無い）が見つかりません。"),
        ("$revision = 1", "GAIA_IQ11", "指定されたフィールド（$revision）が見つかりません。"),
        ("無い.無い = 1", "GAIA_IQ11", "指定されたフィールド（無い.無い）が見つかりません。"),
        ("order by 無い asc", "GAIA_IQ11", "指定されたフィールド（無い）が見つかりません。"),
        ("ラジオ = \"大\"", "GAIA_IQ03", "ラジオフィールドのフィールドタイプには演算子=を使用できません。"),
        ("メモ = \"a\"", "GAIA_IQ03", "メモフィールドのフィールドタイプには演算子=を使用できません。"),
        (
            "個数 = 1",
            "GAIA_IQ07",
            "レコードを読み込めません。テーブルに設定している場合、個数フィールドのフィールドタイプには、演算子=を使用できません。",
        ),
        ("選択 in (\"特大\")", "GAIA_IQ10", "フィールド「選択欄」の項目に「特大」は存在しません。"),
        ("チェック in (\"大\", \"特大\")", "GAIA_IQ10", "フィールド「チェック」の項目に「特大」は存在しません。"),
        ("ステータス = \"保留\"", "GAIA_IQ10", "フィールド「ステータス」の項目に「保留」は存在しません。"),
        (
            "明細.個数 > 1",
            "GAIA_IR02",
            "フィールド「明細」に指定したクエリが正しくありません。指定したクエリは、関連レコード一覧フィールドでのみ使用できます。",
        ),
        ("日付 = THIS_MONTH(40)", "GAIA_IQ23", "指定した日にち（40）は無効です。1から31までの整数で指定します。"),
        (
            "日付 = FROM_TODAY(1, DAY)",
            "GAIA_IQ25",
            "FROM_TODAY()の第2引数には、「DAYS」「WEEKS」「MONTHS」「YEARS」のいずれかを指定します。",
        ),
        ("日付 = FROM_TODAY(1)", "GAIA_IL08", "クエリの指定が不正です。"),
        ("limit 501", "GAIA_QU01", "limit には 500 以下の値を指定してください。"),
        ("limit 99999999999999999999999", "GAIA_QU01", "limit には 500 以下の値を指定してください。"),
        ("offset 10001", "GAIA_QU02", "offset には 10,000 以下の値を指定してください。"),
        ("limit -1", "CB_VA01", "入力内容が正しくありません。"),
        ("offset -1", "CB_VA01", "入力内容が正しくありません。"),
        ("order by メモ asc", "GAIA_IS02", "「メモ」フィールドはソート条件に使用できません。"),
    ] {
        let error = refusal(text);
        assert_eq!((error.status, error.code, error.ja.as_str()), (400, code, ja), "{text}");
        assert_eq!(error.errors.is_some(), code == "CB_VA01", "{text}");
        // But for the query's own words, the English sentence is English.
        let mut own: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).chain(["選択欄"]).collect();
        own.sort_by_key(|word| std::cmp::Reverse(word.len()));
        let english =
            own.iter().filter(|word| !word.is_empty()).fold(error.en.clone(), |en, word| en.replace(word, ""));
        assert!(english.len() > 10 && english.is_ascii(), "{text}: {}", error.en);
    }
}

#[test]
fn options_are_checked_before_the_operator() {
    assert_eq!(refusal("選択 = \"特大\"").code, "GAIA_IQ10");
    assert_eq!(refusal("選択 = \"大\"").code, "GAIA_IQ03");
    assert_eq!(refusal("区分 = \"特大\"").code, "GAIA_IQ10");
    assert_eq!(refusal("区分 = \"大\"").code, "GAIA_IQ07");
}

#[test]
fn the_table_is_noticed_before_the_operator() {
    assert_eq!(refusal("備考 = \"a\"").code, "GAIA_IQ07");
    assert_eq!(refusal("備考 > \"a\"").code, "GAIA_IQ03");
}

#[test]
fn the_first_wrong_test_is_told() {
    assert_eq!(refusal("メモ = \"a\" and 無い = 1").code, "GAIA_IQ03");
    assert_eq!(refusal("無い = 1 or メモ = \"a\"").code, "GAIA_IQ11");
    assert_eq!(refusal("無い = 1 order by メモ asc").code, "GAIA_IQ11");
}

#[test]
fn operands_that_the_field_cannot_hold() {
    for text in [
        "数値 = \"abc\"",
        "数値 in (1, \"1,000\")",
        "$id = \"ABC-1\"",
        "日付 = \"昨日\"",
        "日付 = \"2026-02-30\"",
        "日付 = 20260101",
        "時刻 = \"25:00\"",
        "日時 > \"2026-13-01T00:00:00Z\"",
        "計算日付 in (\"x\")",
        "所要時間 > \"x\"",
    ] {
        assert_eq!(refusal(text).code, "CB_VA01", "{text}");
    }
}

#[test]
fn the_status_needs_process_management() {
    let mut form = form();
    form.statuses.clear();
    let query = parse("ステータス = \"未処理\"", true).unwrap();
    assert_eq!(check(&query, &form).unwrap_err().code, "GAIA_ST02");
}
