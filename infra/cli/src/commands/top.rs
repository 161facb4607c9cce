//! `suiro top`: units, their queues, gates and recent runs, drawn again and again.

mod look;
mod picture;
mod screen;

use std::time::Duration;

use super::place;
use super::{Failure, output};
use crate::args::Top;

/// Watches until it is told to end; prints one picture with `--once`.
pub async fn run(args: &Top) -> Result<(), Failure> {
    let open = place::open(&args.place).await?;
    let domain = args.domain.as_deref().map(crate::units::domain);
    if args.place.json {
        return output::json(&look::look(&open, domain.as_deref()).await?);
    }
    if args.once {
        let picture = look::look(&open, domain.as_deref()).await?;
        picture::lines(&picture).iter().for_each(output::line);
        return Ok(());
    }
    screen::watch(&open, domain.as_deref(), Duration::from_secs(args.every)).await
}
