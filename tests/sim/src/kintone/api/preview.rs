//! Changing the preview settings: new apps, layout, general settings, process management, views.

use serde_json::{Value, json};

use super::Answer;
use crate::kintone::app::App;
use crate::kintone::catalogue::{self, BAD_JSON};
use crate::kintone::error::{ApiError, ApiResult};
use crate::kintone::params::{PARAMETER_REQUIRED, Params};
use crate::kintone::route::Op;
use crate::kintone::scope::{Caller, Scope};
use crate::kintone::settings::Settings;
use crate::kintone::text::Text;
use crate::kintone::world::World;
use crate::spec::{ALL_RIGHTS, Right};

/// The longest name of an app, in characters.
const NAME_AT_MOST: usize = 64;

const NAME_TOO_LONG: Text = Text::fixed("64文字以内で入力してください。", "Enter 64 characters or less.");

/// `POST preview/app.json`. Tokens belong to an app and so cannot make one.
pub fn add_app(world: &mut World, scope: &Scope, params: &Params) -> ApiResult<Answer> {
    let Caller::User(login) = &scope.caller else { return Err(catalogue::TOKEN_LACKS_RIGHT) };
    params.require(&["name"])?;
    let name = params.text("name")?.unwrap_or_default();
    if name.chars().count() > NAME_AT_MOST {
        return Err(ApiError::invalid_at("name", NAME_TOO_LONG));
    }
    let mut settings = Settings::new(&name, &world.switches.app_language);
    // A new app's first revision is 2: making it counts as a change.
    settings.revision = 2;
    let id = world.next_app();
    let mut app = App::new(id, settings, false, (scope.now, scope.person(world)));
    app.guest_space = scope.guest_space;
    world.apps.insert(id, app);
    if let Some(rights) = world.users.get_mut(login).and_then(|user| user.rights.as_mut()) {
        rights.insert(id, ALL_RIGHTS.to_vec());
    }
    Ok(json!({ "app": id.to_string(), "revision": "2" }).into())
}

/// `PUT preview/app/form/layout.json`, `settings.json`, `status.json` and `views.json`.
pub fn update(world: &mut World, scope: &Scope, op: Op, params: &Params) -> ApiResult<Answer> {
    let wanted = match op {
        Op::UpdateLayout => Some("layout"),
        Op::UpdateViews => Some("views"),
        _ => None,
    };
    let app = editable(world, scope, params)?;
    if let Some(wanted) = wanted {
        params.require(&[wanted])?;
    }
    let settings = &mut app.preview;
    match op {
        Op::UpdateLayout => settings.layout = params.get("layout").cloned(),
        Op::UpdateViews => settings.views = params.get("views").cloned().unwrap_or_else(|| json!({})),
        Op::UpdateProcess => settings.set_process(&Value::Object(params.0.clone())),
        _ => update_general(settings, params)?,
    }
    settings.revision += 1;
    Ok(json!({ "revision": settings.revision.to_string() }).into())
}

fn update_general(settings: &mut Settings, params: &Params) -> ApiResult<()> {
    for (name, value) in params.0.iter().filter(|(_, value)| !value.is_null()) {
        match name.as_str() {
            "app" | "revision" => {}
            "name" => {
                let text = value.as_str().ok_or(BAD_JSON)?;
                if text.is_empty() {
                    return Err(ApiError::invalid_at("name", PARAMETER_REQUIRED));
                }
                if text.chars().count() > NAME_AT_MOST {
                    return Err(ApiError::invalid_at("name", NAME_TOO_LONG));
                }
                settings.name = text.to_owned();
            }
            "description" => settings.description = value.as_str().ok_or(BAD_JSON)?.to_owned(),
            "numberPrecision" => settings.precision = settings.precision.updated(value),
            known if settings.others.contains_key(known) => {
                settings.others.insert(known.to_owned(), value.clone());
            }
            _ => {}
        }
    }
    Ok(())
}

/// The app whose preview settings the call may change now.
pub fn editable<'w>(world: &'w mut World, scope: &Scope, params: &Params) -> ApiResult<&'w mut App> {
    let id = params.id("app")?;
    scope.allow(world, id, &[Right::Admin])?;
    let revision = params.revision()?;
    let app = world.app_mut(id)?;
    if app.deploy.as_ref().is_some_and(|deploy| !deploy.done) {
        return Err(catalogue::DEPLOY_RUNS);
    }
    if revision.is_some_and(|revision| revision != app.preview.revision) {
        return Err(catalogue::STALE_REVISION);
    }
    Ok(app)
}
