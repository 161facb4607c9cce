//! `suiro number`: the numbers that are registered for a domain.

use model::numbering::{Cycle, NamedNumber};
use serde_json::json;

use super::place;
use super::{Failure, output};
use crate::args::{CycleName, Number};

/// Runs a command on numbers.
pub async fn run(command: Number) -> Result<(), Failure> {
    match command {
        Number::Set { name, domain, start, cycle, first_month, place: at } => {
            if first_month.is_some() && cycle != CycleName::FiscalYear {
                let message = "--first-month は --cycle fiscal-year のときだけ書けます / --first-month belongs to --cycle fiscal-year";
                return Err(Failure { exit: 2, message: message.into() });
            }
            // People copy the URL of their kintone; a domain is its host.
            let domain = crate::units::domain(&domain);
            let open = place::open(&at).await?;
            let cycle = match cycle {
                CycleName::None => Cycle::None,
                CycleName::Daily => Cycle::Daily,
                CycleName::Monthly => Cycle::Monthly,
                CycleName::Yearly => Cycle::Yearly,
                CycleName::FiscalYear => Cycle::FiscalYear { first_month: first_month.unwrap_or(1) },
            };
            let number = NamedNumber { name, start, cycle };
            open.ledger.put_named_number(&domain, &number).await?;
            if at.json {
                return output::json(&number);
            }
            eprintln!("登録しました / registered: {}", number.name);
            Ok(())
        }
        Number::List { domain, place: at } => {
            let open = place::open(&at).await?;
            let numbers = open.ledger.named_numbers(&crate::units::domain(&domain)).await?;
            if at.json {
                return output::json(&numbers);
            }
            if numbers.is_empty() {
                eprintln!(
                    "番号はありません。suiro number set で登録できます / no numbers; `suiro number set` registers one"
                );
            }
            for NamedNumber { name, start, cycle } in numbers {
                output::line(format!("{name}  {start}から / from {start}  {}", json!(cycle)));
            }
            Ok(())
        }
    }
}
