//! `suiro flow export`: units with their flows as one JSON document.

use model::unit::Unit;
use serde::{Deserialize, Serialize};

use super::super::place;
use super::{Failure, write};
use crate::args::Export;

/// Version of the exported document.
pub const VERSION: u32 = 1;

/// Units that leave. Credentials do not.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exported {
    /// [`VERSION`].
    pub suiro_export: u32,
    /// The units.
    pub units: Vec<ExportedUnit>,
}

/// A unit that leaves.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportedUnit {
    /// Its definition. Of its URL's secrets there are hashes, with which nobody can start it.
    pub unit: Unit,
    /// Whether it takes requests.
    pub enabled: bool,
    /// Its flow documents, in order, as they were written.
    pub flows: Vec<String>,
}

/// Writes units.
pub async fn run(args: &Export) -> Result<(), Failure> {
    let open = place::open(&args.place).await?;
    let mut views = Vec::new();
    match args.units.is_empty() {
        true => views = open.units(args.domain.as_deref()).await?,
        false => {
            for unit in &args.units {
                views.push(open.unit(unit).await?);
            }
        }
    }
    views.retain(|v| args.domain.as_ref().is_none_or(|domain| v.unit.domain == *domain));
    if views.is_empty() {
        return Err(Failure::new("書き出す実行単位がありません / there are no units to export"));
    }
    let mut units = Vec::new();
    for view in views {
        let flows = open.ledger.flows(&view.unit).await?;
        units.push(ExportedUnit { unit: view.unit, enabled: view.state.enabled, flows });
    }
    let exported = Exported { suiro_export: VERSION, units };
    write(args.out.as_deref(), &format!("{}\n", serde_json::to_string_pretty(&exported).map_err(Failure::new)?))
}
