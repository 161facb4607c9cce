//! How many records meet a condition, without reading them.

use serde::Deserialize;

use super::answer::{Num, not_understood, read_answer};
use super::client::Kintone;
use super::error::{KintoneError, Right};
use super::http::{Param, Request};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Counted {
    total_count: Option<Num>,
}

impl Kintone {
    /// How many records of an app meet a condition (without order and limit); all records where there is none. One call.
    pub async fn count(&self, app: u64, condition: Option<&str>) -> Result<u64, KintoneError> {
        let query = format!("{} limit 1", condition.unwrap_or_default());
        let params = vec![
            ("app", Param::One(app.to_string())),
            ("query", Param::One(query.trim_start().to_owned())),
            ("fields", Param::Many(vec!["$id".to_owned()])),
            ("totalCount", Param::One("true".to_owned())),
        ];
        let request = Request::get("records.json", app, Right::ViewRecords, params);
        let counted: Counted = read_answer(&self.call(&request).await?.body, &request.info())?;
        counted.total_count.map(|n| n.0).ok_or_else(|| not_understood(&request.info(), "no totalCount"))
    }
}
