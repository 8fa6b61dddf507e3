//! The demo's world, and how a census of it is made.

use keycensus_sim::World;

use crate::desk::Desk;

pub(crate) fn demo_world() -> World {
    World::parse(include_str!("../../../../examples/worlds/demo.toml")).unwrap()
}

/// Makes a census of every kind, with the audit of guards, into `out`.
pub(crate) fn scan(desk: &Desk, more: &str) {
    let kinds = "kms,iam,passwords,secrets,service_credentials";
    let line = format!("scan --out out --audit-guard on --kinds {kinds} {more}");
    desk.run(&line).ended(4);
}

/// Makes a census that sends its digest, and gives that.
pub(crate) fn scan_and_tell(desk: &Desk) -> String {
    let topic = "arn:aws:sns:eu-west-1:111111111111:keycensus";
    scan(desk, &format!("--topic-arn {topic}"));
    desk.aws.messages()[0].text()
}
