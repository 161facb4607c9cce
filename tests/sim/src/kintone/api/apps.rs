//! Reading apps and their settings, live and preview.

use serde_json::{Map, Value, json};

use super::Answer;
use crate::kintone::app::App;
use crate::kintone::error::{ApiError, ApiResult};
use crate::kintone::params::{self, Params};
use crate::kintone::route::{Op, Route};
use crate::kintone::scope::{Caller, Scope};
use crate::kintone::status;
use crate::kintone::text::Text;
use crate::kintone::values::temporal::to_millisecond;
use crate::kintone::world::World;
use crate::kintone::{catalogue, params::NOT_IN_ENUM};
use crate::spec::{ALL_RIGHTS, Right};

/// The most apps of one answer, also the default.
const APPS_AT_MOST: u64 = 100;

const LIMIT_OUT_OF_RANGE: Text = Text::fixed("1から100までの値を指定してください。", "must be between 1 and 100");

/// `GET app.json`.
pub fn one(world: &World, scope: &Scope, params: &Params) -> ApiResult<Answer> {
    let id = params.id("id")?;
    let app = scope.allow(world, id, &ALL_RIGHTS)?;
    if !app.deployed {
        return Err(catalogue::no_app(id));
    }
    Ok(tell(app).into())
}

/// `GET apps.json`. Tokens cannot list apps.
pub fn list(world: &World, scope: &Scope, params: &Params) -> ApiResult<Answer> {
    let Caller::User(login) = &scope.caller else { return Err(catalogue::TOKEN_LACKS_RIGHT) };
    let limit = match params.count("limit", APPS_AT_MOST)? {
        limit if (1..=APPS_AT_MOST).contains(&limit) => limit,
        _ => return Err(ApiError::invalid_at("limit", LIMIT_OUT_OF_RANGE)),
    };
    let offset = params.count("offset", 0)?;
    let (codes, name) = (params.texts("codes")?, params.text("name")?);
    let ids = numbers(params, "ids")?;
    let spaces = numbers(params, "spaceIds")?;
    let is_wanted = |app: &&App| {
        app.deployed
            && ALL_RIGHTS.iter().any(|right| world.user_may(login, app.id, *right))
            && (app.guest_space == scope.guest_space)
            && ids.as_ref().is_none_or(|ids| ids.contains(&app.id))
            && codes
                .as_ref()
                .is_none_or(|codes| app.live.form.app_code.as_ref().is_some_and(|code| codes.contains(code)))
            && spaces.as_ref().is_none_or(|ids| app.guest_space.is_some_and(|space| ids.contains(&space)))
            && name.as_ref().is_none_or(|part| app.live.name.to_lowercase().contains(&part.to_lowercase()))
    };
    let (offset, limit) = (usize::try_from(offset).unwrap_or(usize::MAX), usize::try_from(limit).unwrap_or(0));
    let told: Vec<Value> = world.apps.values().filter(is_wanted).skip(offset).take(limit).map(tell).collect();
    Ok(json!({ "apps": told }).into())
}

/// The settings of an app: fields, layout, general, process management or views.
pub fn settings(world: &World, scope: &Scope, route: Route, params: &Params) -> ApiResult<Answer> {
    let id = params.id("app")?;
    let rights: &[Right] = if route.preview { &[Right::Admin] } else { &ALL_RIGHTS };
    let app = scope.allow(world, id, rights)?;
    if !route.preview && !app.deployed {
        return Err(catalogue::no_app(id));
    }
    if let Some(lang) = params.text("lang")?
        && !["default", "user", "ja", "en", "zh", "zh-TW", "es", "pt-BR", "th"].contains(&lang.as_str())
    {
        return Err(ApiError::invalid_at("lang", NOT_IN_ENUM));
    }
    let settings = if route.preview { &app.preview } else { &app.live };
    let mut told = match route.op {
        Op::GetFields => {
            let fields = settings.form.fields.values();
            let told: Map<_, _> = fields.map(|field| (field.code.to_string(), field.to_properties())).collect();
            json!({ "properties": told })
        }
        Op::GetLayout => json!({ "layout": settings.tell_layout() }),
        Op::GetSettings => Value::Object(settings.tell_settings()),
        Op::GetProcess => status::tell(settings),
        _ => json!({ "views": settings.views }),
    };
    told["revision"] = settings.revision.to_string().into();
    Ok(told.into())
}

fn tell(app: &App) -> Value {
    let space = app.guest_space.map(|space| space.to_string());
    json!({
        "appId": app.id.to_string(),
        "code": app.live.form.app_code.as_deref().unwrap_or(""),
        "name": app.live.name,
        "description": app.live.description,
        "spaceId": space,
        "threadId": space,
        "createdAt": to_millisecond(app.created.0),
        "creator": app.created.1,
        "modifiedAt": to_millisecond(app.modified.0),
        "modifier": app.modified.1,
    })
}

fn numbers(params: &Params, name: &str) -> ApiResult<Option<Vec<u64>>> {
    let Some(items) = params.list(name)? else { return Ok(None) };
    let read = |item: &Value| Ok(u64::try_from(params::integer(item)?).unwrap_or(0));
    items.iter().map(read).collect::<ApiResult<Vec<_>>>().map(Some)
}
