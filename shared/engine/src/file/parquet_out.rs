//! Tables as Parquet files: for looking at large results elsewhere. Only tools write them, so it is a feature that the
//! deployed functions do not have.
//!
//! Numbers stay exact decimals, lists stay lists. Times and instants become milliseconds: Parquet knows no seconds.

use std::io::Write;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Time32MillisecondType, Time32SecondType, TimestampMillisecondType, TimestampSecondType};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{Field, Schema};
use model::field::Kind;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;

use crate::column::Column;
use crate::error::EngineError;
use crate::table::Table;

/// Writes a table as Parquet, uncompressed. Table fields are JSON texts; instants are in UTC.
pub fn write_parquet<W: Write + Send>(table: &Table, out: W) -> Result<(), EngineError> {
    let arrays = table.columns().iter().map(array).collect::<Result<Vec<_>, _>>()?;
    let fields: Vec<Field> = table
        .columns()
        .iter()
        .zip(&arrays)
        .map(|(column, array)| Field::new(column.name(), array.data_type().clone(), true))
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let told = |e: parquet::errors::ParquetError| EngineError::plan(e.to_string());
    // The default names the version of the library, and a file should not change with that.
    let properties = WriterProperties::builder().set_created_by("suiro".to_owned()).build();
    let mut writer = ArrowWriter::try_new(out, schema.clone(), Some(properties)).map_err(told)?;
    if !arrays.is_empty() {
        writer.write(&RecordBatch::try_new(schema, arrays)?).map_err(told)?;
    }
    writer.close().map_err(told)?;
    Ok(())
}

/// A column as Parquet can hold it.
fn array(column: &Column) -> Result<ArrayRef, EngineError> {
    let told = |_| EngineError::plan(format!("column \"{}\": a time out of range", column.name()));
    Ok(match column.kind() {
        Kind::Time => {
            let seconds = column.array().as_primitive::<Time32SecondType>();
            Arc::new(seconds.unary::<_, Time32MillisecondType>(|s| s * 1_000))
        }
        Kind::Datetime => {
            let seconds = column.array().as_primitive::<TimestampSecondType>();
            let milliseconds = seconds
                .try_unary::<_, TimestampMillisecondType, _>(|s| s.checked_mul(1_000).ok_or(()))
                .map_err(told)?;
            Arc::new(milliseconds.with_timezone("UTC"))
        }
        _ => column.array().clone(),
    })
}

#[cfg(test)]
mod tests {
    use model::value::Value;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let shape = [
            flow::plan::Column::new("商品", Kind::Text),
            flow::plan::Column::new("数", Kind::Number),
            flow::plan::Column::new("時刻", Kind::Time),
            flow::plan::Column::new("日時", Kind::Datetime),
            flow::plan::Column::new("印", Kind::Texts),
        ];
        let number = |text: &str| Value::Number(text.parse().unwrap());
        let rows = [
            vec![
                Value::text("りんご"),
                number("12345678901234567890.5"),
                Value::Time(61),
                Value::Datetime(5),
                Value::Texts(vec!["a".into(), "b".into()]),
            ],
            vec![Value::Blank; 5],
        ];
        let table = Table::from_rows(&shape, &rows).unwrap();
        let mut bytes = Vec::new();
        write_parquet(&table, &mut bytes).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes)).unwrap();
        let batch = reader.build().unwrap().next().unwrap().unwrap();
        assert_eq!((batch.num_rows(), batch.num_columns()), (2, 5));
        assert_eq!(
            batch.column(1).as_primitive::<arrow_array::types::Decimal128Type>().value(0),
            123_456_789_012_345_678_905
        );
        assert_eq!(batch.column(2).as_primitive::<Time32MillisecondType>().value(0), 61_000);
        assert_eq!(batch.column(3).as_primitive::<TimestampMillisecondType>().value(0), 5_000);
        assert_eq!(batch.column(4).as_list::<i32>().value(0).len(), 2);
        assert!((0..5).all(|c| batch.column(c).is_null(1)));
        assert!(batch.schema().fields().iter().map(|f| f.name().as_str()).eq(["商品", "数", "時刻", "日時", "印"]));
        write_parquet(&Table::empty(&shape), Vec::new()).unwrap();
    }
}
