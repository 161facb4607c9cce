//! Which call a method and a path mean.

use super::catalogue::ILLEGAL;
use super::error::ApiResult;

/// A call of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Op {
    GetRecord,
    AddRecord,
    UpdateRecord,
    GetRecords,
    AddRecords,
    UpdateRecords,
    DeleteRecords,
    Bulk,
    CreateCursor,
    GetCursor,
    DeleteCursor,
    UpdateStatus,
    UpdateStatuses,
    UpdateAssignees,
    GetComments,
    AddComment,
    DeleteComment,
    Upload,
    Download,
    GetApp,
    GetApps,
    GetFields,
    GetLayout,
    GetSettings,
    GetProcess,
    GetViews,
    AddApp,
    AddFields,
    UpdateFields,
    DeleteFields,
    UpdateLayout,
    UpdateSettings,
    UpdateProcess,
    UpdateViews,
    Deploy,
    GetDeploy,
    GetUsers,
    GetOrganizations,
    GetGroups,
}

/// A path that was understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The call.
    pub op: Op,
    /// The guest space of the path.
    pub guest_space: Option<u64>,
    /// Whether the preview settings are meant.
    pub preview: bool,
}

/// Finds the call. `None` is no path of the API (404); a known path with a method that it lacks is `CB_IL02`.
pub fn find(method: &str, path: &str) -> Option<ApiResult<Route>> {
    let members = match path {
        "/v1/users.json" => Some(Op::GetUsers),
        "/v1/organizations.json" => Some(Op::GetOrganizations),
        "/v1/groups.json" => Some(Op::GetGroups),
        _ => None,
    };
    if let Some(op) = members {
        let route = Route { op, guest_space: None, preview: false };
        return Some(if method == "GET" { Ok(route) } else { Err(ILLEGAL) });
    }
    let (guest_space, resource) = split(path)?;
    let (preview, name) = match resource.strip_prefix("preview/") {
        Some(name) => (true, name),
        None => (false, resource),
    };
    let name = name.strip_suffix(".json")?;
    let ops: &[(&str, Op)] = match (name, preview) {
        ("record", false) => &[("GET", Op::GetRecord), ("POST", Op::AddRecord), ("PUT", Op::UpdateRecord)],
        ("records", false) => &[
            ("GET", Op::GetRecords),
            ("POST", Op::AddRecords),
            ("PUT", Op::UpdateRecords),
            ("DELETE", Op::DeleteRecords),
        ],
        ("bulkRequest", false) => &[("POST", Op::Bulk)],
        ("records/cursor", false) => {
            &[("POST", Op::CreateCursor), ("GET", Op::GetCursor), ("DELETE", Op::DeleteCursor)]
        }
        ("record/status", false) => &[("PUT", Op::UpdateStatus)],
        ("records/status", false) => &[("PUT", Op::UpdateStatuses)],
        ("record/assignees", false) => &[("PUT", Op::UpdateAssignees)],
        ("record/comments", false) => &[("GET", Op::GetComments)],
        ("record/comment", false) => &[("POST", Op::AddComment), ("DELETE", Op::DeleteComment)],
        ("file", false) => &[("POST", Op::Upload), ("GET", Op::Download)],
        ("app", false) => &[("GET", Op::GetApp)],
        ("apps", false) => &[("GET", Op::GetApps)],
        ("app/form/fields", false) => &[("GET", Op::GetFields)],
        ("app/form/layout", false) => &[("GET", Op::GetLayout)],
        ("app/settings", false) => &[("GET", Op::GetSettings)],
        ("app/status", false) => &[("GET", Op::GetProcess)],
        ("app/views", false) => &[("GET", Op::GetViews)],
        ("app", true) => &[("POST", Op::AddApp)],
        ("app/form/fields", true) => {
            &[("GET", Op::GetFields), ("POST", Op::AddFields), ("PUT", Op::UpdateFields), ("DELETE", Op::DeleteFields)]
        }
        ("app/form/layout", true) => &[("GET", Op::GetLayout), ("PUT", Op::UpdateLayout)],
        ("app/settings", true) => &[("GET", Op::GetSettings), ("PUT", Op::UpdateSettings)],
        ("app/status", true) => &[("GET", Op::GetProcess), ("PUT", Op::UpdateProcess)],
        ("app/views", true) => &[("GET", Op::GetViews), ("PUT", Op::UpdateViews)],
        ("app/deploy", true) => &[("POST", Op::Deploy), ("GET", Op::GetDeploy)],
        _ => return None,
    };
    let op = ops.iter().find(|(known, _)| *known == method).map(|(_, op)| *op);
    Some(op.map(|op| Route { op, guest_space, preview }).ok_or(ILLEGAL))
}

/// Guest space and resource of a path of the API.
fn split(path: &str) -> Option<(Option<u64>, &str)> {
    let rest = path.strip_prefix("/k/")?;
    if let Some(resource) = rest.strip_prefix("v1/") {
        return Some((None, resource));
    }
    let (space, rest) = rest.strip_prefix("guest/")?.split_once('/')?;
    Some((Some(space.parse().ok()?), rest.strip_prefix("v1/")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        let found = |method, path| find(method, path).map(|found| found.map(|r| (r.op, r.guest_space, r.preview)));
        assert_eq!(found("GET", "/k/v1/records.json"), Some(Ok((Op::GetRecords, None, false))));
        assert_eq!(found("GET", "/k/guest/7/v1/app.json"), Some(Ok((Op::GetApp, Some(7), false))));
        assert_eq!(found("PUT", "/k/v1/preview/app/settings.json"), Some(Ok((Op::UpdateSettings, None, true))));
        assert_eq!(found("PATCH", "/k/v1/records.json"), Some(Err(ILLEGAL)));
        assert_eq!(found("GET", "/k/v1/records.JSON"), None);
        assert_eq!(found("GET", "/k/v1/nothing.json"), None);
        assert_eq!(found("GET", "/k/guest/x/v1/app.json"), None);
    }
}
