//! template.yaml against the code: settings, table, queue, routes, logs. [`rights`] holds the roles.
//!
//! The emulator takes much that AWS refuses, or refuses to run; what the template must heed there is checked here too.

mod rights;

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value as Json, json};

use crate::tree::root;

/// The functions: folder below functions/, and their names in the template.
const FUNCTIONS: [(&str, &str); 3] = [("api", "ApiFunction"), ("worker", "WorkerFunction"), ("sweep", "SweepFunction")];

/// What an access log may tell. The path, the query and the headers hold secrets.
const LOGGED: [&str; 8] = [
    "requestId",
    "requestTime",
    "routeKey",
    "httpMethod",
    "status",
    "identity.sourceIp",
    "responseLatency",
    "integrationErrorMessage",
];

/// The template.
pub struct Template(Json);

impl Template {
    pub fn read() -> Self {
        let tree: Json = serde_saphyr::from_str(&text("template.yaml")).expect("template.yaml is plain YAML");
        Self(tree)
    }

    /// A resource's properties.
    pub fn properties(&self, name: &str) -> &Json {
        let found = &self.0["Resources"][name]["Properties"];
        assert!(found.is_object(), "template.yaml has no {name}");
        found
    }

    /// Names of the resources of a type.
    fn of_type(&self, kind: &str) -> BTreeSet<&str> {
        let resources = self.0["Resources"].as_object().expect("resources");
        resources.iter().filter(|(_, r)| r["Type"] == kind).map(|(name, _)| name.as_str()).collect()
    }
}

/// A file of the project.
fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What stands between each `start` and the next `end`.
fn between<'a>(text: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    text.split(start).skip(1).filter_map(|rest| rest.split_once(end)).map(|(found, _)| found).collect()
}

/// The whole number that follows the only `start` in a file.
fn number_after(path: &str, start: &str) -> u64 {
    let text = text(path);
    let (_, rest) = text.split_once(start).unwrap_or_else(|| panic!("{path} has no {start}"));
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or_else(|_| panic!("{path}: no number after {start}"))
}

fn seconds(value: &Json) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no number of seconds"))
}

#[test]
fn every_function_is_deployed_with_the_settings_that_its_code_reads() {
    let template = Template::read();
    let deployed = template.of_type("AWS::Serverless::Function");
    assert_eq!(deployed, FUNCTIONS.iter().map(|(_, name)| *name).collect(), "the table of functions");
    for (folder, name) in FUNCTIONS {
        assert_eq!(
            template.0["Resources"][name]["Metadata"],
            json!({ "BuildMethod": "rust-cargolambda", "BuildProperties": { "Binary": folder } })
        );
        let config = text(&format!("functions/{folder}/src/config.rs"));
        let (code, _) = config.split_once("#[cfg(test)]").unwrap_or((&config, ""));
        let read: BTreeSet<_> = between(code, "\"SUIRO_", "\"").into_iter().map(|n| format!("SUIRO_{n}")).collect();
        assert!(!read.is_empty(), "{folder}/src/config.rs is read");
        let set = template.properties(name)["Environment"]["Variables"].as_object().expect("variables");
        assert_eq!(set.keys().cloned().collect::<BTreeSet<_>>(), read, "{name}");
    }
}

#[test]
fn the_table_is_the_one_that_the_adapter_uses() {
    let template = Template::read();
    let (table, code) = (template.properties("Table"), text("shared/aws/src/dynamo.rs"));
    for (attribute, kind) in [("pk", "S"), ("sk", "S"), ("due_pk", "S"), ("due", "N")] {
        assert!(code.contains(&format!("attribute(\"{attribute}\", ScalarAttributeType::{kind})")), "{attribute}");
        let defined = json!({ "AttributeName": attribute, "AttributeType": kind });
        assert!(table["AttributeDefinitions"].as_array().expect("a list").contains(&defined), "{attribute}");
    }
    let key = |hash: &str, range: &str| json!([{ "AttributeName": hash, "KeyType": "HASH" }, { "AttributeName": range, "KeyType": "RANGE" }]);
    assert_eq!(table["KeySchema"], key("pk", "sk"));
    let index = between(&code, "DUE_INDEX: &str = \"", "\"");
    assert_eq!(
        table["GlobalSecondaryIndexes"],
        json!([{ "IndexName": index[0], "KeySchema": key("due_pk", "due"), "Projection": { "ProjectionType": "KEYS_ONLY" } }])
    );
    let expires = between(&code, ".enabled(true).attribute_name(\"", "\"");
    assert_eq!(table["TimeToLiveSpecification"], json!({ "AttributeName": expires[0], "Enabled": true }));
    assert_eq!(table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true);
    for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
        assert_eq!(template.0["Resources"]["Table"][policy], "Retain", "{policy}: the runs outlive the stack");
    }
}

#[test]
fn files_are_their_owners_and_nobody_elses() {
    let template = Template::read();
    let bucket = template.properties("FilesBucket");
    for closed in ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"] {
        assert_eq!(bucket["PublicAccessBlockConfiguration"][closed], true, "{closed}");
    }
    for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
        assert_eq!(template.0["Resources"]["FilesBucket"][policy], "Retain", "{policy}: the files outlive the stack");
    }
    let code = text("shared/connect/src/storage/place.rs");
    let prefix = between(&code, "PREFIX: &str = \"", "\"")[0];
    let own = between(&text("shared/model/src/file_path.rs"), "OWN_FOLDER: &str = \"", "\"")[0].to_owned();
    let worker = serde_json::to_string(template.properties("WorkerRole")).expect("JSON");
    assert!(worker.contains(&format!("${{FilesBucket.Arn}}/{prefix}/*")), "the rights are for where the code writes");
    // Every folder of which something is forgotten.
    let notes = text("shared/connect/src/storage/notes.rs");
    let folders = between(&notes, "{OWN_FOLDER}/", "/{}\", of_run(run))");
    assert_eq!(folders, ["staged", "undo"]);
    for folder in folders {
        assert!(
            worker.contains(&format!("/{prefix}/*/{own}/{folder}/*")),
            "it deletes only what it keeps of runs: {folder}"
        );
    }
    // What is left over goes by its tag, when nobody can want it any more.
    let rules = bucket["LifecycleConfiguration"]["Rules"].as_array().expect("rules");
    let left = rules.iter().find(|rule| !rule["TagFilters"].is_null()).expect("a rule by tag");
    let tag = ["KEY", "VALUE"].map(|part| between(&notes, &format!("TAG_{part}: &str = \""), "\"")[0].to_owned());
    assert_eq!(left["TagFilters"], json!([{ "Key": tag[0], "Value": tag[1] }]));
    let kept = number_after("shared/model/src/limits.rs", "RUN_KEPT: Duration = Duration::from_secs(");
    assert!(seconds(&left["ExpirationInDays"]) > kept, "a run that is kept can be taken back");
}

#[test]
fn the_queue_suits_the_worker() {
    let template = Template::read();
    let (queue, dead) = (template.properties("NudgeQueue"), template.properties("DeadNudgeQueue"));
    for fifo in [queue, dead] {
        assert_eq!(fifo["FifoQueue"], true, "a FIFO queue's dead letters go to a FIFO queue");
    }
    assert_eq!(queue["DeduplicationScope"], "messageGroup");
    assert_eq!(queue["FifoThroughputLimit"], "perMessageGroupId");
    // AWS refuses a shorter visibility, and more than twelve hours.
    let visibility = seconds(&queue["VisibilityTimeout"]);
    assert!((seconds(&template.properties("WorkerFunction")["Timeout"])..=43_200).contains(&visibility));
    // A nudge that always fails must reach the dead letters before it expires; parking must not bring it there.
    let receives = seconds(&queue["RedrivePolicy"]["maxReceiveCount"]);
    let pause = number_after("functions/worker/src/hosting.rs", "SOON: Duration = Duration::from_secs(");
    assert!(receives <= 1_000, "the most that SQS allows");
    assert!(receives * pause < seconds(&queue["MessageRetentionPeriod"]), "dead before it is forgotten");
    let parkings = model::limits::WAIT_LIMIT.as_secs() / model::limits::WINDOW.as_secs() * 10;
    assert!(receives > parkings, "ten wake-ups in every window of the longest wait");

    let events = template.properties("WorkerFunction")["Events"].as_object().expect("events");
    let [(_, source)] = events.iter().collect::<Vec<_>>()[..] else { panic!("the worker has one event source") };
    assert_eq!(source["Type"], "SQS");
    assert_eq!(source["Properties"]["Queue"], json!({ "Fn::GetAtt": ["NudgeQueue", "Arn"] }));
    assert_eq!(source["Properties"]["BatchSize"], 1, "in a batch, a parked unit costs the others receives");
    assert_eq!(source["Properties"]["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]));
    assert!(source["Properties"].get("MaximumBatchingWindowInSeconds").is_none(), "not on FIFO queues");
    let most = source["Properties"]["ScalingConfig"]["MaximumConcurrency"]["Ref"].as_str().expect("a parameter");
    let bounds = &template.0["Parameters"][most];
    assert_eq!((&bounds["MinValue"], &bounds["MaxValue"]), (&json!(2), &json!(1000)), "what AWS allows");
}

#[test]
fn the_sweep_comes_every_minute_by_way_of_its_function() {
    let template = Template::read();
    let events = template.properties("SweepFunction")["Events"].as_object().expect("events");
    let [(_, event)] = events.iter().collect::<Vec<_>>()[..] else { panic!("the sweep has one event") };
    assert_eq!(event["Type"], "ScheduleV2");
    assert_eq!(event["Properties"]["ScheduleExpression"], "rate(1 minute)");
    assert_eq!(event["Properties"]["OmitName"], true, "two stacks in one account");
    // A schedule that sent to the FIFO queue itself would need content-based deduplication.
    assert_eq!(template.of_type("AWS::Scheduler::Schedule"), BTreeSet::new());
}

#[test]
fn every_way_in_is_a_route_and_nothing_else_is() {
    let template = Template::read();
    let library = text("functions/api/src/lib.rs");
    // `.route("…"` and, where the formatter broke the line, `.route(` and the text below it.
    let paths = between(&library, ".route(", ",").into_iter().map(|p| p.trim().trim_matches('"'));
    let wanted: BTreeSet<String> = paths.map(|path| format!("ANY {path}")).collect();
    assert!(wanted.contains("ANY /r/{unit}/{secret}"), "the router is read");
    let routes = template.of_type("AWS::ApiGatewayV2::Route");
    let key = |name: &&str| template.properties(name)["RouteKey"].as_str().expect("a key").to_owned();
    assert_eq!(routes.iter().map(key).collect::<BTreeSet<_>>(), wanted);
    for name in routes {
        assert_eq!(template.properties(name)["Target"], json!({ "Fn::Sub": "integrations/${HttpIntegration}" }));
    }
    let integration = template.properties("HttpIntegration");
    assert_eq!(integration["IntegrationUri"], json!({ "Fn::GetAtt": ["ApiFunction", "Arn"] }));
    assert_eq!(integration["PayloadFormatVersion"], "2.0");
    assert!(seconds(&template.properties("ApiFunction")["Timeout"]) < 30, "the HTTP API gives up after 30 s");
}

#[test]
fn no_log_holds_a_path() {
    let template = Template::read();
    let format = template.properties("HttpStage")["AccessLogSettings"]["Format"].as_str().expect("a format");
    let names = format.split("$context.").skip(1).map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.').unwrap_or(rest.len());
        &rest[..end]
    });
    let names: BTreeSet<&str> = names.collect();
    assert_eq!(names, LOGGED.into_iter().collect());
    assert_eq!(format.matches('$').count(), names.len(), "nothing but $context");
    for (_, name) in FUNCTIONS {
        // The runtime logs whole events below this level.
        assert_eq!(template.properties(name)["LoggingConfig"]["ApplicationLogLevel"], "INFO", "{name}");
    }
}

#[test]
fn credentials_have_one_prefix() {
    let template = Template::read();
    let prefix = json!({ "Fn::Sub": "suiro/${AWS::StackName}/" });
    assert_eq!(template.properties("WorkerFunction")["Environment"]["Variables"]["SUIRO_SECRETS_PREFIX"], prefix);
    assert_eq!(template.0["Outputs"]["SecretsPrefix"]["Value"], prefix);
}
