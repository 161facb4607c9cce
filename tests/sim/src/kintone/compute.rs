//! Calculated fields.

use super::error::ApiResult;
use super::settings::Precision;
use crate::form::Form;
use crate::record::Fields;

/// Checks all formulas of a form.
pub fn check(_form: &Form) -> ApiResult<()> {
    Ok(())
}

/// Computes all calculated fields of a record.
pub fn all(_form: &Form, _fields: &mut Fields, _precision: Precision) {}
