//! Decimal arithmetic: add, subtract, multiply, divide, round, sum; checked, with 256-bit intermediates.
//!
//! The one rule of all operations: the exact result is rounded only in its fraction, and only where it has more than 38
//! digits (or 38 decimals); a result whose whole part does not fit is [`DecimalError::Overflow`].

use std::ops::Neg;

use ethnum::I256;

use super::{Decimal, DecimalError, MAX_DIGITS, pow10};

/// What happens to the digits that are cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearest; a half goes away from zero (Excel's ROUND, 四捨五入).
    HalfUp,
    /// To the nearest; a half goes to the even neighbour (kintone's default).
    HalfEven,
    /// Away from zero.
    Up,
    /// Towards zero.
    Down,
}

/// Fewest decimals that a division is computed to, before [`DIVISION_EXTRA`].
const DIVISION_PLACES: u32 = 10;
/// Decimals that a division is computed to beyond those of its operands.
const DIVISION_EXTRA: u32 = 4;
/// Digits of a mean that are computed beyond those of its total: as many as a count can take away.
const MEAN_DIGITS: u32 = 20;
/// Decimal digits of a product of two mantissas: always inside an [`I256`].
const WIDE_DIGITS: u32 = 76;

/// 10^n for n up to 76.
pub(super) fn wide_pow10(n: u32) -> I256 {
    let n = n.min(WIDE_DIGITS);
    let low = n.min(MAX_DIGITS);
    I256::from(pow10(low)) * I256::from(pow10(n - low))
}

/// How many decimal digits `m` has; 0 for zero.
pub(super) fn wide_digits(m: I256) -> u32 {
    let m = m.unsigned_abs();
    if m == 0 {
        return 0;
    }
    // 1233 / 4096 is log10(2), from below; the estimate is right or one too small.
    let bits = 256 - m.leading_zeros();
    let estimate = (bits * 1233) >> 12;
    if estimate > WIDE_DIGITS || m >= wide_pow10(estimate).as_u256() { estimate + 1 } else { estimate }
}

/// `m / 10^scale`, rounded half up to at most `max_scale` decimals and to as many as 38 digits allow.
pub(super) fn fit(m: I256, scale: u32, max_scale: u32) -> Result<Decimal, DecimalError> {
    let excess = wide_digits(m).saturating_sub(MAX_DIGITS).max(scale.saturating_sub(max_scale.min(MAX_DIGITS)));
    if excess > scale {
        return Err(DecimalError::Overflow);
    }
    let cut = if excess == 0 {
        m
    } else if excess > WIDE_DIGITS {
        I256::ZERO
    } else {
        let unit = wide_pow10(excess);
        let (q, r) = (m / unit, m % unit);
        // r < unit <= 10^76, so 2r could pass the type's end: compare against the other half instead.
        if r.abs() >= unit - r.abs() { q + m.signum() } else { q }
    };
    let mantissa = i128::try_from(cut).map_err(|_| DecimalError::Overflow)?;
    Decimal::from_parts(mantissa, scale - excess)
}

/// `q` and `r` of a cut at some digit: the quotient rounded by `mode`. `unit` is None where it is beyond every mantissa.
fn round_quotient(m: i128, unit: Option<i128>, mode: Rounding) -> i128 {
    let Some(unit) = unit else {
        return if mode == Rounding::Up { m.signum() } else { 0 };
    };
    let (q, r) = (m / unit, m % unit);
    let (low, high) = (r.abs(), unit - r.abs());
    let away = match mode {
        Rounding::Down => false,
        Rounding::Up => r != 0,
        Rounding::HalfUp => low >= high,
        Rounding::HalfEven => low > high || (low == high && q % 2 != 0),
    };
    if away { q + m.signum() } else { q }
}

impl Decimal {
    /// Both mantissas at the larger of the two scales, and that scale.
    fn aligned(self, other: Self) -> (I256, I256, u32) {
        let scale = self.scale().max(other.scale());
        let at = |d: Self| I256::from(d.mantissa) * I256::from(pow10(scale - d.scale()));
        (at(self), at(other), scale)
    }

    /// Sum.
    pub fn checked_add(self, other: Self) -> Result<Self, DecimalError> {
        if self.scale == other.scale
            && let Some(m) = self.mantissa.checked_add(other.mantissa)
            && (m.unsigned_abs() < pow10(MAX_DIGITS).unsigned_abs())
        {
            return Self::from_parts(m, self.scale());
        }
        let (a, b, scale) = self.aligned(other);
        fit(a + b, scale, MAX_DIGITS)
    }

    /// Difference.
    pub fn checked_sub(self, other: Self) -> Result<Self, DecimalError> {
        self.checked_add(-other)
    }

    /// Product.
    pub fn checked_mul(self, other: Self) -> Result<Self, DecimalError> {
        let scale = self.scale() + other.scale();
        match self.mantissa.checked_mul(other.mantissa) {
            Some(m) if scale <= MAX_DIGITS && m.unsigned_abs() < pow10(MAX_DIGITS).unsigned_abs() => {
                Self::from_parts(m, scale)
            }
            _ => fit(I256::from(self.mantissa) * I256::from(other.mantissa), scale, MAX_DIGITS),
        }
    }

    /// Quotient, rounded half up at max(10, both scales) + 4 decimals, in shortest form.
    pub fn checked_div(self, divisor: Self) -> Result<Self, DecimalError> {
        let places = DIVISION_PLACES.max(self.scale()).max(divisor.scale()) + DIVISION_EXTRA;
        self.div_to(divisor, places)
    }

    /// Quotient, rounded half up at `places` decimals (at most 38), or at fewer where 38 digits do not hold it.
    pub fn div_to(self, divisor: Self, places: u32) -> Result<Self, DecimalError> {
        if divisor.is_zero() {
            return Err(DecimalError::DivisionByZero);
        }
        let places = places.min(MAX_DIGITS);
        // One digit more than asked decides the rounding: half up looks at no digit behind it.
        let shift = i64::from(places) + 1 + i64::from(divisor.scale()) - i64::from(self.scale());
        if let Ok(up) = u32::try_from(shift)
            && up < MAX_DIGITS
            && let Some(m) = self.mantissa.checked_mul(pow10(up))
        {
            return fit(I256::from(m / divisor.mantissa), places + 1, places);
        }
        self.long_division(divisor, places, shift)
    }

    /// Long division for operands whose shifted dividend is wider than 128 bits: digits are drawn in portions until
    /// there are enough of them.
    fn long_division(self, divisor: Self, places: u32, shift: i64) -> Result<Self, DecimalError> {
        let (n, d) = (I256::from(self.mantissa), I256::from(divisor.mantissa));
        let (mut quotient, mut rest) = (n / d, n % d);
        let mut remaining = shift;
        if remaining < 0 {
            // Only where the dividend has more decimals than the result may have.
            let down = u32::try_from(-remaining).map_err(|_| DecimalError::Overflow)?;
            quotient /= wide_pow10(down);
            remaining = 0;
        }
        let enough = I256::from(pow10(MAX_DIGITS));
        while remaining > 0 && quotient.abs() < enough {
            let portion = u32::try_from(remaining).unwrap_or(MAX_DIGITS).min(MAX_DIGITS - 1);
            let unit = I256::from(pow10(portion));
            rest *= unit;
            quotient = quotient * unit + rest / d;
            rest %= d;
            remaining -= i64::from(portion);
        }
        // Digits that were not drawn are decimals that were not computed.
        let scale = u32::try_from(i64::from(places) + 1 - remaining).map_err(|_| DecimalError::Overflow)?;
        fit(quotient, scale, places)
    }

    /// Remainder as Excel's MOD: exact, with the sign of the divisor.
    pub fn modulo(self, divisor: Self) -> Result<Self, DecimalError> {
        if divisor.is_zero() {
            return Err(DecimalError::DivisionByZero);
        }
        let (a, b, scale) = self.aligned(divisor);
        let r = a % b;
        let r = if r != 0 && (r < 0) != (b < 0) { r + b } else { r };
        fit(r, scale, MAX_DIGITS)
    }

    /// The whole part of the quotient, exact, towards zero (Excel's QUOTIENT).
    pub fn quotient(self, divisor: Self) -> Result<Self, DecimalError> {
        if divisor.is_zero() {
            return Err(DecimalError::DivisionByZero);
        }
        let (a, b, _) = self.aligned(divisor);
        fit(a / b, 0, 0)
    }

    /// The number without its sign.
    pub fn abs(self) -> Self {
        Self { mantissa: self.mantissa.abs(), ..self }
    }

    /// -1, 0 or 1.
    pub fn signum(self) -> i32 {
        self.mantissa.signum() as i32
    }

    /// Rounded to `places` decimals; negative places round in front of the point (-2: to hundreds).
    pub fn round(self, places: i32, mode: Rounding) -> Result<Self, DecimalError> {
        let drop = i64::from(self.scale()) - i64::from(places);
        if drop <= 0 {
            return Ok(self);
        }
        let unit = u32::try_from(drop).ok().filter(|d| *d <= MAX_DIGITS).map(pow10);
        let q = round_quotient(self.mantissa, unit, mode);
        if q == 0 {
            return Ok(Self::ZERO);
        }
        match u32::try_from(places) {
            Ok(scale) => Self::from_parts(q, scale),
            Err(_) => {
                let up = places.unsigned_abs();
                let factor = if up <= MAX_DIGITS { pow10(up) } else { return Err(DecimalError::Overflow) };
                Self::from_parts(q.checked_mul(factor).ok_or(DecimalError::Overflow)?, 0)
            }
        }
    }

    /// The whole part.
    pub fn trunc(self) -> Self {
        Self { mantissa: self.mantissa / pow10(self.scale()), scale: 0 }
    }

    /// The largest whole number that is not above this (Excel's INT).
    pub fn floor(self) -> Self {
        Self { mantissa: self.mantissa.div_euclid(pow10(self.scale())), scale: 0 }
    }

    /// The smallest whole number that is not below this.
    pub fn ceil(self) -> Self {
        -(-self).floor()
    }

    /// True where there is no fraction.
    pub fn is_whole(self) -> bool {
        self.scale == 0
    }
}

impl Neg for Decimal {
    type Output = Self;

    fn neg(self) -> Self {
        Self { mantissa: -self.mantissa, ..self }
    }
}

/// A running exact sum with 256 bits: intermediate totals may pass 38 digits, the end must not.
#[derive(Clone, Copy, Debug)]
pub struct Sum {
    total: I256,
    scale: u32,
    overflow: bool,
}

impl Default for Sum {
    fn default() -> Self {
        Self { total: I256::ZERO, scale: 0, overflow: false }
    }
}

impl Sum {
    /// Nothing added yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one number.
    pub fn add(&mut self, number: Decimal) {
        if number.scale() == self.scale {
            return self.push(I256::from(number.mantissa));
        }
        if number.scale() > self.scale {
            match self.total.checked_mul(I256::from(pow10(number.scale() - self.scale))) {
                Some(total) => (self.total, self.scale) = (total, number.scale()),
                None => self.overflow = true,
            }
            return self.push(I256::from(number.mantissa));
        }
        self.push(I256::from(number.mantissa) * I256::from(pow10(self.scale - number.scale())));
    }

    fn push(&mut self, mantissa: I256) {
        match self.total.checked_add(mantissa) {
            Some(total) => self.total = total,
            None => self.overflow = true,
        }
    }

    /// The total over so many numbers, rounded as a quotient is: also where the total itself passes 38 digits.
    pub fn mean(self, count: i64) -> Result<Decimal, DecimalError> {
        if count == 0 {
            return Err(DecimalError::DivisionByZero);
        }
        if let Ok(total) = self.finish() {
            return total.checked_div(Decimal::from(count));
        }
        if self.overflow {
            return Err(DecimalError::Overflow);
        }
        // The total has 39 digits or more: with these ones behind it, the quotient has more than can stay.
        let more = WIDE_DIGITS.saturating_sub(wide_digits(self.total)).min(MEAN_DIGITS);
        fit(self.total * wide_pow10(more) / I256::from(count), self.scale + more, MAX_DIGITS)
    }

    /// The total.
    pub fn finish(self) -> Result<Decimal, DecimalError> {
        if self.overflow {
            return Err(DecimalError::Overflow);
        }
        fit(self.total, self.scale, MAX_DIGITS)
    }
}

#[cfg(test)]
#[path = "arith_tests.rs"]
mod tests;
