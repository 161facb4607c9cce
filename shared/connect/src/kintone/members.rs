//! The domain's users, organisations and groups, by code. They are read with a password: an API token belongs to an app
//! and opens nothing beside it.

use serde::Deserialize;

use super::answer::read_answer;
use super::client::Kintone;
use super::connection::Credential;
use super::error::{Class, KintoneError, Right};
use super::http::{Param, Request};

/// Members of one answer: the API's most.
const PAGE: usize = 100;

/// What is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberKind {
    /// Users, by login name; those who are switched off are left out.
    Users,
    /// Organisations.
    Organizations,
    /// Groups.
    Groups,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Page {
    users: Vec<Member>,
    organizations: Vec<Member>,
    groups: Vec<Member>,
}

#[derive(Deserialize)]
struct Member {
    code: String,
    #[serde(default = "yes")]
    valid: bool,
}

fn yes() -> bool {
    true
}

impl Kintone {
    /// The codes of all users, organisations or groups of the domain. Fails without a call where the connection uses API
    /// tokens.
    pub async fn members(&self, kind: MemberKind) -> Result<Vec<String>, KintoneError> {
        if matches!(self.connection().credential, Credential::ApiTokens(_)) {
            let message = "users, organisations and groups cannot be read with API tokens; connect with a login name and a password \
                           (ユーザー・組織・グループはAPIトークンでは読めません。ログイン名とパスワードの接続を使ってください)";
            return Err(KintoneError::new(Class::Permission, message));
        }
        let resource = match kind {
            MemberKind::Users => "/v1/users.json",
            MemberKind::Organizations => "/v1/organizations.json",
            MemberKind::Groups => "/v1/groups.json",
        };
        let mut codes = Vec::new();
        let mut offset = 0;
        loop {
            let params = vec![("offset", Param::One(offset.to_string())), ("size", Param::One(PAGE.to_string()))];
            let request = Request { apps: Vec::new(), ..Request::get(resource, 0, Right::ViewRecords, params) };
            let page: Page = read_answer(&self.call(&request).await?.body, &request.info())?;
            let members = match kind {
                MemberKind::Users => page.users,
                MemberKind::Organizations => page.organizations,
                MemberKind::Groups => page.groups,
            };
            let count = members.len();
            codes.extend(members.into_iter().filter(|m| m.valid).map(|m| m.code));
            if count < PAGE {
                return Ok(codes);
            }
            offset += count;
        }
    }
}
