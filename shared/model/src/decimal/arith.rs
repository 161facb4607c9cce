//! Decimal arithmetic: add, subtract, multiply, divide, round; checked, with 256-bit intermediates.
