//! Reference 3.5: `like` finds words.

use std::sync::Arc;

use serde_json::json;

use super::super::like::Pattern;
use super::super::{parse, uses_like};
use super::{context, record, selects, selects_for};

#[test]
fn words_as_the_index_knows_them() {
    for (keyword, text, expected) in [
        ("keyword", "gamma keyword", true),
        ("key", "gamma keyword", false),
        ("word", "gamma keyword", false),
        ("GAMMA", "gamma keyword", true),
        ("ｇａｍｍａ", "Gamma keyword", true),
        ("gamma keyword", "keyword of gamma", true),
        ("gamma delta", "gamma keyword", false),
        ("hogefuga1", "hogefuga1 foobar", true),
        ("1", "hogefuga1 foobar", false),
        ("12", "12,000", true),
        ("a_b", "x a_b y", true),
        ("a", "x a_b y", false),
        ("日本", "日本語", true),
        ("本語", "日本語", true),
        ("日本語", "日本語", true),
        ("日", "日本語", false),
        ("田", "田", true),
        ("田", "山 田 川", true),
        ("ｻｲﾎﾞｳｽﾞ", "サイボウズ株式会社", true),
        ("サイボウズ", "ｻｲﾎﾞｳｽﾞ株式会社", true),
        ("さいぼうず", "サイボウズ", false),
        ("KT", "KT株式会社", true),
        ("KT株式", "KT株式会社", true),
        ("KT会社", "KT株式会社", false),
        ("第3回", "昨年の第3回大会", true),
        ("第3回", "第4回と第3会", false),
        ("foo-bar", "(foo/bar)", true),
        ("foo-bar", "bar foo", false),
        ("「日本」", "日本語", true),
        ("!?", "何でも", false),
        ("", "何でも", false),
        ("何でも", "", false),
    ] {
        assert_eq!(Pattern::new(keyword).is_found_in(text), expected, "{keyword:?} in {text:?}");
    }
}

#[test]
fn ten_keywords_and_no_more() {
    let ten = "a b c d e f g h i j";
    assert!(Pattern::new(&format!("{ten} k")).is_found_in(ten));
    assert!(!Pattern::new("a b c d e f g h i k").is_found_in(ten));
}

#[test]
fn fields_that_hold_words() {
    let held = || {
        json!({
            "文字列": "赤い りんご", "メモ": "一行目\n二行目", "リンク": "https://example.com/apple",
            "リッチ": "<p class=\"pear\">甘い<b>みかん</b>&amp;桃</p>",
            "添付": [{"name": "見積書.pdf", "fileKey": "k1", "contentType": "application/pdf", "size": "1"}],
        })
    };
    for (test, expected) in [
        ("文字列 like \"りんご\"", true),
        ("文字列 not like \"りんご\"", false),
        ("文字列 not like \"みかん\"", true),
        ("メモ like \"二行目\"", true),
        ("リンク like \"apple\"", true),
        ("リンク like \"app\"", false),
        ("リッチ like \"みかん\"", true),
        ("リッチ like \"pear\"", false),
        ("リッチ like \"class\"", false),
        ("リッチ not like \"amp\"", true),
        ("添付 like \"見積書\"", true),
        ("添付 like \"請求書\"", false),
        ("添付 not like \"請求書\"", true),
    ] {
        assert_eq!(selects(test, held()), expected, "{test}");
    }
}

#[test]
fn files_are_searched_inside_where_they_can_be_read() {
    let held = record(1, json!({"添付": [{"name": "a.txt", "fileKey": "k1"}, {"name": "b.bin", "fileKey": "k2"}]}));
    let mut reading = context();
    reading.file_text = Some(Arc::new(|key: &str| (key == "k1").then(|| "秘密の言葉".to_owned())));
    assert!(selects_for(&reading, "添付 like \"秘密\"", &held));
    assert!(!selects_for(&context(), "添付 like \"秘密\"", &held));
}

#[test]
fn the_index_lags_behind_writes() {
    let held = record(1, json!({"文字列": "りんご"}));
    let mut lagging = context();
    lagging.indexed_until = Some(held.written_at - jiff::SignedDuration::from_secs(1));
    assert!(!selects_for(&lagging, "文字列 like \"りんご\"", &held));
    assert!(selects_for(&lagging, "文字列 not like \"りんご\"", &held));
    assert!(selects_for(&lagging, "文字列 = \"りんご\"", &held));
    lagging.indexed_until = Some(held.written_at);
    assert!(selects_for(&lagging, "文字列 like \"りんご\"", &held));
}

#[test]
fn which_conditions_ask_the_index() {
    for (text, expected) in [
        ("文字列 like \"a\"", true),
        ("数値 = 1 and (数値 = 2 or 文字列 not like \"a\")", true),
        ("文字列 = \"like\" and メモ is empty", false),
    ] {
        assert_eq!(uses_like(&parse(text, true).unwrap().condition.unwrap()), expected, "{text}");
    }
}
