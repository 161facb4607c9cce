//! Literals and cells: what stands at the ends of a generated formula.

use rand::RngExt;
use rand::rngs::StdRng;

use super::shapes::Slot;

/// What is seldom stands once in so many times.
const SELDOM: u32 = 24;

/// One of several texts.
pub fn one_of<'a>(rng: &mut StdRng, texts: &[&'a str]) -> &'a str {
    texts.get(rng.random_range(0..texts.len().max(1))).copied().unwrap_or_default()
}

/// True once in `n` times.
pub fn once_in(rng: &mut StdRng, n: u32) -> bool {
    rng.random_range(0..n) == 0
}

fn cell(rng: &mut StdRng, letters: &[&str]) -> String {
    format!("{}{}", one_of(rng, letters), rng.random_range(1..=8))
}

const NUMBERS: &[&str] = &[
    "0",
    "1",
    "2",
    "3",
    "5",
    "7",
    "10",
    "12",
    "100",
    "0.5",
    "0.1",
    "0.25",
    "1.5",
    "2.345",
    "2.5",
    "3.5",
    "-1",
    "-2.5",
    "-7.25",
    "-0.5",
    "1234.567",
    "99999",
    "0.001",
    "1E3",
    "-0.05",
    "1000000",
    "123456789012",
    "-123.456",
    "15%",
    "0.2",
    "1.005",
    "4.35",
    "0.615",
    "-17",
    "365",
    "8",
];
const TEXTS: &[&str] = &[
    "abc",
    "ABC",
    "Hello World",
    "東京都",
    "りんご",
    "ｱｲｳ",
    "アイウ",
    "ＡＢＣ",
    "２０２６年",
    "a-b-c",
    "banana",
    "株式会社水路",
    "山田　太郎",
    "x,y;z",
    "ガギグ",
    "ｶﾞｷﾞ",
    "aＢc",
    "test@example.com",
    "03-1234-5678",
    "第3四半期",
    "a",
    "éÀ",
    "春・夏・秋",
    "123",
    "1.5",
    "TRUE",
    "りんごとみかん",
    "mixed ケース Text",
    "パーティー",
    "〒100-0001",
];
const SOLID: &[&str] = &[
    "D1",
    "D2",
    "D4",
    "D6",
    "D7",
    "D8",
    "C1",
    "C3",
    "C4",
    "C5",
    "C6",
    "C7",
    "C8",
    "\"ＡＢＣ\"",
    "\"aＢc\"",
    "\"１２３\"",
    "\"東京a都\"",
    "\"第3四半期\"",
    "\"a1あ2\"",
    "\"パーティー\"",
    "\"ｘ－１\"",
    "\"りんご12個\"",
    "\"abc\"",
    "\"！？\"",
];
const SPACED: &[&str] = &["  a  b ", " 東京 ", "a b", " x", "x ", "a   b   c"];
const NEEDLES: &[&str] =
    &["a", "b", "-", "東", "京", "n", "an", "A", "o", "・", " ", "x", "り", "5", ",", "水路", "ア", "@"];
const NUMBER_TEXTS: &[&str] = &[
    "12",
    "-3.5",
    "0.25",
    "１２",
    "1,234",
    "50%",
    "1E3",
    "+7",
    " 42 ",
    "1,234,567.5",
    "-0.001",
    "abc",
    "１．５",
    "12円",
];
const DATE_TEXTS: &[&str] = &[
    "2026-01-31",
    "2026/2/28",
    "2024/02/29",
    "2026-12-01",
    "1999/12/31",
    "2026年4月1日",
    "2026/1/5",
    "2026-02-30",
    "東京",
    "2000-03-01",
];
const NO_DATES: &[&str] = &[
    "45000",
    "46053.5",
    "\"abc\"",
    "C1",
    "D2",
    "TRUE",
    "60",
    "61",
    "\"12\"",
    "-5",
    "J1",
    "K2",
    "1/0",
    "NA()",
    "B8",
    "0.75",
    "VALUE(\"x\")",
    "36526",
    "G1",
    "F1",
];
/// Days at which eras change.
const ERA_DAYS: &[&str] = &[
    "DATE(1912,7,29)",
    "DATE(1912,7,30)",
    "DATE(1926,12,24)",
    "DATE(1926,12,25)",
    "DATE(1989,1,7)",
    "DATE(1989,1,8)",
    "DATE(2019,4,30)",
    "DATE(2019,5,1)",
    "DATE(1901,1,1)",
];
const TIME_TEXTS: &[&str] = &[
    "9:05", "09:05:30", "23:59", "0:00", "12:00:00", "abc", "17:30", "0:30", "18:00", "11:11", "10:00:10", "22:22:22",
    "03:04:05", "5:06", "14:15", "1:02:03", "20:00", "7:45", "00:00:01",
];
const FORMATS: &[&str] = &[
    "0",
    "0.0",
    "0.00",
    "0.000",
    "#,##0",
    "#,##0.00",
    "#",
    "#.##",
    "0.##",
    "000",
    "00000",
    "0%",
    "0.0%",
    "#,##0円",
    "¥#,##0",
    "#,##0;-#,##0",
    "0;(0)",
    "#,##0;▲#,##0",
    "0;-0;なし",
    "#,##0,",
    "0.0,,",
    "000-0000",
    "0.0#",
    "#,##0.0##",
    "0.00;-0.00;ゼロ",
    "0個",
    "General",
    "@",
    "(000) 000-0000",
    "0.0000",
    "00.0",
    "#,##0\" 円\"",
    "?0.0?",
    "0 %",
];
const DATE_FORMATS: &[&str] = &[
    "yyyy/mm/dd",
    "yyyy-mm-dd",
    "yyyy年m月d日",
    "yy/m/d",
    "m/d",
    "mm/dd",
    "yyyy",
    "mm",
    "dd",
    "d日",
    "yyyymmdd",
    "ggge年m月d日",
    "gge.m.d",
    "ge.mm.dd",
    "gggee年",
    "aaa",
    "aaaa",
    "m月d日(aaa)",
    "yyyy/mm/dd(aaa)",
    "e年",
    "yyyy/mm/dd hh:mm",
    "yyyy-mm-dd hh:mm:ss",
    "yyyy年mm月",
    "yyyymm",
    "d",
    "m",
];
const TIME_FORMATS: &[&str] = &[
    "hh:mm",
    "h:mm",
    "hh:mm:ss",
    "h時m分",
    "h",
    "mm:ss",
    "hh:mm",
    "h:mm",
    "hh:mm:ss",
    "h時m分",
    "h",
    "mm:ss",
    "hh時mm分",
    "[hh]:mm",
    "[s]",
    "h時",
    "hh",
    "[h]:mm:ss",
    "h:mm AM/PM",
    "[h]:mm",
    "[m]",
    "hhmm",
    "h時mm分ss秒",
    "ss",
];

const LISTED_NUMBERS: &[&str] = &["1", "2", "3", "5", "7.5", "-4", "0.1", "100", "2", "3", "0", "12"];
const LISTED_TEXTS: &[&str] =
    &["\"甲\"", "\"乙\"", "\"丙\"", "\"abc\"", "\"ABC\"", "\"東京都\"", "\"京都府\"", "\"a-b\"", "\"甲乙\""];
const NUMBER_TESTS: &[&str] = &[
    "\">0\"", "\">=3\"", "\"<5\"", "\"<=2\"", "\"<>3\"", "\"=3\"", "3", "\"3\"", "10", "\">100\"", "\">-2\"",
    "\"<0.5\"", "B3", "\">\"&B2",
];
const TEXT_TESTS: &[&str] = &[
    "\"甲\"",
    "\"乙\"",
    "\"<>甲\"",
    "\"*京*\"",
    "\"abc\"",
    "\"a*\"",
    "\"?\"",
    "\"=甲\"",
    "\"??\"",
    "\"*\"",
    "D1",
    "C1",
    "\"<>abc\"",
    "\"東京都\"",
];

/// A list of six, as long as the table.
fn list(rng: &mut StdRng, of: &[&str]) -> String {
    let parts: Vec<&str> = (0..6).map(|_| one_of(rng, of)).collect();
    format!("LIST({})", parts.join(","))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn number(rng: &mut StdRng) -> String {
    match rng.random_range(0..100) {
        0..35 => one_of(rng, NUMBERS).to_owned(),
        35..50 => rng.random_range(-1000..1000).to_string(),
        50..65 => {
            let places = rng.random_range(1..5);
            let digits = rng.random_range(-999_999..1_000_000);
            format!("{:.places$}", f64::from(digits) / 10f64.powi(i32::try_from(places).unwrap_or_default()))
        }
        65 if once_in(rng, 4) => cell(rng, &["I"]),
        66 if once_in(rng, 2) => format!("{}", rng.random_range(-1_000_000_000_000i64..1_000_000_000_000)),
        _ => cell(rng, &["A", "B", "L"]),
    }
}

fn date(rng: &mut StdRng) -> String {
    match rng.random_range(0..100) {
        0..50 => cell(rng, &["F"]),
        50..95 => {
            let (year, month) = (rng.random_range(1952..2060), rng.random_range(1..=12));
            let day =
                if once_in(rng, 3) { one_of(rng, &["28", "29", "30", "31"]) } else { one_of(rng, &["1", "5", "15"]) };
            format!("DATE({year},{month},{day})")
        }
        95..99 => one_of(rng, ERA_DAYS).to_owned(),
        _ if once_in(rng, 3) => quoted(one_of(rng, &DATE_TEXTS[..7])),
        _ => cell(rng, &["F"]),
    }
}

fn time(rng: &mut StdRng) -> String {
    if once_in(rng, 2) {
        return cell(rng, &["G"]);
    }
    format!("TIME({},{},{})", rng.random_range(0..24), rng.random_range(0..60), rng.random_range(0..60))
}

fn text(rng: &mut StdRng) -> String {
    match rng.random_range(0..100) {
        0..45 => quoted(one_of(rng, TEXTS)),
        45..50 => quoted(one_of(rng, SPACED)),
        50 => cell(rng, &["J"]),
        51 => quoted(""),
        _ => cell(rng, &["C", "D"]),
    }
}

fn truth(rng: &mut StdRng) -> String {
    match rng.random_range(0..10) {
        0..3 => "TRUE".into(),
        3..6 => "FALSE".into(),
        _ => format!("{}{}{}", number(rng), one_of(rng, &["=", "<", ">", "<=", ">=", "<>"]), number(rng)),
    }
}

fn any(rng: &mut StdRng) -> String {
    match rng.random_range(0..100) {
        0..50 => number(rng),
        50..97 => text(rng),
        97 => match rng.random_range(0..6) {
            0 => truth(rng),
            1 => cell(rng, &["I", "J", "K"]),
            _ => text(rng),
        },
        _ if once_in(rng, 4) => date(rng),
        _ => number(rng),
    }
}

fn anything(rng: &mut StdRng) -> String {
    match rng.random_range(0..100) {
        0..55 => any(rng),
        55..85 => one_of(rng, &["1/0", "NA()", "SQRT(-1)", "\"abc\"+1", "0/0", "VALUE(\"x\")"]).to_owned(),
        85..88 => cell(rng, &["I", "J", "K"]),
        88..91 if once_in(rng, 2) => cell(rng, &["F", "G", "H"]),
        93 => truth(rng),
        _ => cell(rng, &["A", "C", "D"]),
    }
}

/// One of the texts between bars, now and then one of those behind a tilde that stands between two of them.
fn choice<'a>(rng: &mut StdRng, texts: &'a str) -> &'a str {
    // A tilde in quotes belongs to a text.
    let outside = |at: usize| texts[..at].matches('"').count() % 2 == 0;
    let seldom = texts.char_indices().find(|(at, c)| *c == '~' && outside(*at));
    let (often, seldom) = seldom.map_or((texts, ""), |(at, _)| (&texts[..at], &texts[at + 1..]));
    let from = if !seldom.is_empty() && once_in(rng, SELDOM) { seldom } else { often };
    one_of(rng, &from.split('|').collect::<Vec<_>>())
}

/// Something of any kind where a slot asks for another. LibreOffice counts on for minutes from a day in the far future, so
/// what stands for a date is near.
pub fn wrong_kind(rng: &mut StdRng, slot: Slot) -> String {
    match slot {
        Slot::Date | Slot::DateText | Slot::Moment | Slot::Time | Slot::TimeText => one_of(rng, NO_DATES).to_owned(),
        _ => anything(rng),
    }
}

/// A literal or a cell for a slot.
pub fn leaf(rng: &mut StdRng, slot: Slot) -> String {
    match slot {
        Slot::Number => number(rng),
        Slot::Positive if once_in(rng, 2) => format!("{}", f64::from(rng.random_range(1..200_000)) / 100.0),
        Slot::Positive => one_of(rng, &["1", "2", "4", "9", "0.25", "100", "12.5", "B3", "B8", "L1", "1E6"]).to_owned(),
        Slot::Whole if once_in(rng, 3) => one_of(rng, &["B1", "B2", "B3", "B4", "12", "13", "31"]).to_owned(),
        Slot::Whole => rng.random_range(-14..20).to_string(),
        Slot::Count if once_in(rng, 12) => one_of(rng, &["-1", "100", "1.9", "B2"]).to_owned(),
        Slot::Count => rng.random_range(0..8).to_string(),
        Slot::Position if once_in(rng, 12) => one_of(rng, &["0", "-1", "50", "2.9"]).to_owned(),
        Slot::Position => rng.random_range(1..7).to_string(),
        Slot::Places if once_in(rng, 10) => one_of(rng, &["B1", "B2", "1.9", "-8", "B3"]).to_owned(),
        Slot::Places => rng.random_range(-4..6).to_string(),
        Slot::Text => text(rng),
        Slot::Needle => quoted(one_of(rng, NEEDLES)),
        Slot::NumberText if once_in(rng, 4) => cell(rng, &["E"]),
        Slot::NumberText => quoted(one_of(rng, NUMBER_TEXTS)),
        Slot::Date => date(rng),
        Slot::DateText => quoted(one_of(rng, DATE_TEXTS)),
        Slot::Time => time(rng),
        Slot::TimeText if once_in(rng, 60) => quoted("9時5分"),
        Slot::TimeText => quoted(one_of(rng, TIME_TEXTS)),
        Slot::Moment => cell(rng, &["H"]),
        Slot::Truth => truth(rng),
        Slot::Any => any(rng),
        Slot::Anything => anything(rng),
        Slot::Format => quoted(one_of(rng, FORMATS)),
        Slot::DateFormat => quoted(one_of(rng, DATE_FORMATS)),
        Slot::TimeFormat => quoted(one_of(rng, TIME_FORMATS)),
        Slot::Numbers if once_in(rng, 2) => one_of(rng, &["T[a]", "T[b]", "T[c]"]).to_owned(),
        Slot::Numbers => list(rng, LISTED_NUMBERS),
        Slot::Texts if once_in(rng, 2) => one_of(rng, &["T[t]", "T[u]"]).to_owned(),
        Slot::Texts => list(rng, LISTED_TEXTS),
        Slot::Solid if once_in(rng, 40) => text(rng),
        Slot::Solid => one_of(rng, SOLID).to_owned(),
        Slot::Year if once_in(rng, 120) => one_of(rng, &["126", "99", "1899", "0"]).to_owned(),
        Slot::Year => rng.random_range(1951..2101).to_string(),
        Slot::Rank if once_in(rng, 40) => one_of(rng, &["0", "7"]).to_owned(),
        Slot::Rank => rng.random_range(1..=5).to_string(),
        Slot::NumberTest => one_of(rng, NUMBER_TESTS).to_owned(),
        Slot::TextTest => one_of(rng, TEXT_TESTS).to_owned(),
        Slot::Divisor if once_in(rng, 150) => one_of(rng, &["0", "A7", "I1"]).to_owned(),
        Slot::Divisor if once_in(rng, 2) => {
            one_of(rng, &["3", "-7", "0.1", "2.5", "B4", "12", "-0.3", "7.25"]).to_owned()
        }
        Slot::Divisor => rng.random_range(1..400).to_string(),
        Slot::Choice(texts) => choice(rng, texts).to_owned(),
    }
}
