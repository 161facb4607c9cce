//! DynamoDB, SQS and Secrets Manager behind the ports. The only crate that names the AWS SDK.
