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
    let domain = args.domain.as_deref().map(crate::units::domain);
    if !args.once && !args.place.json {
        return screen::watch(&args.place, domain.as_deref(), Duration::from_secs(args.every)).await;
    }
    let picture = look::look(&place::open(&args.place).await?, domain.as_deref()).await?;
    if args.place.json {
        return output::json(&picture);
    }
    picture::lines(&picture).iter().for_each(output::line);
    Ok(())
}
