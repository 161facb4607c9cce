//! Who may do what: each role's rights, exactly. A right more or less is a decision, and shows here.

use std::collections::BTreeSet;

use model::keys::{DOMAIN, FLOWS, GATE, NUMBER, PAYLOAD, SCHEDULE, SECRET, TOKEN, UNIT};
use serde_json::{Value as Json, json};

use super::{FUNCTIONS, Template};

/// A statement that allows: what, on what, and under which prefixes of the partition key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Right {
    action: String,
    resource: String,
    prefixes: BTreeSet<String>,
}

fn right(action: &str, resource: &str, prefixes: &[&str]) -> Right {
    let prefixes = prefixes.iter().map(|p| (*p).to_owned()).collect();
    Right { action: action.to_owned(), resource: resource.to_owned(), prefixes }
}

/// One text or a list of texts.
fn texts(value: &Json) -> Vec<&str> {
    match value {
        Json::Array(list) => list.iter().map(|v| v.as_str().expect("a text")).collect(),
        one => vec![one.as_str().expect("a text")],
    }
}

/// A resource as one text: `Table` for its ARN, the pattern itself for a substitution, the name of a parameter that holds
/// the ARN of something outside of the stack.
fn resource(value: &Json) -> String {
    if let Some(parameter) = value.get("Ref") {
        return parameter.as_str().expect("a name").to_owned();
    }
    if let Some(of) = value.get("Fn::GetAtt") {
        assert_eq!(of[1], "Arn");
        return of[0].as_str().expect("a name").to_owned();
    }
    let pattern = value.get("Fn::Sub").and_then(Json::as_str);
    pattern.unwrap_or_else(|| panic!("a right on {value}: name a resource of the stack")).to_owned()
}

fn prefixes(statement: &Json) -> BTreeSet<String> {
    let keys = &statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"];
    if keys.is_null() {
        return BTreeSet::new();
    }
    let prefix = |pattern: &str| pattern.strip_suffix('*').expect("a prefix and a star").to_owned();
    texts(keys).into_iter().map(prefix).collect()
}

impl Template {
    /// The name of a function's role.
    fn role(&self, function: &str) -> String {
        let properties = self.properties(function);
        // With policies of its own, SAM would make a role and add rights to it.
        assert!(properties.get("Policies").is_none(), "{function} has policies beside its role");
        properties["Role"]["Fn::GetAtt"][0].as_str().expect("a role of this template").to_owned()
    }

    fn statements(&self, function: &str) -> Vec<&Json> {
        let role = self.properties(&self.role(function));
        assert!(role.get("ManagedPolicyArns").is_none(), "AWS's own policies reach every resource of the account");
        let policies = role["Policies"].as_array().expect("policies");
        let all = policies.iter().flat_map(|p| p["PolicyDocument"]["Statement"].as_array().expect("statements"));
        all.map(|statement| self.where_set(statement)).collect()
    }

    /// A statement that is there only where a parameter is not empty: that statement.
    fn where_set<'a>(&'a self, statement: &'a Json) -> &'a Json {
        let Some(choice) = statement.get("Fn::If") else { return statement };
        assert_eq!(choice[2], json!({ "Ref": "AWS::NoValue" }), "where it is empty there is no right");
        let condition = &self.0["Conditions"][choice[0].as_str().expect("a condition")];
        let parameter = &choice[1]["Resource"];
        assert_eq!(*condition, json!({ "Fn::Not": [{ "Fn::Equals": [parameter, ""] }] }), "of the parameter it names");
        let name = parameter["Ref"].as_str().expect("a parameter");
        let described = &self.0["Parameters"][name];
        assert_eq!(described["Default"], "", "{name} is empty at first");
        let pattern = described["AllowedPattern"].as_str().expect("a pattern");
        assert!(!pattern.contains(".+") && !pattern.contains('*'), "{name} names one resource: {pattern}");
        &choice[1]
    }

    fn rights(&self, function: &str) -> BTreeSet<Right> {
        let mut found = BTreeSet::new();
        for statement in self.statements(function) {
            assert_eq!(statement["Effect"], "Allow");
            for unread in ["NotAction", "NotResource", "Principal"] {
                assert!(statement.get(unread).is_none(), "{unread}");
            }
            for action in texts(&statement["Action"]) {
                assert!(!action.contains('*'), "{action} names more than one action");
                found.insert(Right {
                    action: action.to_owned(),
                    resource: resource(&statement["Resource"]),
                    prefixes: prefixes(statement),
                });
            }
        }
        found
    }
}

/// What every function does: it logs into its own group.
fn logging(group: &str) -> [Right; 2] {
    [right("logs:CreateLogStream", group, &[]), right("logs:PutLogEvents", group, &[])]
}

#[test]
fn api_has_its_rights_and_no_more() {
    let reads = [UNIT, SECRET, TOKEN];
    let mut expected = BTreeSet::from([
        right("dynamodb:GetItem", "Table", &reads),
        right("dynamodb:BatchGetItem", "Table", &reads),
        right("dynamodb:PutItem", "Table", &[UNIT, PAYLOAD, TOKEN]),
        right("sqs:SendMessage", "NudgeQueue", &[]),
    ]);
    expected.extend(logging("ApiLogs"));
    assert_eq!(Template::read().rights("ApiFunction"), expected);
}

#[test]
fn what_the_internet_reaches_cannot_read_a_credential_or_a_payload() {
    let template = Template::read();
    for right in template.rights("ApiFunction") {
        assert!(!right.action.starts_with("secretsmanager:"), "{right:?}");
        if right.resource == "Table" {
            assert!(!right.prefixes.is_empty(), "a right on the whole table: {right:?}");
            assert!([FLOWS, DOMAIN, GATE, SCHEDULE].iter().all(|p| !right.prefixes.contains(*p)), "{right:?}");
            assert!(right.action == "dynamodb:PutItem" || !right.prefixes.contains(PAYLOAD), "{right:?}");
        }
    }
}

#[test]
fn who_writes_payloads_and_may_not_read_them_does_not_get_them_back() {
    let template = Template::read();
    for function in ["ApiFunction", "SweepFunction"] {
        let readers = template.rights(function).into_iter().filter(|r| r.action != "dynamodb:PutItem");
        assert!(!readers.into_iter().any(|r| r.prefixes.contains(PAYLOAD)), "{function} reads no payload");
        let statements = template.statements(function);
        let puts: Vec<_> = statements.iter().filter(|s| texts(&s["Action"]).contains(&"dynamodb:PutItem")).collect();
        assert!(!puts.is_empty(), "{function} writes");
        for put in puts {
            // A put may ask for the item that it replaces.
            assert_eq!(put["Condition"]["StringEqualsIfExists"], json!({ "dynamodb:ReturnValues": "NONE" }));
        }
    }
}

#[test]
fn worker_has_its_rights_and_no_more() {
    let reads = [UNIT, PAYLOAD, FLOWS, DOMAIN, GATE, NUMBER];
    let credentials =
        "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:suiro/${AWS::StackName}/*";
    let mut expected = BTreeSet::from([
        right("dynamodb:GetItem", "Table", &reads),
        right("dynamodb:BatchGetItem", "Table", &reads),
        right("dynamodb:Query", "Table", &[DOMAIN]),
        right("dynamodb:PutItem", "Table", &[UNIT, GATE, PAYLOAD, NUMBER]),
        right("sqs:SendMessage", "NudgeQueue", &[]),
        right("sqs:ReceiveMessage", "NudgeQueue", &[]),
        right("sqs:DeleteMessage", "NudgeQueue", &[]),
        right("sqs:ChangeMessageVisibility", "NudgeQueue", &[]),
        right("sqs:GetQueueAttributes", "NudgeQueue", &[]),
        right("secretsmanager:GetSecretValue", credentials, &[]),
        right("s3:GetObject", "${FilesBucket.Arn}/files/*", &[]),
        right("s3:PutObject", "${FilesBucket.Arn}/files/*", &[]),
        right("s3:ListBucket", "FilesBucket", &[]),
        right("s3:DeleteObject", "${FilesBucket.Arn}/files/*/.suiro/staged/*", &[]),
    ]);
    expected.extend(logging("WorkerLogs"));
    assert_eq!(Template::read().rights("WorkerFunction"), expected);
}

#[test]
fn sweep_has_its_rights_and_no_more() {
    let reads = [UNIT, GATE, SCHEDULE, DOMAIN];
    // What opens the targets of notices alone: no credential of a unit.
    let targets =
        "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:suiro/${AWS::StackName}/notify/*";
    let mut expected = BTreeSet::from([
        right("dynamodb:Query", "${Table.Arn}/index/due", &[]),
        right("dynamodb:GetItem", "Table", &reads),
        right("dynamodb:BatchGetItem", "Table", &reads),
        right("dynamodb:PutItem", "Table", &[UNIT, GATE, SCHEDULE, PAYLOAD]),
        right("dynamodb:DeleteItem", "Table", &[SCHEDULE]),
        right("sqs:SendMessage", "NudgeQueue", &[]),
        right("secretsmanager:GetSecretValue", targets, &[]),
        right("sns:Publish", "NoticeTopic", &[]),
    ]);
    expected.extend(logging("SweepLogs"));
    assert_eq!(Template::read().rights("SweepFunction"), expected);
}

#[test]
fn every_function_has_a_role_of_its_own() {
    let template = Template::read();
    let roles: BTreeSet<String> = FUNCTIONS.iter().map(|(_, name)| template.role(name)).collect();
    assert_eq!(roles.len(), FUNCTIONS.len());
    for role in roles {
        let trust = &template.properties(&role)["AssumeRolePolicyDocument"]["Statement"];
        let lambda = json!([{ "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole" }]);
        assert_eq!(*trust, lambda, "{role}");
    }
}
