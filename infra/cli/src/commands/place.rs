//! Where units and runs are kept: a local folder, held by this process or by a running `suiro serve`, or a deployed table.

use std::path::Path;
use std::sync::Arc;

use connect::kintone::{Connector, HostPolicy, Settings};
use connect::storage::Storage;
use model::clock::SystemClock;
use model::ids::{RunId, UnitId};
use model::ledger::{Ledger, UnitView};
use model::ports::{Credential, Login, Vault};
use model::unit::{Connection, Unit};
use worker::files::Files;

use super::Failure;
use crate::args::{Kintone, Place};
use crate::local::{self, FileVault, Folder, FolderError};

/// An open place.
pub struct Open {
    /// Units and runs.
    pub ledger: Ledger,
    /// Credentials.
    pub vault: Arc<dyn Vault>,
    /// The way to kintone.
    pub connector: Connector,
    /// What realtime URLs start with, if it is known.
    pub url_base: Option<String>,
    /// The embedded DynamoDB and its folder, if this process holds them.
    _held: Option<(local::Embedded, Folder)>,
}

/// Opens a place.
pub async fn open(place: &Place) -> Result<Open, Failure> {
    let clock = Arc::new(SystemClock);
    if let Some(table) = &place.table {
        let aws = aws::Aws::from_env().await;
        let ledger = Ledger::new(Arc::new(aws.store(table)), clock);
        let vault = Arc::new(aws.vault(&place.secrets_prefix));
        return Ok(Open { ledger, vault, connector: connector()?, url_base: place.url_base.clone(), _held: None });
    }
    let vault = Arc::new(FileVault::new(Some(place.data.join("credentials.json"))));
    match Folder::lock(&place.data) {
        Ok(folder) => {
            let table = local::Embedded::start(Some(&folder)).await.map_err(Failure::new)?;
            let ledger = Ledger::new(Arc::new(table.store.clone()), clock);
            let (connector, url_base) = (connector()?, place.url_base.clone());
            Ok(Open { ledger, vault, connector, url_base, _held: Some((table, folder)) })
        }
        Err(FolderError::InUse(_)) => {
            let told = local::announced(&place.data);
            served(place, told.ok_or_else(|| Failure::new(FolderError::InUse(place.data.clone())))?)
        }
        Err(error) => Err(Failure::new(error)),
    }
}

/// Opens a place that somebody else holds, a running `suiro serve` or a deployed table, for as long as one likes; `None`
/// where nobody serves.
pub async fn open_beside(place: &Place) -> Result<Option<Open>, Failure> {
    if place.table.is_some() {
        return open(place).await.map(Some);
    }
    local::announced(&place.data).map(|told| served(place, told)).transpose()
}

/// The place of a running `suiro serve`.
fn served(place: &Place, told: local::Announced) -> Result<Open, Failure> {
    let ledger = Ledger::new(Arc::new(local::store_at(&told.dynamodb)), Arc::new(SystemClock));
    let vault = Arc::new(FileVault::new(Some(place.data.join("credentials.json"))));
    let url_base = place.url_base.clone().or(told.urls);
    Ok(Open { ledger, vault, connector: connector()?, url_base, _held: None })
}

/// The ways to targets of notices: topics are AWS's, or those of an emulator that the environment names.
pub async fn senders(open: &Open, place: &Place) -> sweep::Senders {
    let aws = place.table.is_some() || aws::Aws::topics_are_emulated();
    local::senders(open.vault.clone(), &open.connector, aws).await
}

/// The command line is its user's own tool, so a simulator on this machine is allowed.
pub fn connector() -> Result<Connector, Failure> {
    let hosts = HostPolicy { allow_local: true, ..HostPolicy::default() };
    Connector::new(Settings { hosts, ..Settings::default() }).map_err(Failure::new)
}

/// The credential that the arguments name.
pub fn credential(args: &Kintone) -> Result<Credential, Failure> {
    let usage = |text: &str| Failure { exit: 2, message: text.to_owned() };
    let login = |name: &Option<String>, password: &Option<String>, what: &str| match (name, password) {
        (Some(name), Some(password)) => Ok(Some(Login { name: name.clone(), password: password.clone() })),
        (None, None) => Ok(None),
        _ => Err(usage(&format!("{what}: name and password belong together"))),
    };
    let basic = login(&args.basic_auth_username, &args.basic_auth_password, "Basic authentication")?;
    match login(&args.user, &args.password, "--user and --password")? {
        Some(login) => Ok(Credential::Password { login, basic }),
        None if args.api_tokens.is_empty() => Err(usage(
            "認証情報がありません: --api-token または --user と --password を指定してください / give --api-token, or --user and --password",
        )),
        None => Ok(Credential::Tokens { tokens: args.api_tokens.clone(), basic }),
    }
}

impl Open {
    /// The units of all domains, or of one.
    pub async fn units(&self, domain: Option<&str>) -> Result<Vec<UnitView>, Failure> {
        let domains = match domain {
            Some(domain) => vec![domain.to_owned()],
            None => self.ledger.domains().await?,
        };
        let mut all = Vec::new();
        for domain in domains {
            all.extend(self.ledger.units(&domain).await?);
        }
        Ok(all)
    }

    /// A unit by id or name.
    pub async fn unit(&self, wanted: &str) -> Result<UnitView, Failure> {
        let mut found = self.units(None).await?;
        found.retain(|v| v.unit.id.0 == wanted || v.unit.name == wanted);
        match found.len() {
            1 => Ok(found.remove(0)),
            0 => Err(Failure::new(format!(
                "実行単位「{wanted}」はありません。suiro unit list で確認してください / no unit {wanted:?}; see `suiro unit list`"
            ))),
            _ => {
                let ids: Vec<&UnitId> = found.iter().map(|v| &v.unit.id).collect();
                Err(Failure::new(format!(
                    "「{wanted}」は複数あります。IDで指定してください / several are called {wanted:?}; give the id: {ids:?}"
                )))
            }
        }
    }

    /// The connection that a unit has.
    pub async fn stored_connection(&self, unit: &Unit) -> Result<Connection, Failure> {
        let found = self.ledger.connection(&unit.domain, &unit.connection).await?;
        found.ok_or_else(|| {
            Failure::new(format!(
                "接続 {} がありません。--base-url と認証情報を指定してください / there is no connection {}; give --base-url and a credential",
                unit.connection, unit.connection
            ))
        })
    }

    /// A realtime URL.
    pub fn url(&self, unit: &UnitId, secret: &model::secret_url::Secret) -> String {
        format!("{}/r/{unit}/{}", self.url_base.as_deref().unwrap_or(""), secret.reveal())
    }
}

/// The files of `--files`. A run by hand has no number: what tells it from others is chance, and when it was.
pub fn files(folder: Option<&Path>, now: i64) -> Result<Option<Files>, Failure> {
    let Some(folder) = folder else { return Ok(None) };
    let store = Storage::folder(folder).map_err(Failure::new)?.whole();
    let run = model::ids::random_text(12);
    Ok(Some(Files { store, label: hand_label(now, &run)?, run: format!("hand-{run}") }))
}

/// What files of a new name have in it: the time is for people, the rest tells apart two runs in one second.
fn hand_label(now: i64, run: &str) -> Result<String, Failure> {
    let at = jiff::Timestamp::from_second(now).map_err(Failure::new)?;
    Ok(format!("{}-{run}", at.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y%m%dT%H%M%S")))
}

/// A run's id.
pub fn run_id(text: &str) -> Result<RunId, Failure> {
    text.parse().map_err(|message| Failure { exit: 2, message })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_runs_by_hand_in_one_second_make_files_of_two_names() {
        let label = |run: &str| hand_label(1_800_000_000, run).unwrap();
        assert_ne!(label("a1"), label("b2"));
        assert_eq!(label("a1").split_once('-').unwrap().0, label("b2").split_once('-').unwrap().0, "the same second");
    }
}
