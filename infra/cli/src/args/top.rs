//! Arguments of `suiro top`.

use clap::Args;

use super::Place;

/// Arguments of `top`.
#[derive(Debug, Args)]
#[command(
    after_help = "q or Esc quits. Beside a running suiro serve, or on a deployed table; --once also reads a folder that nobody serves.\n\nExamples:\n  suiro top\n  suiro top --once\n  suiro top --table TABLE --every 5"
)]
pub struct Top {
    /// Only this domain
    #[arg(long)]
    pub domain: Option<String>,
    /// Print one picture and end
    #[arg(long)]
    pub once: bool,
    /// Seconds between two pictures
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub every: u64,
    /// Where
    #[command(flatten)]
    pub place: Place,
}
