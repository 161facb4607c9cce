//! The calls of the API, one file per subject. A call gets its parameters and returns the bytes of its answer.

pub mod apps;
pub mod bulk;
pub mod comments;
pub mod cursor;
pub mod deploy;
pub mod fields;
pub mod members;
pub mod preview;
pub mod process;
pub mod read;
pub mod write;

use serde_json::Value;

use super::catalogue::{ILLEGAL, NO_FILE};
use super::changes::Changes;
use super::error::{ApiError, ApiResult};
use super::files::Stored;
use super::params::Params;
use super::route::{Op, Route};
use super::scope::Scope;
use super::world::World;
use crate::spec::Right;

/// What a call answers.
#[derive(Debug, Default)]
pub struct Answer {
    /// The JSON body.
    pub body: Vec<u8>,
    /// The text of `X-Cybozu-Warning`.
    pub warning: Option<&'static str>,
}

impl From<Value> for Answer {
    fn from(value: Value) -> Self {
        Self { body: value.to_string().into_bytes(), warning: None }
    }
}

/// Why a call was refused.
#[derive(Debug)]
pub enum Refusal {
    /// The call itself.
    Call(ApiError),
    /// A part of a bulkRequest, of so many.
    Part {
        /// Which.
        index: usize,
        /// Of how many.
        of: usize,
        /// Why.
        error: ApiError,
    },
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        Self::Call(error)
    }
}

/// Whether a call changes nothing but what the read lock allows.
pub fn only_reads(op: Op) -> bool {
    matches!(
        op,
        Op::GetRecord
            | Op::GetRecords
            | Op::GetComments
            | Op::GetApp
            | Op::GetApps
            | Op::GetFields
            | Op::GetLayout
            | Op::GetSettings
            | Op::GetProcess
            | Op::GetViews
            | Op::GetDeploy
            | Op::GetUsers
            | Op::GetOrganizations
            | Op::GetGroups
    )
}

/// Runs a call that only reads.
pub fn run_read(world: &World, scope: &Scope, route: Route, params: &Params) -> ApiResult<Answer> {
    match route.op {
        Op::GetRecord => read::record(world, scope, params),
        Op::GetRecords => read::records(world, scope, params),
        Op::GetComments => comments::list(world, scope, params),
        Op::GetApp => apps::one(world, scope, params),
        Op::GetApps => apps::list(world, scope, params),
        Op::GetFields | Op::GetLayout | Op::GetSettings | Op::GetProcess | Op::GetViews => {
            apps::settings(world, scope, route, params)
        }
        Op::GetDeploy => deploy::status(world, scope, params),
        Op::GetUsers | Op::GetOrganizations | Op::GetGroups => members::list(world, scope, route.op, params),
        _ => Err(ILLEGAL),
    }
}

/// Runs a call that changes something; where it fails, nothing has changed. Returns what is left to be told.
pub fn run_write(world: &mut World, scope: &Scope, op: Op, params: Params) -> Result<(Answer, Changes), Refusal> {
    let mut changes = Changes::default();
    let result = match op {
        Op::Bulk => bulk::run(world, &mut changes, scope, params),
        op => run_part(world, &mut changes, scope, op, params).map_err(Refusal::Call),
    };
    match result {
        Ok(answer) => Ok((answer, changes)),
        Err(refusal) => {
            changes.roll_back(world);
            Err(refusal)
        }
    }
}

/// Runs one changing call without taking anything back.
pub fn run_part(world: &mut World, changes: &mut Changes, scope: &Scope, op: Op, params: Params) -> ApiResult<Answer> {
    match op {
        Op::AddRecord => write::add_one(world, changes, scope, params),
        Op::UpdateRecord => write::update_one(world, changes, scope, params),
        Op::AddRecords => write::add_many(world, changes, scope, params),
        Op::UpdateRecords => write::update_many(world, changes, scope, params),
        Op::DeleteRecords => write::delete_many(world, changes, scope, &params),
        Op::UpdateStatus => process::status(world, changes, scope, &params),
        Op::UpdateStatuses => process::statuses(world, changes, scope, &params),
        Op::UpdateAssignees => process::assignees(world, changes, scope, &params),
        Op::AddComment => comments::add(world, changes, scope, &params),
        Op::DeleteComment => comments::delete(world, scope, &params),
        Op::CreateCursor => cursor::create(world, scope, &params),
        Op::GetCursor => cursor::next(world, scope, &params),
        Op::DeleteCursor => cursor::delete(world, scope, &params),
        Op::AddApp => preview::add_app(world, scope, &params),
        Op::AddFields => fields::add(world, scope, &params),
        Op::UpdateFields => fields::update(world, scope, &params),
        Op::DeleteFields => fields::delete(world, scope, &params),
        Op::UpdateLayout | Op::UpdateSettings | Op::UpdateProcess | Op::UpdateViews => {
            preview::update(world, scope, op, &params)
        }
        Op::Deploy => deploy::start(world, scope, &params),
        _ => Err(ILLEGAL),
    }
}

/// The file behind a key, for those who may see its app.
pub fn download<'w>(world: &'w World, scope: &Scope, params: &Params) -> ApiResult<&'w Stored> {
    params.require(&["fileKey"])?;
    let key = params.text("fileKey")?.unwrap_or_default();
    let file = world.files.download(&key).ok_or(NO_FILE)?;
    let app = file.app.ok_or(NO_FILE)?;
    // Files of guest spaces are read on both paths, so the path is not held against the app.
    let scope = Scope { guest_space: world.app(app)?.guest_space, ..scope.clone() };
    scope.allow(world, app, &[Right::View])?;
    Ok(file)
}
