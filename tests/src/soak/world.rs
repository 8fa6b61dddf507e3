//! The world of a seed: a generated organization, in which calls fail at random.

use keycensus_core::model::layout::ReportFile;
use keycensus_sim::{
    Generator, World,
    world::{Effect, FaultRule, QuotaModel, Refusal, SecurityHub, Stall},
};

use super::refused_uses;
use crate::{NOW, parts::words};

/// What may fail.
const OPERATIONS: &str = "
    sts:AssumeRole sts:GetCallerIdentity account:ListRegions organizations:ListAccounts
    organizations:DescribeOrganizationalUnit organizations:ListParents kms:* kms:ListKeys
    kms:ListAliases kms:DescribeKey kms:ListResourceTags kms:ListKeyRotations
    kms:GetKeyLastUsage kms:ListGrants kms:GetKeyPolicy ec2:* ec2:DescribeVolumes
    ec2:DescribeSnapshots iam:* iam:GenerateCredentialReport iam:GetCredentialReport
    iam:ListUsers iam:ListAccessKeys iam:GetAccessKeyLastUsed iam:ListUserTags s3:PutObject
    s3:GetObject events:PutEvents sns:Publish secretsmanager:ListSecrets
    iam:ListServiceSpecificCredentials cloudtrail:LookupEvents *
";

/// What may be refused in a whole account.
const REFUSED: [&str; 3] = [
    "account:ListRegions",
    "kms:ListResourceTags",
    "iam:ListUserTags",
];

/// The settings of a seed that select something: Regions, and organizational units of
/// which some are not there.
pub(super) fn selection(world: &World, random: &mut fastrand::Rng) -> [(&'static str, String); 2] {
    let regions = match random.u8(..4) {
        0 => "us-east-1,ap-south-2",
        1 => "eu-west-1,us-east-1",
        _ => "",
    };
    let mut units = Vec::new();
    if random.u8(..4) == 0 {
        units.push(world.organization.root.as_str());
    }
    if random.u8(..3) == 0 {
        units.push(&*one(&world.organizational_units, random).id);
    }
    if random.u8(..3) == 0 {
        units.push(*one(&["r-none", "ou-exam-nowhere1"], random));
    }
    [
        ("KEYCENSUS_REGIONS", regions.to_owned()),
        ("KEYCENSUS_ORGANIZATIONAL_UNITS", units.join(",")),
    ]
}

/// What may stall, as IAM's actions begin with it; `*` for all of AWS.
const SERVICES: &str = "* kms iam sts account organizations ec2 s3 sns secretsmanager cloudtrail";

/// One of several.
fn one<'a, T>(all: &'a [T], random: &mut fastrand::Rng) -> &'a T {
    &all[random.usize(..all.len())]
}

pub(super) fn world(seed: u64, random: &mut fastrand::Rng) -> World {
    let mut world = Generator {
        accounts: random.usize(2..7),
        regions: random.usize(1..4),
        keys: random.usize(5..60),
        users_per_account: random.usize(0..4),
        secrets_per_account: random.usize(0..6),
        service_credentials_per_user: random.usize(0..3),
        seed,
        ..Generator::default()
    }
    .generate();
    world.seed = seed;
    world.now = NOW.parse().ok();
    world.security_hubs.push(SecurityHub::default());
    world.quotas = match random.bool() {
        true => QuotaModel::TokenBucket,
        false => QuotaModel::FixedWindow,
    };
    // Of few accounts, a page each or two: a listing can fail on the way.
    if random.bool() {
        world.organization.page_size = random.usize(1..3);
    }
    (world.latency_ms, world.jitter_ms) = (random.u64(0..200), random.u64(0..50));
    let regions: Vec<String> = world
        .accounts
        .iter()
        .flat_map(|a| a.regions.clone())
        .collect();
    let accounts: Vec<String> = world.accounts.iter().map(|a| a.id.clone()).collect();
    world.organization.paths = random.u8(..) < 200;
    for operation in REFUSED {
        if random.u8(..8) == 0 {
            world.refusals.push(Refusal {
                account: Some(one(&accounts, random).clone()),
                operation: operation.to_owned(),
                ..Refusal::default()
            });
        }
    }
    for _ in 0..random.usize(0..5) {
        let operation = *one(&words(OPERATIONS), random);
        let effect = effect(random);
        let mut rule = FaultRule::new(operation, effect);
        match random.u8(..4) {
            0 => rule.nth = Some(random.u64(1..6)),
            1 => rule.first = Some(random.u64(1..4)),
            _ => rule.probability = Some(random.f64() * 0.3),
        }
        if random.bool() && operation.starts_with("kms") {
            rule.region = Some(one(&regions, random).clone());
        }
        let is_in_members = ["kms", "iam", "ec2", "secretsmanager"]
            .iter()
            .any(|s| operation.starts_with(s));
        if random.bool() && is_in_members {
            rule.account = Some(one(&accounts, random).clone());
        }
        world.faults.push(rule);
    }
    for _ in 0..random.usize(0..3) {
        let service = *one(&words(SERVICES), random);
        let for_ms = random.u64(50..6_000);
        world.stalls.push(Stall {
            service: (service != "*").then(|| service.to_owned()),
            account: one_or_all(&accounts, random),
            region: one_or_all(&regions, random),
            from_ms: random.u64(0..4_000),
            for_ms,
            every_ms: random.bool().then(|| for_ms + random.u64(500..15_000)),
        });
    }
    refused_uses::add(&mut world, random);
    // Where the scanner is, some have no STS: those are entered by the default Region's.
    for account in &mut world.accounts {
        if random.u8(..6) == 0 {
            let region = world.buckets.first().map(|bucket| bucket.region.clone());
            account.sts_deactivated.extend(region);
        }
    }
    world
}

/// One of them, or `None` for all.
fn one_or_all(all: &[String], random: &mut fastrand::Rng) -> Option<String> {
    let one = one(all, random);
    random.bool().then(|| one.clone())
}

/// What may go wrong. No object is deleted: without its marker, no run can know that a digest
/// was sent.
fn effect(random: &mut fastrand::Rng) -> Effect {
    loop {
        let effect = *one(&Effect::ALL, random);
        if effect != Effect::DeletedFirst {
            return effect;
        }
    }
}

/// The world of a later night: in some, no attempt can replace one of the latest files.
pub(super) fn of_another_night(mut world: World, random: &mut fastrand::Rng) -> World {
    if random.u8(..3) == 0 {
        let file = one(&ReportFile::ALL, random);
        let effects = [Effect::AccessDenied, Effect::Hang, Effect::ResetAfter];
        let mut rule = FaultRule::new("s3:PutObject", *one(&effects, random));
        rule.resource = Some(format!("keycensus/{}", file.latest_path()));
        world.faults.push(rule);
    }
    world
}
