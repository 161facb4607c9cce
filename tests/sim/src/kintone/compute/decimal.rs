//! Decimal numbers of up to 38 digits for formulas; what does not fit is no number.

use std::cmp::Ordering;

/// The most places that a number carries.
const PLACES_AT_MOST: u32 = 18;

/// `mantissa` divided by ten to the `places`.
#[derive(Debug, Clone, Copy)]
pub struct Decimal {
    mantissa: i128,
    places: u32,
}

impl Decimal {
    /// A whole number.
    pub fn whole(number: i128) -> Self {
        Self { mantissa: number, places: 0 }
    }

    /// Reads a number without exponent.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        if fraction.bytes().any(|byte| !byte.is_ascii_digit()) || text == "." {
            return None;
        }
        let places = u32::try_from(fraction.len()).ok().filter(|places| *places <= PLACES_AT_MOST)?;
        let mantissa = format!("{whole}{fraction}").parse().ok()?;
        Some(Self { mantissa, places }.trimmed())
    }

    /// Digits before the point, the fraction cut off.
    pub fn floor(self) -> Option<i128> {
        Some(self.mantissa.div_euclid(10_i128.checked_pow(self.places)?))
    }

    /// The sum.
    pub fn add(self, other: Self) -> Option<Self> {
        let places = self.places.max(other.places);
        Some(Self { mantissa: self.at(places)?.checked_add(other.at(places)?)?, places }.trimmed())
    }

    /// The negative.
    pub fn negated(self) -> Self {
        Self { mantissa: -self.mantissa, ..self }
    }

    /// The product.
    pub fn multiply(self, other: Self) -> Option<Self> {
        let mantissa = self.mantissa.checked_mul(other.mantissa)?;
        Some(Self { mantissa, places: self.places + other.places }.trimmed())
    }

    /// The quotient, rounded half away from zero at `places`; none for a division by zero.
    pub fn divide(self, other: Self, places: u32) -> Option<Self> {
        if other.mantissa == 0 {
            return None;
        }
        // One digit more than asked for is enough to round, since the rest only matters at exactly one half.
        let shift = (places + other.places).checked_sub(self.places);
        let (above, below) = match shift {
            Some(shift) => (self.mantissa.checked_mul(10_i128.checked_pow(shift)?)?, other.mantissa),
            None => {
                let shift = self.places - places - other.places;
                (self.mantissa, other.mantissa.checked_mul(10_i128.checked_pow(shift)?)?)
            }
        };
        Some(Self { mantissa: rounded(above, below)?, places }.trimmed())
    }

    /// The whole power, of an exponent up to 200.
    pub fn power(self, exponent: Self) -> Option<Self> {
        let exponent = u32::try_from(exponent.at(0)?).ok().filter(|exponent| *exponent <= 200)?;
        let mut result = Self::whole(1);
        for _ in 0..exponent {
            result = result.multiply(self)?;
        }
        Some(result)
    }

    /// Rounded at `places`: half away from zero, or always away from zero, or always towards it.
    pub fn round(self, places: u32, away: Option<bool>) -> Option<Self> {
        if places >= self.places {
            return Some(self);
        }
        let unit = 10_i128.checked_pow(self.places - places)?;
        let mantissa = match away {
            None => rounded(self.mantissa, unit)?,
            Some(false) => self.mantissa / unit,
            Some(true) => self.mantissa / unit + if self.mantissa % unit == 0 { 0 } else { self.mantissa.signum() },
        };
        Some(Self { mantissa, places }.trimmed())
    }

    /// The order of two numbers; none where they cannot be brought to the same places.
    pub fn compare(self, other: Self) -> Option<Ordering> {
        let places = self.places.max(other.places);
        Some(self.at(places)?.cmp(&other.at(places)?))
    }

    fn at(self, places: u32) -> Option<i128> {
        match places.checked_sub(self.places) {
            Some(more) => self.mantissa.checked_mul(10_i128.checked_pow(more)?),
            // A number with a fraction is no whole number.
            None => None,
        }
    }

    fn trimmed(mut self) -> Self {
        while self.places > 0 && self.mantissa % 10 == 0 {
            self.mantissa /= 10;
            self.places -= 1;
        }
        self
    }
}

fn rounded(above: i128, below: i128) -> Option<i128> {
    let (quotient, rest) = (above / below, above % below);
    let up = rest.checked_mul(2)?.checked_abs()? >= below.checked_abs()?;
    let sign = above.signum() * below.signum();
    Some(if up { quotient + sign } else { quotient })
}

impl std::fmt::Display for Decimal {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let places = usize::try_from(self.places).unwrap_or(0);
        let digits = format!("{:0width$}", self.mantissa.unsigned_abs(), width = places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let point = if places > 0 { "." } else { "" };
        write!(out, "{sign}{whole}{point}{fraction}")
    }
}
