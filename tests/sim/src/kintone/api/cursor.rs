//! Cursors.

use std::io::Write as _;

use serde_json::json;

use super::Answer;
use crate::kintone::catalogue;
use crate::kintone::error::{ApiError, ApiResult};
use crate::kintone::params::{AT_LEAST_ONE, Params};
use crate::kintone::render::Selection;
use crate::kintone::scope::Scope;
use crate::kintone::select;
use crate::kintone::text::Text;
use crate::kintone::world::World;
use crate::spec::Right;

/// Records per page where none is asked for.
const DEFAULT_SIZE: u64 = 100;
/// The most records of a page.
const SIZE_AT_MOST: u64 = 500;

const SIZE_TOO_LARGE: Text = Text::fixed("最大でも500以下です。", "must be less than or equal to 500");

/// `POST records/cursor.json`.
pub fn create(world: &mut World, scope: &Scope, params: &Params) -> ApiResult<Answer> {
    let app_id = params.id("app")?;
    let app = scope.allow_records(world, app_id, Right::View)?;
    let size = match params.count("size", DEFAULT_SIZE)? {
        0 => return Err(ApiError::invalid_at("size", AT_LEAST_ONE)),
        size if size > SIZE_AT_MOST => return Err(ApiError::invalid_at("size", SIZE_TOO_LARGE)),
        size => usize::try_from(size).unwrap_or(usize::MAX),
    };
    let fields = params.texts("fields")?;
    let query = select::prepare(&app.form, &params.text("query")?.unwrap_or_default(), false)?;
    let found = select::run(world, scope, app, &query, false, false)?;
    let (cut, total) = (found.cut, found.records.len());
    let ids = found.records.iter().map(|record| record.id).collect();
    let World { cursors, switches, .. } = world;
    let id = cursors.create(app_id, fields, size, ids, scope.now, switches).ok_or(catalogue::TOO_MANY_CURSORS)?;
    let body = json!({ "id": id, "totalCount": total.to_string() }).to_string().into_bytes();
    Ok(Answer { body, warning: cut.then_some(select::CUT_WARNING) })
}

/// `GET records/cursor.json`.
pub fn next(world: &mut World, scope: &Scope, params: &Params) -> ApiResult<Answer> {
    let id = key(params)?;
    check_app(world, scope, &id)?;
    let World { cursors, switches, apps, .. } = world;
    let cursor = cursors.renew(&id, scope.now, switches).ok_or(catalogue::NO_CURSOR)?;
    let page: Vec<u64> = cursor.left.drain(..cursor.size.min(cursor.left.len())).collect();
    let more = !cursor.left.is_empty();
    let app = apps.get(&cursor.app).ok_or_else(|| catalogue::no_app(cursor.app))?;
    let mut body = b"{\"records\":".to_vec();
    // Records that were deleted since are passed over.
    let records = page.iter().filter_map(|id| app.records().get(id));
    Selection::of(&app.rules, cursor.fields.as_deref()).records(&mut body, records);
    let _ = write!(body, ",\"next\":{more}}}");
    if !more {
        cursors.remove(&id, scope.now);
    }
    Ok(Answer { body, warning: None })
}

/// `DELETE records/cursor.json`.
pub fn delete(world: &mut World, scope: &Scope, params: &Params) -> ApiResult<Answer> {
    let id = key(params)?;
    check_app(world, scope, &id)?;
    if world.cursors.remove(&id, scope.now) { Ok(json!({}).into()) } else { Err(catalogue::NO_CURSOR) }
}

fn key(params: &Params) -> ApiResult<String> {
    params.require(&["id"])?;
    Ok(params.text("id")?.unwrap_or_default())
}

fn check_app(world: &World, scope: &Scope, id: &str) -> ApiResult<()> {
    let app = world.cursors.app_of(id).ok_or(catalogue::NO_CURSOR)?;
    scope.allow_records(world, app, Right::View).map(|_| ())
}
