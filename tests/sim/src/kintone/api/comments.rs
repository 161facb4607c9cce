//! Comments on records.

use serde_json::{Value, json};

use super::Answer;
use crate::kintone::app::Comment;
use crate::kintone::catalogue;
use crate::kintone::changes::Changes;
use crate::kintone::error::{ApiError, ApiResult};
use crate::kintone::notices::{self, tell_comment};
use crate::kintone::params::{NOT_IN_ENUM, PARAMETER_REQUIRED, Params};
use crate::kintone::scope::Scope;
use crate::kintone::text::Text;
use crate::kintone::world::World;
use crate::spec::Right;

/// The most comments of one answer, also the default.
const COMMENTS_AT_MOST: u64 = 10;
/// The longest text, in characters.
const TEXT_AT_MOST: usize = 65_535;
/// The most mentions.
const MENTIONS_AT_MOST: usize = 10;

const LIMIT_TOO_LARGE: Text = Text::fixed("最大でも10以下です。", "must be less than or equal to 10");
const TEXT_TOO_LONG: Text = Text::fixed("65535文字以内で入力してください。", "Enter 65535 characters or less.");
const TOO_MANY_MENTIONS: Text =
    Text::fixed("メンションは10件まで指定できます。", "A maximum of 10 mentions can be specified.");

/// `GET record/comments.json`.
pub fn list(world: &World, scope: &Scope, params: &Params) -> ApiResult<Answer> {
    params.require(&["app", "record"])?;
    let (app, record) = (params.id("app")?, params.id("record")?);
    let app = scope.allow_records(world, app, Right::View)?;
    if !app.records().contains_key(&record) {
        return Err(catalogue::no_record(record));
    }
    let ascending = match params.text("order")?.as_deref() {
        None | Some("desc") => false,
        Some("asc") => true,
        Some(_) => return Err(ApiError::invalid_at("order", NOT_IN_ENUM)),
    };
    let offset = usize::try_from(params.count("offset", 0)?).unwrap_or(usize::MAX);
    let limit = match params.count("limit", COMMENTS_AT_MOST)? {
        limit if limit > COMMENTS_AT_MOST => return Err(ApiError::invalid_at("limit", LIMIT_TOO_LARGE)),
        limit => usize::try_from(limit).unwrap_or(0),
    };
    let held = app.comments.get(&record).map_or(&[][..], |comments| comments.list.as_slice());
    let page: Vec<&Comment> = if ascending {
        held.iter().skip(offset).take(limit).collect()
    } else {
        held.iter().rev().skip(offset).take(limit).collect()
    };
    let before = offset.min(held.len()) > 0;
    let after = offset.saturating_add(page.len()) < held.len();
    let (older, newer) = if ascending { (before, after) } else { (after, before) };
    let told: Vec<Value> = page.into_iter().map(tell_comment).collect();
    Ok(json!({ "comments": told, "older": older, "newer": newer }).into())
}

/// `POST record/comment.json`.
pub fn add(world: &mut World, changes: &mut Changes, scope: &Scope, params: &Params) -> ApiResult<Answer> {
    params.require(&["app", "record", "comment"])?;
    let (app_id, record) = (params.id("app")?, params.id("record")?);
    let app = scope.allow_records(world, app_id, Right::View)?;
    if !app.records().contains_key(&record) {
        return Err(catalogue::no_record(record));
    }
    let comment = params.get("comment").cloned().unwrap_or_default();
    let text = comment["text"].as_str().unwrap_or("");
    let mentions = comment["mentions"].as_array().cloned().unwrap_or_default();
    if text.is_empty() && mentions.is_empty() {
        return Err(ApiError::invalid_at("comment.text", PARAMETER_REQUIRED));
    }
    if text.chars().count() > TEXT_AT_MOST {
        return Err(ApiError::invalid_at("comment.text", TEXT_TOO_LONG));
    }
    if mentions.len() > MENTIONS_AT_MOST {
        return Err(ApiError::invalid_at("comment.mentions", TOO_MANY_MENTIONS));
    }
    let mentions: Vec<Value> = mentions
        .iter()
        .map(|mention| json!({ "code": mention["code"], "type": mention["type"].as_str().unwrap_or("USER") }))
        .collect();
    let creator = scope.person(world);
    let comments = world.app_mut(app_id)?.comments.entry(record).or_default();
    comments.last += 1;
    let comment =
        Comment { id: comments.last, text: text.to_owned(), created_at: scope.now, creator, mentions: mentions.into() };
    comments.list.push(comment.clone());
    notices::commented(world, scope, changes, app_id, record, &comment);
    Ok(json!({ "id": comment.id.to_string() }).into())
}

/// `DELETE record/comment.json`.
pub fn delete(world: &mut World, scope: &Scope, params: &Params) -> ApiResult<Answer> {
    params.require(&["app", "record", "comment"])?;
    let (app, record, comment) = (params.id("app")?, params.id("record")?, params.id("comment")?);
    if !scope.allow_records(world, app, Right::View)?.records().contains_key(&record) {
        return Err(catalogue::no_record(record));
    }
    let held = world.app_mut(app)?.comments.entry(record).or_default();
    let before = held.list.len();
    held.list.retain(|each| each.id != comment);
    if held.list.len() == before { Err(catalogue::NO_COMMENT) } else { Ok(json!({}).into()) }
}
