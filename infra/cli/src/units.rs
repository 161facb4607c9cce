//! Making a unit: its flows are checked against the apps that they name before anything is stored.

use std::collections::{BTreeMap, BTreeSet};

use connect::kintone::{Connector, Kintone, KintoneError};
use model::clock::Timestamp;
use model::field::Kind;
use model::ids::UnitId;
use model::ledger::{Ledger, LedgerError, NewUnit};
use model::limits::UnitLimits;
use model::ports::{Credential, Vault, VaultError};
use model::secret_url::Secret;
use model::unit::{Connection, Doors, Event, Undo, Unit};
use worker::flow_run::{self, FlowError, Schemas};
use worker::log_app::{self, LogAppError};

/// What an administrator says of a unit.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What people call it.
    pub name: String,
    /// Base URL of kintone.
    pub base_url: String,
    /// The guest space of its apps.
    pub guest_space: Option<u64>,
    /// What opens kintone.
    pub credential: Credential,
    /// When that expires, as its owner says.
    pub expires: Option<Timestamp>,
    /// The calling app.
    pub app: u64,
    /// Events that start it; none: all.
    pub events: BTreeSet<Event>,
    /// Flow documents, in order.
    pub flows: Vec<String>,
    /// The log app, an existing one; its missing fields are added where the credential may.
    pub log_app: Option<u64>,
    /// Whether what its runs write can be taken back.
    pub undo: Undo,
    /// Whether webhooks that wait become one run.
    pub coalesce: bool,
    /// Limits.
    pub limits: UnitLimits,
    /// Whom it lets in.
    pub doors: Doors,
}

/// Why there is no unit.
#[derive(Debug, thiserror::Error)]
pub enum UnitError {
    /// The connection.
    #[error("{0}")]
    Connection(#[from] connect::kintone::ConnectionError),
    /// A flow.
    #[error("フロー{flow} / flow {flow}: {}\n{}\n{}", error.code.ja(), error.code.en(), error.message())]
    Flow {
        /// Which document, from 1.
        flow: usize,
        /// What is wrong.
        error: FlowError,
    },
    /// A flow needs one value where a run of several webhooks has several.
    #[error(
        "--coalesce: フロー{flow}の手順「{step}」は、パラメータ %{parameter}% の値が一つに決まることを前提にしています。複数のWebhookを一つの実行にまとめると値が一つに決まりません。input_app で「{parameter}」を読み、式ではその列を使うか、--coalesce off にしてください\n--coalesce: the step \"{step}\" of flow {flow} needs one value of %{parameter}%, and several webhooks in one run have several; read the field \"{parameter}\" with input_app and use its column, or let --coalesce be off"
    )]
    SingleValued {
        /// Which document, from 1.
        flow: usize,
        /// The step.
        step: String,
        /// The parameter.
        parameter: String,
    },
    /// kintone.
    #[error("{0}")]
    Kintone(#[from] KintoneError),
    /// The log app.
    #[error("the log app: {0}")]
    LogApp(#[from] LogAppError),
    /// The vault.
    #[error("{0}")]
    Vault(#[from] VaultError),
    /// The store.
    #[error("{0}")]
    Ledger(#[from] LedgerError),
}

/// The domain that a base URL belongs to: its host in lower case, with the port where it is not the scheme's own.
pub fn domain(base_url: &str) -> String {
    let (scheme, rest) = base_url.split_once("://").unwrap_or(("https", base_url));
    let host = rest.split('/').next().unwrap_or(rest).to_ascii_lowercase();
    let own = if scheme.eq_ignore_ascii_case("http") { ":80" } else { ":443" };
    host.strip_suffix(own).map(str::to_owned).unwrap_or(host)
}

/// What a unit keeps of its flows besides their texts.
#[derive(Clone, Debug)]
pub struct CheckedFlows {
    /// Their names, in order.
    pub names: Vec<String>,
    /// The parameters that they name, with the kinds of the calling app's fields.
    pub parameters: BTreeMap<String, Option<Kind>>,
    /// Code of the calling app's record number field.
    pub record_number: Option<String>,
    /// A parameter that must have one value, with its flow from 1 and its step.
    pub single_valued: Option<(usize, String, String)>,
}

impl CheckedFlows {
    /// Whether the flows may run for several webhooks at once, where the unit asks for it.
    pub fn fit(&self, coalesce: bool) -> Result<(), UnitError> {
        match self.single_valued.clone().filter(|_| coalesce) {
            Some((flow, step, parameter)) => Err(UnitError::SingleValued { flow, step, parameter }),
            None => Ok(()),
        }
    }
}

/// Checks flow documents against the apps that they name, and against the app that starts the unit.
pub async fn check_flows(kintone: &Kintone, app: u64, flows: &[String]) -> Result<CheckedFlows, UnitError> {
    let (mut schemas, mut names, mut parameters) = (Schemas::default(), Vec::new(), BTreeSet::new());
    let mut single_valued = None;
    for (n, text) in flows.iter().enumerate() {
        let plan = flow_run::plan(text, kintone, &mut schemas).await;
        let plan = plan.map_err(|error| UnitError::Flow { flow: n + 1, error })?;
        parameters.extend(flow::bind::parameters(&plan));
        let single = flow::bind::single_valued(&plan).into_iter().next();
        single_valued = single_valued.or(single.map(|(parameter, step)| (n + 1, step, parameter)));
        names.push(plan.name);
    }
    schemas.read(kintone, [app]).await?;
    let caller = schemas.get(app);
    let kind = |name: &String| caller.and_then(|s| s.field(name)).and_then(|f| f.kind());
    Ok(CheckedFlows {
        names,
        parameters: parameters.into_iter().map(|name| (name.clone(), kind(&name))).collect(),
        record_number: caller.and_then(|s| s.record_number_code()).map(str::to_owned),
        single_valued,
    })
}

/// A connection of a domain that is to be stored, under a name that nobody has.
pub fn new_connection(base_url: &str, guest_space: Option<u64>) -> Connection {
    let name = format!("c{}", model::ids::random_text(9));
    Connection {
        name: name.clone(),
        base_url: base_url.trim_end_matches('/').to_owned(),
        guest_space,
        credential: format!("{}/{name}", domain(base_url).replace(':', "_")),
        expires: None,
    }
}

/// Makes a unit; answers its id and the secret of its URL.
pub async fn add(
    ledger: &Ledger,
    vault: &dyn Vault,
    connector: &Connector,
    wanted: Wanted,
) -> Result<(UnitId, Secret), UnitError> {
    let domain = domain(&wanted.base_url);
    let connection = Connection { expires: wanted.expires, ..new_connection(&wanted.base_url, wanted.guest_space) };
    let kintone = connector.open(worker::outside::connection(&connection, &wanted.credential))?;
    let checked = check_flows(&kintone, wanted.app, &wanted.flows).await?;
    checked.fit(wanted.coalesce)?;
    if let Some(app) = wanted.log_app {
        log_app::complete(&kintone, app).await?;
    }
    vault.put(&connection.credential, &wanted.credential).await?;
    ledger.put_connection(&domain, &connection).await?;
    let unit = Unit {
        events: wanted.events,
        flows: checked.names,
        parameters: checked.parameters,
        record_number: checked.record_number,
        log_app: wanted.log_app,
        undo: wanted.undo,
        coalesce: wanted.coalesce,
        limits: wanted.limits,
        doors: wanted.doors,
        ..Unit::new(&domain, &wanted.name, wanted.app, &connection.name)
    };
    Ok(ledger.add_unit(NewUnit { unit, flows: wanted.flows }).await?)
}

#[cfg(test)]
mod tests {
    use super::domain;

    #[test]
    fn one_kintone_is_one_domain() {
        for url in ["https://example.cybozu.com", "https://Example.cybozu.com/", "HTTPS://example.cybozu.com:443/k/"] {
            assert_eq!(domain(url), "example.cybozu.com");
        }
        assert_eq!(domain("http://localhost:8081"), "localhost:8081");
    }
}
