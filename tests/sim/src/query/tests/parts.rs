//! The parts that have no table of their own: exact decimals, and the range of ids that a condition leaves.

use proptest::prelude::*;

use super::super::decimal::Decimal;
use super::super::{Filter, id_bounds, parse};
use super::{context, form, record};

#[test]
fn what_is_a_number() {
    for text in ["0", "-0.50", "+3", ".5", "5.", " 42 ", "1.5e1", "1E-3", "0007"] {
        assert!(Decimal::parse(text).is_some(), "{text}");
    }
    for text in ["", " ", ".", "-", "1,000", "１", "0x1", "1e", "e1", "1.2.3", "--1", "NaN", "1e99999999999999999999"]
    {
        assert!(Decimal::parse(text).is_none(), "{text}");
    }
}

#[test]
fn one_number_has_one_form() {
    for (a, b) in [("1.50", "1.5"), ("-0", "0"), ("15", "1.5e1"), ("0.001", "1e-3"), ("000", "0.0"), ("1200", "12e2")] {
        assert_eq!(Decimal::parse(a), Decimal::parse(b), "{a} {b}");
    }
    assert_eq!(Some(Decimal::from(9_007_199_254_740_993)), Decimal::parse("9007199254740993"));
    assert_eq!(Some(Decimal::from(0)), Decimal::parse("0"));
}

#[test]
fn bounds_of_ids() {
    const ALL: u64 = u64::MAX;
    for (text, expected) in [
        ("$id > 5", (6, ALL, true)),
        ("$id >= 5", (5, ALL, true)),
        ("$id < 5", (0, 4, true)),
        ("$id <= \"5\"", (0, 5, true)),
        ("$id = 5", (5, 5, true)),
        ("レコード番号 > \"ORD-5\"", (6, ALL, true)),
        ("$id > 5 and $id <= 10", (6, 10, true)),
        ("$id > 5 and レコード番号 <= 10 and ($id > 7)", (8, 10, true)),
        ("$id > 5 and 数値 = 1 and $id <= 10", (6, 10, false)),
        ("数値 = 1", (0, ALL, false)),
        ("$id in (3, 9, 4)", (3, 9, false)),
        ("$id in (3)", (3, 3, true)),
        ("$id != 5", (0, ALL, false)),
        ("$id not in (5)", (0, ALL, false)),
        ("$id > 5.5", (0, ALL, false)),
        ("$id > -1", (0, ALL, false)),
        ("$id = 3 or $id = 9", (3, 9, false)),
        ("($id > 3 and $id < 5) or ($id > 7 and $id < 9)", (4, 8, false)),
        ("$id > 3 or 数値 = 1", (0, ALL, false)),
        ("数値 > 5", (0, ALL, false)),
    ] {
        assert_eq!(id_bounds(&parse(text, true).unwrap().condition.unwrap(), &form()), expected, "{text}");
    }
    let (low, high, _) = id_bounds(&parse("$id < 0", true).unwrap().condition.unwrap(), &form());
    assert!(low > high);
    let (low, high, _) = id_bounds(&parse("$id > 18446744073709551615", true).unwrap().condition.unwrap(), &form());
    assert!(low > high);
    let (low, high, _) = id_bounds(&parse("$id > 9 and $id < 3", true).unwrap().condition.unwrap(), &form());
    assert!(low > high);
}

fn id_condition() -> impl Strategy<Value = String> {
    let test = (prop::sample::select(vec!["=", "!=", "<", ">", "<=", ">="]), 0..12_u64)
        .prop_map(|(op, id)| format!("$id {op} {id}"));
    let list = prop::collection::vec(0..12_u64, 1..4)
        .prop_map(|ids| format!("$id in ({})", ids.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")));
    prop_oneof![test, list].prop_recursive(3, 12, 3, |inner| {
        (prop::collection::vec(inner, 2..4), prop::sample::select(vec![" and ", " or "]))
            .prop_map(|(parts, join)| format!("({})", parts.join(join)))
    })
}

proptest! {
    #[test]
    fn bounds_leave_out_no_selected_record_and_exact_ones_leave_in_no_other(text in id_condition()) {
        let condition = parse(&text, true).unwrap().condition.unwrap();
        let (low, high, exact) = id_bounds(&condition, &form());
        let filter = Filter::new(&condition, &form(), &context()).unwrap();
        for id in 1..14 {
            let selected = filter.matches(&record(id, serde_json::json!({})));
            let within = low <= id && id <= high;
            prop_assert!(within || !selected, "{} leaves out {}", text, id);
            prop_assert!(!exact || within == selected, "{} is not exact at {}", text, id);
        }
    }

    #[test]
    fn decimals_compare_as_scaled_integers(a in -1_000_000_i64..1_000_000, b in -1_000_000_i64..1_000_000, x in 0_u32..6, y in 0_u32..6) {
        let text = |n: i64, places: u32| {
            let digits = format!("{:0width$}", n.unsigned_abs(), width = places as usize + 1);
            let (whole, fraction) = digits.split_at(digits.len() - places as usize);
            format!("{}{whole}.{fraction}", if n < 0 { "-" } else { "" })
        };
        let scaled = |n: i64, places: u32| i128::from(n) * 10_i128.pow(6 - places);
        let order = Decimal::parse(&text(a, x)).cmp(&Decimal::parse(&text(b, y)));
        prop_assert_eq!(order, scaled(a, x).cmp(&scaled(b, y)));
    }
}
