//! Logarithms and powers of e by series in fixed point. No float.

use ethnum::I256;

use super::arith::{fit, wide_digits, wide_pow10};
use super::{Decimal, MAX_DIGITS};

/// Decimals of logarithms, and most decimals of powers.
const PLACES: u32 = 20;
/// Decimals of the fixed-point numbers that logarithms are computed with.
const FIXED: u32 = 34;
/// Digits of a power with a fraction in its exponent that are given: the last ones computed are not certain.
const CERTAIN_DIGITS: u32 = 28;
/// ln 2 and ln 10 with [`FIXED`] decimals.
const LN_2: i128 = 6_931_471_805_599_453_094_172_321_214_581_766;
const LN_10: i128 = 23_025_850_929_940_456_840_179_914_546_843_642;

/// The natural logarithm of a positive number, in fixed point.
pub(super) fn ln(number: Decimal) -> I256 {
    let one = wide_pow10(FIXED);
    let mantissa = I256::from(number.mantissa());
    let digits = wide_digits(mantissa);
    // number = d × 10^tens with 1 <= d < 10, then d = e × 2^halvings with 2/3 <= e < 4/3.
    let tens = i64::from(digits) - 1 - i64::from(number.scale());
    let mut e = if digits <= FIXED + 1 {
        mantissa * wide_pow10(FIXED + 1 - digits)
    } else {
        mantissa / wide_pow10(digits - FIXED - 1)
    };
    let mut halvings = 0;
    while e * 3 >= one * 4 {
        e /= 2;
        halvings += 1;
    }
    // ln e = 2 (z + z^3/3 + z^5/5 + …) with z = (e - 1) / (e + 1)
    let z = (e - one) * one / (e + one);
    let square = z * z / one;
    let (mut power, mut series, mut n) = (z, I256::ZERO, 1);
    while power != 0 {
        series += power / I256::from(n);
        power = power * square / one;
        n += 2;
    }
    series * 2 + I256::from(LN_2) * I256::from(halvings) + I256::from(LN_10) * I256::from(tens)
}

/// e^x for a fixed-point x between -3 and 3.
fn exp(x: I256) -> I256 {
    let one = wide_pow10(FIXED);
    let (mut term, mut series, mut n) = (one, I256::ZERO, 0);
    while term != 0 {
        series += term;
        n += 1;
        term = term * x / one / I256::from(n);
    }
    series
}

/// e^log for a fixed-point logarithm, to [`CERTAIN_DIGITS`] digits and at most [`PLACES`] decimals. `None` where it does not fit.
pub(super) fn exp_of(log: I256) -> Option<Decimal> {
    // e^log = 10^tens × e^rest
    let ten = I256::from(LN_10);
    let tens = log / ten;
    let value = exp(log - tens * ten);
    let cut = wide_digits(value).saturating_sub(CERTAIN_DIGITS);
    let (unit, half) = (wide_pow10(cut), wide_pow10(cut) / 2);
    let digits = (value + half) / unit;
    let scale = i64::from(FIXED) - i64::from(cut) - i64::try_from(tens).ok()?;
    match u32::try_from(scale) {
        Ok(scale) => fit(digits, scale, PLACES).ok(),
        Err(_) => {
            let up = u32::try_from(-scale).ok().filter(|up| *up <= MAX_DIGITS)?;
            fit(digits * wide_pow10(up), 0, 0).ok()
        }
    }
}

impl Decimal {
    /// The natural logarithm, to 20 decimals. `None` for 0 and below.
    pub fn ln(self) -> Option<Self> {
        (self.signum() > 0).then(|| fit(ln(self), FIXED, PLACES).ok()).flatten()
    }

    /// The logarithm to a base, to 20 decimals. `None` where either is 0 or below, and for base 1.
    pub fn log(self, base: Self) -> Option<Self> {
        if self.signum() <= 0 || base.signum() <= 0 || base == Self::ONE {
            return None;
        }
        let (number, base) = (ln(self), ln(base));
        // ln has at most 37 digits, so the dividend has at most 71.
        let quotient = number.checked_mul(wide_pow10(FIXED))? / base;
        fit(quotient, FIXED, PLACES).ok()
    }

    /// e raised to this number, to 28 digits and at most 20 decimals. `None` where it does not fit.
    pub fn exp(self) -> Option<Self> {
        // Beyond these the result is 0 to 38 decimals, or has more than 38 digits.
        let limit = Self::from(100);
        if self.abs() > limit {
            return self.is_negative().then_some(Self::ZERO);
        }
        exp_of(I256::from(self.mantissa()) * wide_pow10(FIXED) / wide_pow10(self.scale()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    /// Results of a calculator with 50 digits, rounded half up.
    #[test]
    fn logarithms_and_powers_are_right_to_the_last_digit() {
        for (n, ln) in [
            ("1", "0"),
            ("2", "0.69314718055994530942"),
            ("10", "2.30258509299404568402"),
            ("0.5", "-0.69314718055994530942"),
            ("2.718281828459045235360287471352662498", "1"),
            ("12345678901234567890123456789012345678", "85.40636946309534286972"),
            ("0.00000000000000000000000000000000000001", "-87.49823353377373599268"),
        ] {
            assert_eq!(d(n).ln().map(|n| n.to_string()).as_deref(), Some(ln), "ln {n}");
        }
        for (n, exp) in [
            ("0", "1"),
            ("1", "2.71828182845904523536"),
            ("-1", "0.36787944117144232160"),
            ("50", "5184705528587072464087.453323"),
            ("-100", "0"),
        ] {
            assert_eq!(d(n).exp(), Some(d(exp)), "e^{n}");
        }
        assert_eq!(d("88").exp(), None);
        assert_eq!(d("0").ln(), None);
        assert_eq!(d("-1").ln(), None);
    }

    /// Values that Python's decimal module computed with 70 digits, for numbers drawn at random.
    #[test]
    fn numbers_drawn_at_random_agree_with_another_decimal_library() {
        for (n, ln) in [
            ("46.2711781241602196664", "3.83451926453900349885"),
            ("6251248356.53158653653032435212", "22.55604701779498731341"),
            ("71635277880000315275622972825735986949", "87.16465100823283481014"),
            ("0.008090915", "-4.81701345171155580211"),
            ("0.000000000000000000000079450215", "-50.88691163277356470483"),
            ("2547705921.63", "21.658459152622619965"),
            ("7278595644160390496301030219.2233793936", "64.15473544841714384044"),
            ("0.000000006652754704743906357431", "-18.82823482673802204827"),
            ("0.00000000000000000000000000000000000748", "-80.88083055579925874954"),
            ("99691613815923726.27054", "39.1408579541573689267"),
            ("0.0000000000000000000000096463795692451", "-52.9954595610731311472"),
            ("156574893346.549941961", "25.77680028419239907713"),
            ("0.0000000006", "-21.23409146071240183937"),
            ("7230759843571.6", "29.60936524250671309334"),
        ] {
            assert_eq!(d(n).ln(), Some(d(ln)), "ln {n}");
        }
        for (n, exp) in [
            ("-0.0046184", "0.99539224841010047044"),
            ("62.009784", "852132275866250813737299435.7"),
            ("50.304602", "7030902297256107723610.439675"),
            ("4.14388685", "63.0474016110342586699"),
            ("12.848359", "380164.37349362455143072751"),
            ("-4.470178", "0.01144527840962193619"),
            ("-0.7628737", "0.46632442318035249535"),
            ("32.219061", "98301558747430.36249361467841"),
            ("36.103203", "4779933360505367.100753826366"),
            ("-1.1408827", "0.31953684212407571512"),
            ("58.039006", "16070154086221980091529872.2"),
            ("16.958013", "23161755.34742183436356958136"),
            ("1.8555371", "6.39513215384346839869"),
            ("-10.737602", "0.00002171294351267563"),
        ] {
            assert_eq!(d(n).exp(), Some(d(exp)), "e^{n}");
        }
        for (n, base, log) in [
            ("92.129423795", "278.3", "0.80359490383341062907"),
            ("147.773777535", "3.757", "3.77425520986986776392"),
            ("93871885.577", "301.9", "3.21490952449395958597"),
            ("2111966.8947", "174.1", "2.82251453714892164127"),
            ("179020205878", "228.5", "4.77043022729326727871"),
            ("309.646823899", "99.7", "1.24624639199053917953"),
            ("22885080.5217", "1950", "2.23692249905955277976"),
            ("445586244516", "1501", "3.66736008813995007719"),
        ] {
            assert_eq!(d(n).log(d(base)), Some(d(log)), "log {n} to base {base}");
        }
    }

    #[test]
    fn logarithms_of_powers_are_whole() {
        for (n, base, log) in
            [("1024", "2", "10"), ("0.001", "10", "-3"), ("8", "0.5", "-3"), ("1e37", "10", "37"), ("2", "4", "0.5")]
        {
            assert_eq!(d(n).log(d(base)), Some(d(log)), "log {n} to base {base}");
        }
        assert_eq!(d("5").log(d("1")), None);
    }

    proptest! {
        #[test]
        fn e_to_the_logarithm_is_the_number(m in 1i64.., scale in 0u32..10) {
            let n = Decimal::from_parts(i128::from(m), scale).unwrap();
            let back = n.ln().unwrap().exp().unwrap();
            // An error of half a 20th decimal in the logarithm is that part of the number.
            let error = back.checked_sub(n).unwrap().abs();
            prop_assert!(error <= n.checked_mul(d("1e-19")).unwrap().checked_add(d("1e-19")).unwrap(), "{} {}", n, back);
        }
    }
}
