//! A table as CSV, streamed row by row.

use std::io::Write;

use jiff::tz::TimeZone;

use crate::table::Table;
use crate::text::value_text;

/// Writes a header line of the columns' names and one line per row. Instants stand in the zone, lists have one item per
/// line of their cell, blanks are empty.
pub fn write_csv(table: &Table, zone: &TimeZone, out: impl Write) -> std::io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(table.columns().iter().map(|c| c.name()))?;
    for row in 0..table.rows() {
        for column in table.columns() {
            match column.text(row) {
                Some(text) => writer.write_field(text)?,
                None => writer.write_field(value_text(&column.value(row), zone))?,
            }
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer.flush()
}

#[cfg(test)]
mod tests {
    use flow::plan::Column;
    use model::field::Kind;
    use model::value::Value;

    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let columns: Vec<Column> =
            [("品名", Kind::Text), ("数", Kind::Number), ("印", Kind::Texts), ("時", Kind::Datetime)]
                .map(|(name, kind)| Column { name: name.into(), kind })
                .into();
        let rows = [
            vec![
                Value::Text("a,\"b\"".into()),
                Value::Number("1.50".parse().unwrap()),
                Value::Texts(vec!["x".into(), "y".into()]),
                Value::Datetime(0),
            ],
            vec![Value::Blank; 4],
        ];
        let mut out = Vec::new();
        let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
        write_csv(&Table::from_rows(&columns, &rows).unwrap(), &tokyo, &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "品名,数,印,時\n\"a,\"\"b\"\"\",1.5,\"x\ny\",1970-01-01T09:00:00+09:00\n,,,\n"
        );
    }
}
