//! One page of a read: its query, its call, its records.

use std::sync::Arc;

use bytes::Bytes;
use model::value::RecordSink;

use super::client::Kintone;
use super::error::{KintoneError, Right};
use super::http::{Param, Request};
use super::parse::{Columns, Page};
use super::query::and;
use super::read::{PAGE, ReadRequest};

/// What all pages of a read have in common.
#[derive(Clone, Debug)]
pub(crate) struct Pages {
    kintone: Kintone,
    app: u64,
    condition: Option<String>,
    pub(crate) columns: Arc<Columns>,
}

/// Which page.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Window {
    /// The first page, with the number of all records.
    First,
    /// The first page above the first id, up to the second where there is one.
    After(u64, Option<u64>),
    /// The last page, in descending order.
    Last,
}

/// A page and the attempts that it took.
pub(crate) struct Fetched<T> {
    pub(crate) what: T,
    pub(crate) calls: u64,
}

impl Pages {
    pub(crate) fn new(kintone: &Kintone, request: &ReadRequest) -> Result<Self, KintoneError> {
        let columns = Arc::new(Columns::new(&request.fields)?);
        Ok(Self { kintone: kintone.clone(), app: request.app, condition: request.condition.clone(), columns })
    }

    fn request(&self, window: Window) -> Request {
        let (bounds, direction) = match window {
            Window::First => (Some("$id > 0".to_owned()), "asc"),
            Window::After(after, None) => (Some(format!("$id > {after}")), "asc"),
            Window::After(after, Some(upto)) => (Some(format!("$id > {after} and $id <= {upto}")), "asc"),
            Window::Last => (None, "desc"),
        };
        let condition = and(self.condition.as_deref(), bounds.as_deref()).unwrap_or_default();
        let query = format!("{condition} order by $id {direction} limit {PAGE}");
        let mut params = vec![
            ("app", Param::One(self.app.to_string())),
            ("query", Param::One(query.trim_start().to_owned())),
            ("fields", Param::Many(self.columns.codes())),
        ];
        if matches!(window, Window::First) {
            params.push(("totalCount", Param::One("true".to_owned())));
        }
        Request::get("records.json", self.app, Right::ViewRecords, params)
    }

    /// The bytes of a page.
    pub(crate) async fn fetch(&self, window: Window) -> Result<Fetched<Bytes>, KintoneError> {
        let answer = self.kintone.call(&self.request(window)).await?;
        Ok(Fetched { what: answer.body, calls: answer.attempts })
    }

    /// A page in ascending order, its records handed to the sink.
    pub(crate) async fn fetch_into<S: RecordSink>(
        &self,
        window: Window,
        mut sink: S,
    ) -> Result<Fetched<(S, Page)>, KintoneError> {
        let Fetched { what: body, calls } = self.fetch(window).await?;
        let page = self.columns.parse(&body, &mut sink).map_err(|e| self.name(e))?;
        Ok(Fetched { what: (sink, page), calls })
    }

    /// Says of an error which call and app it belongs to.
    pub(crate) fn name(&self, error: KintoneError) -> KintoneError {
        self.request(Window::Last).info().name(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kintone::{Connection, Credential, Settings};

    fn query(condition: Option<&str>, window: Window) -> String {
        let connection = Connection::new("https://a.cybozu.com", Credential::tokens("t"));
        let kintone = Kintone::new(connection, Settings::default()).unwrap();
        let condition = condition.map(str::to_owned);
        let request = ReadRequest { app: 1, fields: vec![], condition };
        match Pages::new(&kintone, &request).unwrap().request(window).payload {
            super::super::http::Payload::Params(params) => match &params[1].1 {
                Param::One(query) => query.clone(),
                Param::Many(_) => String::new(),
            },
            super::super::http::Payload::Json(_) => String::new(),
        }
    }

    #[test]
    fn queries_keep_the_condition_whole() {
        assert_eq!(query(None, Window::First), "$id > 0 order by $id asc limit 500");
        assert_eq!(query(None, Window::Last), "order by $id desc limit 500");
        assert_eq!(
            query(Some("a = 1 or b = 2"), Window::After(7, Some(9))),
            "(a = 1 or b = 2) and ($id > 7 and $id <= 9) order by $id asc limit 500"
        );
        assert_eq!(query(Some("a = 1"), Window::Last), "a = 1 order by $id desc limit 500");
    }
}
