//! A read that kintone refuses: told of the step that asks, and of what it asks for.

use flow::bind::BoundRead;

use super::FlowError;

impl FlowError {
    /// The same error, told of the step that reads and of what it asked for.
    pub(super) fn of_read(self, step: &str, read: &BoundRead) -> Self {
        let BoundRead { app, condition, .. } = read;
        let (asked_ja, asked_en) = match condition.as_str() {
            "" => (String::new(), String::new()),
            query => {
                let query = shortened(query);
                (format!("、条件 {query}"), format!(", query {query}"))
            }
        };
        let ja = format!("ステップ「{step}」（アプリ{app}の読み取り{asked_ja}）: {}", self.ja);
        let en = format!("step \"{step}\" (reading app {app}{asked_en}): {}", self.en);
        Self { ja, en, ..self }
    }
}

/// Characters of a query in a message: one for each of many records can be long.
const SHOWN: usize = 500;

fn shortened(query: &str) -> String {
    match query.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &query[..end]),
        None => query.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use model::catalogue;

    use super::*;

    #[test]
    fn a_read_that_kintone_refuses_tells_step_app_and_query() {
        let refused = || FlowError::new(catalogue::READ_FAILED, "CB_VA01", "CB_VA01");
        let read = |condition: &str| BoundRead { app: 7, fields: Vec::new(), condition: condition.to_owned() };
        let told = refused().of_read("受注", &read("番号 = \"x\""));
        assert_eq!(told.ja, "ステップ「受注」（アプリ7の読み取り、条件 番号 = \"x\"）: CB_VA01");
        assert_eq!(told.en, "step \"受注\" (reading app 7, query 番号 = \"x\"): CB_VA01");
        let long = refused().of_read("受注", &read(&"あ".repeat(600)));
        assert!(long.en.contains(&format!("{}…)", "あ".repeat(500))), "{}", long.en);
        assert_eq!(refused().of_read("受注", &read("")).en, "step \"受注\" (reading app 7): CB_VA01");
    }
}
