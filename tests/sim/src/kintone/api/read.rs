//! Reading records.

use std::io::Write as _;

use super::Answer;
use crate::kintone::catalogue;
use crate::kintone::error::ApiResult;
use crate::kintone::params::Params;
use crate::kintone::render::{self, Selection};
use crate::kintone::scope::Scope;
use crate::kintone::select;
use crate::kintone::world::World;
use crate::spec::Right;

/// Bytes of a record that an answer makes room for at first.
const RECORD_SIZE: usize = 512;

/// `GET record.json`.
pub fn record(world: &World, scope: &Scope, params: &Params) -> ApiResult<Answer> {
    params.require(&["app", "id"])?;
    let (app, id) = (params.id("app")?, params.id("id")?);
    let app = scope.allow_records(world, app, Right::View)?;
    let record = app.records().get(&id).ok_or_else(|| catalogue::no_record(id))?;
    let mut body = b"{\"record\":".to_vec();
    body.extend_from_slice(&render::whole(&app.rules, record));
    body.push(b'}');
    Ok(Answer { body, warning: None })
}

/// `GET records.json`.
pub fn records(world: &World, scope: &Scope, params: &Params) -> ApiResult<Answer> {
    let app = scope.allow_records(world, params.id("app")?, Right::View)?;
    let (fields, total) = (params.texts("fields")?, params.flag("totalCount")?);
    let query = select::prepare(&app.form, &params.text("query")?.unwrap_or_default(), true)?;
    let found = select::run(world, scope, app, &query, true, total)?;
    let mut body = Vec::with_capacity(64 + found.records.len() * RECORD_SIZE);
    body.extend_from_slice(b"{\"records\":");
    Selection::of(&app.rules, fields.as_deref()).records(&mut body, found.records.into_iter());
    let _ = match found.total {
        Some(total) => write!(body, ",\"totalCount\":\"{total}\"}}"),
        None => write!(body, ",\"totalCount\":null}}"),
    };
    Ok(Answer { body, warning: found.cut.then_some(select::CUT_WARNING) })
}
