//! Reading of records: what is asked, what comes back.

use std::collections::HashSet;

use futures::stream::{StreamExt as _, TryStreamExt as _};
use model::field::{Field, Kind};
use model::value::{RecordSink, RowSink, Value};
use tokio::task::JoinSet;

use super::client::Kintone;
use super::error::{Class, KintoneError, Right};
use super::http::{Param, Request};
use super::page::{Fetched, Pages, Window};
use super::parse::Columns;
use super::query::{and, one_of};
use super::ranges::Ranges;

/// Records of a page: kintone's most.
pub const PAGE: u64 = 500;

/// Keys in one `key in (…)`. With a unique key the answer is one page; kintone names no longest query.
pub const KEYS_PER_CALL: usize = 250;

/// A field to read: one column of the sink, in the order of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadField {
    /// Field code, `$id` and `$revision` among them.
    pub code: String,
    /// How its values are read.
    pub kind: Kind,
    /// The kinds of a table's columns. Where a column is not named here, kintone's type in the answer decides.
    pub cells: Vec<(String, Kind)>,
}

impl ReadField {
    /// A field of this kind.
    pub fn new(code: impl Into<String>, kind: Kind) -> Self {
        Self { code: code.into(), kind, cells: Vec::new() }
    }

    /// A field as the schema has it; `None` for fields that are never part of a record.
    pub fn of(field: &Field) -> Option<Self> {
        let cells = field.fields.iter().filter_map(|f| Some((f.code.clone(), f.kind()?))).collect();
        Some(Self { code: field.code.clone(), kind: field.kind()?, cells })
    }
}

/// What to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadRequest {
    /// The app's number.
    pub app: u64,
    /// The fields, each a column.
    pub fields: Vec<ReadField>,
    /// Condition in kintone's query language, without order and limit. `None`: all records.
    pub condition: Option<String>,
}

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadResult<S> {
    /// The sinks, in ascending order of `$id`: all records of one come before all of the next. At least one.
    pub sinks: Vec<S>,
    /// Records in them.
    pub records: u64,
    /// Calls made, repeated ones included.
    pub calls: u64,
    /// How many kintone counted when the read began.
    pub total: u64,
}

/// A read whose first page is there: how many records it has is known, and what lies behind that page is still to be read.
#[derive(Debug)]
pub struct Begun<S> {
    pages: Pages,
    result: ReadResult<S>,
    /// The last id of the first page, where more may follow.
    after: Option<u64>,
}

impl<S> Begun<S> {
    /// How many records kintone counts.
    pub fn total(&self) -> u64 {
        self.result.total
    }
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// `$id`
    pub id: u64,
    /// `$revision`
    pub revision: u64,
    /// A value per field asked for, same order.
    pub values: Vec<Value>,
}

impl Kintone {
    /// Reads the records of an app that meet a condition, in parallel.
    ///
    /// `make_sink` is called once per contiguous range of ids. Records added after the start are not in the result,
    /// records deleted meanwhile may be missing. A field that is not permitted or gone is an error, never a blank.
    ///
    /// The first call brings the first page and the number of records, the second the last page, and with it the id at
    /// which the read ends, whatever is added later. What lies between is cut into ranges that are read at once.
    pub async fn read<S>(&self, request: &ReadRequest, make_sink: impl Fn() -> S) -> Result<ReadResult<S>, KintoneError>
    where
        S: RecordSink + Send + 'static,
    {
        let begun = self.begin_read(request, make_sink()).await?;
        self.finish_read(begun, make_sink).await
    }

    /// The first call of a [`Kintone::read`]: the first page, and the number of records.
    pub async fn begin_read<S: RecordSink>(&self, request: &ReadRequest, sink: S) -> Result<Begun<S>, KintoneError> {
        let pages = Pages::new(self, request)?;
        let Fetched { what: (sink, page), calls } = pages.fetch_into(Window::First, sink).await?;
        let total = page.total.ok_or_else(|| pages.name(KintoneError::malformed("totalCount is missing")))?;
        if page.records == 0 && total > 0 {
            let message = format!("kintone counts {total} records and shows none");
            return Err(pages.name(KintoneError::new(Class::Permission, message)));
        }
        let after = page.ids.filter(|_| page.records >= PAGE && total > PAGE).map(|(_, end)| end);
        Ok(Begun { pages, result: ReadResult { sinks: vec![sink], records: page.records, calls, total }, after })
    }

    /// All further calls of a [`Kintone::read`].
    pub async fn finish_read<S>(
        &self,
        begun: Begun<S>,
        make_sink: impl Fn() -> S,
    ) -> Result<ReadResult<S>, KintoneError>
    where
        S: RecordSink + Send + 'static,
    {
        let Begun { pages, mut result, after } = begun;
        let (Some(first_end), total) = (after, result.total) else { return Ok(result) };
        let (second, last) = if total > 2 * PAGE {
            let second = pages.fetch_into(Window::After(first_end, None), make_sink());
            let (second, last) = futures::try_join!(second, pages.fetch(Window::Last))?;
            (Some(second), last)
        } else {
            (None, pages.fetch(Window::Last).await?)
        };
        let mut before = first_end;
        if let Some(Fetched { what: (sink, page), calls }) = second {
            result.take(sink, page.records, calls);
            before = page.ids.map_or(before, |(_, end)| end);
        }
        let mut last_sink = make_sink();
        let end = pages.columns.parse_reversed(&last.what, before, &mut last_sink).map_err(|e| pages.name(e))?;
        // A last page that is full of records above `before` may leave a gap. The count cannot tell that there is
        // none: records added since the first call take places on the last page.
        let gap_end = end.ids.filter(|_| end.records >= PAGE).map_or(before, |(first, _)| first - 1);
        if gap_end > before {
            let known = result.records + end.records;
            let ranges = Ranges::new(before, gap_end, total.saturating_sub(known), self.workers());
            read_ranges(&pages, ranges, self.workers(), &make_sink, &mut result).await?;
        }
        result.take(last_sink, end.records, last.calls);
        Ok(result)
    }

    /// Reads the records whose `key` is one of `values` and that meet the request's condition.
    ///
    /// `key` is a field that holds one value, `values` are in kintone's text form; blank and repeated ones are left out.
    /// Sinks follow the order of the values in chunks; within a chunk records are in the order of `$id`.
    pub async fn read_by_keys<S>(
        &self,
        request: &ReadRequest,
        key: &str,
        values: &[String],
        make_sink: impl Fn() -> S,
    ) -> Result<ReadResult<S>, KintoneError>
    where
        S: RecordSink + Send + 'static,
    {
        let mut seen = HashSet::new();
        let distinct: Vec<&str> =
            values.iter().map(String::as_str).filter(|v| !v.is_empty() && seen.insert(*v)).collect();
        let chunks: Vec<ReadRequest> = distinct
            .chunks(KEYS_PER_CALL)
            .map(|chunk| ReadRequest {
                condition: and(request.condition.as_deref(), Some(&one_of(key, chunk))),
                ..request.clone()
            })
            .collect();
        // The futures are made before the stream: a closure inside it would keep the whole from being `Send`.
        let reads: Vec<_> = chunks.iter().map(|chunk| self.read(chunk, &make_sink)).collect();
        let reads = futures::stream::iter(reads).buffered(self.workers());
        let all: Vec<ReadResult<S>> = reads.try_collect().await?;
        let mut result = ReadResult { sinks: Vec::new(), records: 0, calls: 0, total: 0 };
        for one in all {
            result.sinks.extend(one.sinks);
            result.records += one.records;
            result.calls += one.calls;
            result.total += one.total;
        }
        if result.sinks.is_empty() {
            result.sinks.push(make_sink());
        }
        Ok(result)
    }

    /// Reads one record; `None` where there is none of this id.
    pub async fn read_one(&self, app: u64, id: u64, fields: &[ReadField]) -> Result<Option<Record>, KintoneError> {
        let mut wanted = fields.to_vec();
        let revision_at = wanted.iter().position(|f| f.code == "$revision").unwrap_or_else(|| {
            wanted.push(ReadField::new("$revision", Kind::Number));
            fields.len()
        });
        let params = vec![("app", Param::One(app.to_string())), ("id", Param::One(id.to_string()))];
        let request = Request::get("record.json", app, Right::ViewRecords, params);
        let answer = match self.call(&request).await {
            Ok(answer) => answer,
            Err(error) if error.code == "GAIA_RE01" => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut sink = RowSink::new(wanted.len());
        let page = Columns::new(&wanted)?.parse(&answer.body, &mut sink).map_err(|e| request.info().name(e))?;
        let (Some((id, _)), Some(mut values)) = (page.ids, sink.rows.pop()) else {
            return Err(request.info().name(KintoneError::malformed("no record in the answer")));
        };
        let revision = match &values[revision_at] {
            Value::Number(n) => n.to_i64().and_then(|n| u64::try_from(n).ok()),
            Value::Text(text) => text.parse().ok(),
            _ => None,
        };
        let revision =
            revision.ok_or_else(|| request.info().name(KintoneError::malformed("$revision is not a number")))?;
        values.truncate(fields.len());
        Ok(Some(Record { id, revision, values }))
    }

    fn workers(&self) -> usize {
        self.inner.connector.settings().concurrency.max(1)
    }
}

impl<S> ReadResult<S> {
    fn take(&mut self, sink: S, records: u64, calls: u64) {
        self.sinks.push(sink);
        self.records += records;
        self.calls += calls;
    }
}

/// Reads all ranges, one page at a time each, all at once. Pages are parsed where they arrive and dropped.
async fn read_ranges<S>(
    pages: &Pages,
    mut ranges: Ranges,
    workers: usize,
    make_sink: &impl Fn() -> S,
    result: &mut ReadResult<S>,
) -> Result<(), KintoneError>
where
    S: RecordSink + Send + 'static,
{
    // Dropped on an error, it ends the calls that are still running.
    let mut running = JoinSet::new();
    let mut sinks: Vec<Option<S>> = Vec::new();
    let mut next: Vec<usize> = (0..ranges.len()).collect();
    loop {
        for at in next.drain(..) {
            sinks.resize_with(ranges.len(), || Some(make_sink()));
            let Some(sink) = sinks[at].take() else { continue };
            let (pages, (after, upto)) = (pages.clone(), ranges.window(at));
            running.spawn(async move { (at, pages.fetch_into(Window::After(after, Some(upto)), sink).await) });
        }
        let Some(joined) = running.join_next().await else { break };
        let (at, fetched) = joined.map_err(|e| pages.name(KintoneError::local(format!("a reader stopped: {e}"))))?;
        let Fetched { what: (sink, page), calls } = fetched?;
        sinks[at] = Some(sink);
        result.records += page.records;
        result.calls += calls;
        let idle = workers.saturating_sub(running.len() + 1);
        next = ranges.arrived(at, page.records, page.ids, idle);
    }
    result.sinks.extend(ranges.order().into_iter().filter_map(|at| sinks[at].take()));
    Ok(())
}
