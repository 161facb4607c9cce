//! Tests of decimal arithmetic: tables of known results, and properties against schoolbook arithmetic on digit strings.

use proptest::prelude::*;

use super::*;

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn show(result: Result<Decimal, DecimalError>) -> String {
    result.map_or_else(|e| format!("{e:?}"), |n| n.to_string())
}

const NINES: &str = "99999999999999999999999999999999999999";

#[test]
fn sums_and_differences() {
    for (a, b, sum, difference) in [
        ("0.1", "0.2", "0.3", "-0.1"),
        ("123456789012345678901234567890", "1", "123456789012345678901234567891", "123456789012345678901234567889"),
        ("1.5", "-1.5", "0", "3"),
        (NINES, "0.4", NINES, NINES),
        (NINES, "0.5", "Overflow", NINES),
        (NINES, NINES, "Overflow", "0"),
        ("1e-38", "1", "1", "-0.99999999999999999999999999999999999999"),
    ] {
        assert_eq!(show(d(a).checked_add(d(b))), sum, "{a} + {b}");
        assert_eq!(show(d(a).checked_sub(d(b))), difference, "{a} - {b}");
    }
}

#[test]
fn products_keep_every_digit_that_fits() {
    for (a, b, product) in [
        ("1.1", "1.1", "1.21"),
        ("-0.5", "0.5", "-0.25"),
        ("1234567890123456789", "1234567890123456789", "1524157875323883675019051998750190521"),
        ("12345678901234567890.123456789", "3", "37037036703703703670.370370367"),
        // exact: 1.00000000000000000002000000000000000000010000000000000000000100 …, cut half up to 38 digits
        ("1.00000000000000000001", "1.00000000000000000001", "1.00000000000000000002"),
        ("12345678901234567890.5", "12345678901234567890.5", "Overflow"),
        ("0.00000000000000000001", "0.00000000000000000001", "0"),
        (NINES, "10", "Overflow"),
        (NINES, "0.1", "9999999999999999999999999999999999999.9"),
    ] {
        assert_eq!(show(d(a).checked_mul(d(b))), product, "{a} × {b}");
    }
}

#[test]
fn quotients_are_rounded_half_up() {
    for (a, b, quotient) in [
        ("2", "3", "0.66666666666667"),
        ("-2", "3", "-0.66666666666667"),
        ("1", "3", "0.33333333333333"),
        ("10", "4", "2.5"),
        ("1", "0", "DivisionByZero"),
        ("0", "7", "0"),
        ("0.00000000001", "3", "0.000000000003333"),
        (NINES, "3", "33333333333333333333333333333333333333"),
        (NINES, "0.1", "Overflow"),
        (NINES, "7", "14285714285714285714285714285714285714"),
        ("1", NINES, "0"),
        ("1e-38", "1e-38", "1"),
        ("1", "1e-37", "10000000000000000000000000000000000000"),
        ("1", "1e-38", "Overflow"),
        ("1e-20", "3e-38", "333333333333333333.33333333333333333333"),
    ] {
        assert_eq!(show(d(a).checked_div(d(b))), quotient, "{a} / {b}");
    }
}

#[test]
fn remainders_have_the_sign_of_the_divisor() {
    for (a, b, remainder, quotient) in [
        ("3", "2", "1", "1"),
        ("-3", "2", "1", "-1"),
        ("3", "-2", "-1", "-1"),
        ("-3", "-2", "-1", "1"),
        ("1", "0.1", "0", "10"),
        ("5.5", "0.4", "0.3", "13"),
        ("1e-38", NINES, "0.00000000000000000000000000000000000001", "0"),
        ("1", "0", "DivisionByZero", "DivisionByZero"),
    ] {
        assert_eq!(show(d(a).modulo(d(b))), remainder, "MOD({a},{b})");
        assert_eq!(show(d(a).quotient(d(b))), quotient, "QUOTIENT({a},{b})");
    }
}

#[test]
fn rounding_modes() {
    for (n, places, half_up, half_even, up, down) in [
        ("2.5", 0, "3", "2", "3", "2"),
        ("-2.5", 0, "-3", "-2", "-3", "-2"),
        ("3.5", 0, "4", "4", "4", "3"),
        ("1.005", 2, "1.01", "1", "1.01", "1"),
        ("1.001", 2, "1", "1", "1.01", "1"),
        ("1250", -2, "1300", "1200", "1300", "1200"),
        ("1.5", 3, "1.5", "1.5", "1.5", "1.5"),
        ("49", -2, "0", "0", "100", "0"),
        ("1", -40, "0", "0", "Overflow", "0"),
        (NINES, -38, "Overflow", "Overflow", "Overflow", "0"),
        ("1", i32::MIN, "0", "0", "Overflow", "0"),
        ("1", i32::MAX, "1", "1", "1", "1"),
    ] {
        for (mode, expected) in
            [(Rounding::HalfUp, half_up), (Rounding::HalfEven, half_even), (Rounding::Up, up), (Rounding::Down, down)]
        {
            assert_eq!(show(d(n).round(places, mode)), expected, "{n} to {places} {mode:?}");
        }
    }
}

#[test]
fn whole_parts() {
    for (n, floor, ceil, trunc) in
        [("1.5", "1", "2", "1"), ("-1.5", "-2", "-1", "-1"), ("2", "2", "2", "2"), ("-0.1", "-1", "0", "0")]
    {
        assert_eq!(d(n).floor(), d(floor), "{n}");
        assert_eq!(d(n).ceil(), d(ceil), "{n}");
        assert_eq!(d(n).trunc(), d(trunc), "{n}");
    }
}

#[test]
fn a_sum_may_pass_38_digits_on_its_way() {
    let mut sum = Sum::new();
    for n in [NINES, NINES, "0.25", &format!("-{NINES}")] {
        sum.add(d(n));
    }
    assert_eq!(show(sum.finish()), NINES, "the quarter does not fit beside 38 digits");
    sum.add(d(&format!("-{NINES}")));
    assert_eq!(show(sum.finish()), "0.25");
    sum.add(d(NINES));
    sum.add(d("1"));
    assert_eq!(show(sum.finish()), "Overflow");
}

/// Schoolbook multiplication of digit strings, to judge the binary one.
fn product_of_digits(a: &str, b: &str) -> String {
    let mut out = vec![0u32; a.len() + b.len()];
    for (i, x) in a.bytes().rev().enumerate() {
        for (j, y) in b.bytes().rev().enumerate() {
            out[i + j] += u32::from(x - b'0') * u32::from(y - b'0');
        }
    }
    let mut carry = 0;
    for digit in &mut out {
        carry += *digit;
        *digit = carry % 10;
        carry /= 10;
    }
    let text: String = out.iter().rev().map(|d| char::from(b'0' + *d as u8)).collect();
    let text = text.trim_start_matches('0');
    if text.is_empty() { "0".into() } else { text.into() }
}

fn any_decimal() -> impl Strategy<Value = Decimal> {
    let digits = (0u32..=38).prop_flat_map(|n| -(10i128.pow(n) - 1)..=(10i128.pow(n) - 1));
    (digits, 0u32..=38).prop_map(|(m, s)| Decimal::from_parts(m, s).unwrap())
}

proptest! {
    #[test]
    fn whole_products_agree_with_schoolbook_digits(a in 0i128..10i128.pow(25), b in 0i128..10i128.pow(25)) {
        let exact = product_of_digits(&a.to_string(), &b.to_string());
        let ours = Decimal::from_parts(a, 0).unwrap().checked_mul(Decimal::from_parts(b, 0).unwrap());
        // from_parts accepts 38 digits at most, so a longer product must overflow
        if exact.len() > 38 {
            prop_assert_eq!(ours, Err(DecimalError::Overflow));
        } else {
            prop_assert_eq!(show(ours), exact);
        }
    }

    #[test]
    fn addition_commutes_and_subtraction_undoes_it(a in -10i128.pow(36)..10i128.pow(36), b in any::<i64>(), s in 0u32..20, t in 0u32..2) {
        let (a, b) = (Decimal::from_parts(a, s).unwrap(), Decimal::from_parts(i128::from(b), t).unwrap());
        if let Ok(sum) = a.checked_add(b) {
            prop_assert_eq!(b.checked_add(a), Ok(sum));
            if s + 2 > t && sum.scale() >= a.scale().max(b.scale()) {
                prop_assert_eq!(sum.checked_sub(b), Ok(a));
            }
        }
    }

    #[test]
    fn division_is_within_half_a_unit_of_its_last_decimal(a in any::<i64>(), b in any::<i64>(), s in 0u32..6, t in 0u32..6) {
        prop_assume!(b != 0);
        let (a, b) = (Decimal::from_parts(i128::from(a) , s).unwrap(), Decimal::from_parts(i128::from(b), t).unwrap());
        if let Ok(q) = a.checked_div(b) {
            let places = 14.max(a.scale().max(b.scale()) + 4);
            prop_assert!(q.scale() <= places);
            // |q × b - a| <= |b| / 2 / 10^places, times 2 × 10^(places + 12)
            let at = |d: Decimal, scale: u32| I256::from(d.mantissa()) * wide_pow10(scale - d.scale());
            let error = (at(q, places) * at(b, 6) - at(a, 6) * wide_pow10(places)).abs() * 2;
            prop_assert!(error <= at(b, 6).abs());
        }
    }

    #[test]
    fn mod_and_quotient_make_up_the_dividend(a in any::<i64>(), b in any::<i64>(), s in 0u32..6, t in 0u32..6) {
        prop_assume!(b != 0);
        let (a, b) = (Decimal::from_parts(i128::from(a), s).unwrap(), Decimal::from_parts(i128::from(b), t).unwrap());
        let r = a.modulo(b).unwrap();
        prop_assert!(r.is_zero() || r.signum() == b.signum());
        prop_assert!(r.abs() < b.abs());
        prop_assert!(a.checked_sub(r).unwrap().modulo(b).unwrap().is_zero());
    }

    #[test]
    fn nothing_panics(a in any_decimal(), b in any_decimal(), places in -45i32..45) {
        let _ = (a.checked_add(b), a.checked_sub(b), a.checked_mul(b), a.checked_div(b), a.modulo(b), a.quotient(b));
        for mode in [Rounding::HalfUp, Rounding::HalfEven, Rounding::Up, Rounding::Down] {
            if let Ok(r) = a.round(places, mode) {
                prop_assert_eq!(r.round(places, mode), Ok(r));
            }
        }
        let _ = (a.sqrt(), a.pow(7), a.pow(-3), a.floor(), a.ceil(), a.trunc());
        let mut sum = Sum::new();
        for _ in 0..20 { sum.add(a); sum.add(b); }
        let _ = sum.finish();
    }

    #[test]
    fn a_sum_is_the_addition_of_its_terms(terms in prop::collection::vec((any::<i64>(), 0u32..10), 0..20)) {
        let mut sum = Sum::new();
        let mut one_by_one = Decimal::ZERO;
        for (m, s) in terms {
            let n = Decimal::from_parts(i128::from(m), s).unwrap();
            sum.add(n);
            one_by_one = one_by_one.checked_add(n).unwrap();
        }
        prop_assert_eq!(sum.finish(), Ok(one_by_one));
    }
}
