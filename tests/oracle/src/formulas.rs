//! Generated formulas, beside LibreOffice Calc.
//!
//! [`generate`] makes formulas by the argument shapes of [`shapes`]; the script `libreoffice` of this crate has them computed;
//! [`report`] computes the same here and compares. What differs must be explained by an entry of [`differences`].

pub mod answer;
pub mod cells;
pub mod differences;
pub mod generate;
pub mod leaves;
pub mod pools;
pub mod report;
pub mod shapes;
pub mod suiro;
pub mod tree;
