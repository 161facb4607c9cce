//! What is looked at for one picture.

use std::collections::BTreeMap;

use model::clock::Timestamp;
use model::domain::DomainState;
use model::ids::UnitId;
use model::ledger::{ScheduleView, UnitView};
use model::run::Run;
use serde::{Serialize, Serializer};

use crate::commands::Failure;
use crate::commands::place::Open;

/// Newest runs of each unit that are looked at; of a domain's the same number is shown.
const RECENT: usize = 10;

/// Everything at one moment, or nearly: items are read one after the other.
#[derive(Debug, Serialize)]
pub struct Picture {
    /// When it was taken.
    pub now: Timestamp,
    /// The domains, by name.
    pub domains: Vec<Domain>,
}

/// One domain.
#[derive(Debug, Serialize)]
pub struct Domain {
    /// Its name.
    pub name: String,
    /// Its gate.
    pub gate: DomainState,
    /// Its units with their states.
    #[serde(serialize_with = "units")]
    pub units: Vec<UnitView>,
    /// Calls that its units have refused, ever.
    pub refused: BTreeMap<UnitId, u64>,
    /// Its schedules.
    pub schedules: Vec<ScheduleView>,
    /// Its newest runs, newest first.
    pub runs: Vec<Run>,
}

fn units<S: Serializer>(views: &[UnitView], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(views.iter().map(|v| serde_json::json!({ "unit": v.unit, "state": v.state })))
}

/// Looks at all domains, or at one.
pub async fn look(open: &Open, domain: Option<&str>) -> Result<Picture, Failure> {
    let names = match domain {
        Some(domain) => vec![domain.to_owned()],
        None => open.ledger.domains().await?,
    };
    let mut domains = Vec::new();
    for name in names {
        let units = open.ledger.units(&name).await?;
        if units.is_empty() {
            continue;
        }
        let (mut runs, mut refused) = (Vec::new(), BTreeMap::new());
        for view in &units {
            let refusals = open.ledger.refusals(&view.unit.id).await?;
            refused.insert(view.unit.id.clone(), refusals.total.sum());
            runs.extend(open.ledger.runs(&view.unit.id, RECENT).await?);
        }
        runs.sort_by(|a, b| (b.queued_at, &b.id).cmp(&(a.queued_at, &a.id)));
        runs.truncate(RECENT);
        let (gate, schedules) = (open.ledger.gate(&name).await?, open.ledger.schedules(&name, None).await?);
        domains.push(Domain { name, gate, units, refused, schedules, runs });
    }
    Ok(Picture { now: open.ledger.clock().now(), domains })
}
