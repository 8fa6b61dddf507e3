//! Raw requests as the AWS SDKs send them, and answers to look into.

use bytes::Bytes;
use http::{HeaderMap, Request};
use keycensus_sim::{Simulator, World};
use serde_json::{Value, json};

/// Credentials and the Region to sign for.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) simulator: Simulator,
    pub(crate) access_key: String,
    pub(crate) token: Option<String>,
    pub(crate) region: String,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The content of every `<name>` element.
    pub(crate) fn elements(&self, name: &str) -> Vec<String> {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let texts = self.text().split(&open).skip(1);
        texts
            .map(|rest| rest.split(&close).next().unwrap().to_owned())
            .collect()
    }

    /// The content of the first `<name>` element.
    pub(crate) fn element(&self, name: &str) -> String {
        let (_, rest) = self
            .text()
            .split_once(&format!("<{name}>"))
            .unwrap_or_else(|| panic!("{}", self.text()));
        rest.split_once(&format!("</{name}>")).unwrap().0.to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// HTTP status and error code, from whichever protocol this is.
    pub(crate) fn failure(&self) -> (u16, String) {
        let code = match serde_json::from_slice::<Value>(&self.body) {
            Ok(body) => body
                .get("__type")
                .or_else(|| body.get("errorType"))
                .or_else(|| body.get("Code"))
                .unwrap()
                .as_str()
                .unwrap()
                .to_owned(),
            Err(_) => self.element("Code"),
        };
        (self.status, code)
    }
}

/// What most tests are about, below the settings that each gives.
const ESTATE: &str = include_str!("estate.toml");

/// The world of most tests, at 2 a.m.
fn with(settings: &str) -> String {
    format!("now = \"2026-11-21T02:00:00Z\"\n{settings}\n{ESTATE}")
}

/// The scanner of the world of most tests with some settings, such as a fault, signing for `eu-west-1`.
pub(crate) fn estate(settings: &str) -> Client {
    scanner(&with(settings))
}

/// The scanner of a world, signing for `eu-west-1`.
pub(crate) fn scanner(world: &str) -> Client {
    caller_of(world, Simulator::new)
}

/// Somebody who may change the keys of the world of most tests, signing for `eu-west-1`.
pub(crate) fn administrator() -> Client {
    caller_of(&with(""), Simulator::allowing_changes)
}

fn caller_of(world: &str, start: fn(World) -> Simulator) -> Client {
    let world = World::parse(world).unwrap_or_else(|error| panic!("{error}"));
    let access_key = world.scanner.access_key_id.clone();
    Client {
        simulator: start(world),
        access_key,
        token: None,
        region: "eu-west-1".to_owned(),
    }
}

impl Client {
    pub(crate) fn in_region(&self, region: &str) -> Self {
        Self {
            region: region.to_owned(),
            ..self.clone()
        }
    }

    /// Assumes the role `KeycensusReader` of an account.
    pub(crate) async fn enter(&self, account: &str) -> Self {
        let answer = self.assume(account, "KeycensusReader", &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        Self {
            access_key: answer.element("AccessKeyId"),
            token: Some(answer.element("SessionToken")),
            ..self.clone()
        }
    }

    pub(crate) async fn assume(
        &self,
        account: &str,
        role: &str,
        further: &[(&str, &str)],
    ) -> Answer {
        let arn = format!("arn:aws:iam::{account}:role/{role}");
        let mut fields = vec![("RoleArn", arn.as_str())];
        if !further.iter().any(|(name, _)| *name == "RoleSessionName") {
            fields.push(("RoleSessionName", "census"));
        }
        fields.extend(further);
        self.query("sts", "AssumeRole", &fields).await
    }

    pub(crate) async fn kms(&self, operation: &str, body: Value) -> Answer {
        self.raw(self.kms_request(operation, body)).await
    }

    /// A call of KMS that was not sent yet.
    pub(crate) fn kms_request(&self, operation: &str, body: Value) -> Request<Bytes> {
        let target = format!("TrentService.{operation}");
        let headers = [("x-amz-target", target.as_str())];
        self.request("kms", "POST", "/", &headers, body.to_string())
    }

    pub(crate) async fn organizations(&self, operation: &str, body: Value) -> Answer {
        let target = format!("AWSOrganizationsV20161128.{operation}");
        self.send(
            "organizations",
            "POST",
            "/",
            &[("x-amz-target", &target)],
            body.to_string(),
        )
        .await
    }

    pub(crate) async fn put_events(&self, entries: Value) -> Answer {
        let headers = [("x-amz-target", "AWSEvents.PutEvents")];
        let body = json!({"Entries": entries}).to_string();
        self.send("events", "POST", "/", &headers, body).await
    }

    /// Imports findings into Security Hub.
    pub(crate) async fn import_findings(&self, findings: Value) -> Answer {
        let body = json!({"Findings": findings}).to_string();
        self.send("securityhub", "POST", "/findings/import", &[], body)
            .await
    }

    /// A call of EC2.
    pub(crate) async fn ec2(&self, action: &str, fields: &[(&str, &str)]) -> Answer {
        let mut form =
            form_urlencoded::Serializer::new(format!("Action={action}&Version=2016-11-15"));
        form.extend_pairs(fields);
        self.send("ec2", "POST", "/", &[], form.finish()).await
    }

    /// A call of CloudTrail.
    pub(crate) async fn lookup_events(&self, body: Value) -> Answer {
        let headers = [("x-amz-target", "CloudTrail_20131101.LookupEvents")];
        self.send("cloudtrail", "POST", "/", &headers, body.to_string())
            .await
    }

    pub(crate) async fn list_regions(&self, body: Value) -> Answer {
        self.send("account", "POST", "/listRegions", &[], body.to_string())
            .await
    }

    pub(crate) async fn query(
        &self,
        service: &str,
        action: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let mut form =
            form_urlencoded::Serializer::new(format!("Action={action}&Version=2010-03-31"));
        form.extend_pairs(fields);
        self.send(service, "POST", "/", &[], form.finish()).await
    }

    pub(crate) async fn s3(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Answer {
        self.send("s3", method, path, headers, body).await
    }

    pub(crate) async fn send(
        &self,
        service: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Answer {
        self.raw(self.request(service, method, path, headers, body))
            .await
    }

    /// A call that was not sent yet.
    pub(crate) fn request(
        &self,
        service: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Request<Bytes> {
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/20261121/{}/{service}/aws4_request, SignedHeaders=host, Signature=00",
            self.access_key, self.region
        );
        let mut request = Request::builder()
            .method(method)
            .uri(format!("http://127.0.0.1:4566{path}"))
            .header("authorization", authorization);
        if let Some(token) = &self.token {
            request = request.header("x-amz-security-token", token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(body.into()).unwrap()
    }

    /// Sends a request as it stands, which must be answered.
    pub(crate) async fn raw(&self, request: Request<Bytes>) -> Answer {
        let answer = self.simulator.respond(request).await.unwrap();
        let (head, body) = answer.response.into_parts();
        Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body,
        }
    }
}
