//! Orders and customers as CSV files: the same bytes for every side, made from a seed.

use std::path::Path;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::Outcome;

/// The file of orders in the folder of a size.
pub const ORDERS: &str = "orders.csv";
/// The file of customers.
pub const CUSTOMERS: &str = "customers.csv";

const AREAS: [&str; 47] = [
    "北海道",
    "青森県",
    "岩手県",
    "宮城県",
    "秋田県",
    "山形県",
    "福島県",
    "茨城県",
    "栃木県",
    "群馬県",
    "埼玉県",
    "千葉県",
    "東京都",
    "神奈川県",
    "新潟県",
    "富山県",
    "石川県",
    "福井県",
    "山梨県",
    "長野県",
    "岐阜県",
    "静岡県",
    "愛知県",
    "三重県",
    "滋賀県",
    "京都府",
    "大阪府",
    "兵庫県",
    "奈良県",
    "和歌山県",
    "鳥取県",
    "島根県",
    "岡山県",
    "広島県",
    "山口県",
    "徳島県",
    "香川県",
    "愛媛県",
    "高知県",
    "福岡県",
    "佐賀県",
    "長崎県",
    "熊本県",
    "大分県",
    "宮崎県",
    "鹿児島県",
    "沖縄県",
];
const STATES: [&str; 4] = ["受付", "手配中", "出荷済", "請求済"];

/// Writes both files: so many orders, of so many customers. Of the orders 12 % are cancelled, 2 % have no state, 1 % no
/// price, 5 % a customer that the other file does not have; of the customers 2 % have no rate.
pub fn write(folder: &Path, orders: u32, customers: u32, seed: u64) -> Outcome<()> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut percent = move |percent: u32| random.random_range(0..100) < percent;
    let mut random = StdRng::seed_from_u64(seed.wrapping_add(1));
    let mut out = csv::Writer::from_path(folder.join(CUSTOMERS))?;
    out.write_record(["顧客コード", "顧客名", "地域", "値引率"])?;
    for n in 0..customers {
        let rate = match percent(2) {
            true => String::new(),
            false => format!("0.{:02}", random.random_range(0..30)),
        };
        let area = AREAS[random.random_range(0..AREAS.len())];
        out.write_record([code(n), format!("株式会社水路商事第{n}営業所"), area.to_owned(), rate])?;
    }
    out.flush()?;

    let mut out = csv::Writer::from_path(folder.join(ORDERS))?;
    out.write_record(["受注番号", "顧客コード", "商品", "状態", "受注日", "数量", "単価"])?;
    for n in 0..orders {
        let known = random.random_range(0..customers);
        let customer = if percent(5) { known + customers } else { known };
        let state = match (percent(12), percent(2)) {
            (true, _) => "取消",
            (_, true) => "",
            _ => STATES[random.random_range(0..STATES.len())],
        };
        let price = match percent(1) {
            true => String::new(),
            false => format!("{}.{:02}", random.random_range(0..20_000), random.random_range(0..100)),
        };
        let day = random.random_range(0..3 * 365);
        let (year, of_year) = (2024 + day / 365, day % 365);
        let date = jiff::civil::date(year, 1, 1).saturating_add(jiff::Span::new().days(i64::from(of_year)));
        out.write_record([
            (n + 1).to_string(),
            code(customer),
            format!("P-{:04} 商品", random.random_range(0..3_000)),
            state.to_owned(),
            date.to_string(),
            random.random_range(1..=100).to_string(),
            price,
        ])?;
    }
    Ok(out.flush()?)
}

fn code(customer: u32) -> String {
    format!("C{customer:07}")
}
