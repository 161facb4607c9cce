//! Commands over rows, beside DuckDB and Polars.
