use super::*;

const SMALL: &str = r#"
    [[account]]
    id = "111111111111"
    regions = ["eu-west-1"]
    [[account.key]]
    region = "eu-west-1"
    aliases = ["alias/payments"]
"#;

#[test]
fn what_a_file_leaves_out_has_a_default() {
    let world = World::parse(SMALL).unwrap();
    assert_eq!(world.organization.management_account, "111111111111");
    assert_eq!(world.scanner.account, "111111111111");
    let account = &world.accounts[0];
    assert_eq!(account.parent, "r-exam");
    assert_eq!(
        account.trusts.as_deref(),
        Some(&["111111111111".to_owned()][..])
    );
    assert_eq!(account.keys[0].id.len(), 36);
    assert_eq!(World::parse(&world.to_toml()).unwrap(), world);
}

#[test]
fn the_quota_model_is_a_switch_or_a_name() {
    for (text, model) in [
        ("quotas = false", QuotaModel::Off),
        ("quotas = true", QuotaModel::TokenBucket),
        ("quotas = \"token_bucket\"", QuotaModel::TokenBucket),
        ("quotas = \"fixed_window\"", QuotaModel::FixedWindow),
    ] {
        assert_eq!(World::parse(text).unwrap().quotas, model);
    }
}

#[test]
fn a_mistake_is_named_with_what_would_be_right() {
    for (mistake, says) in [
        ("quota = true", "unknown field `quota`"),
        (
            "quotas = \"leaky\"",
            "true, false, \"token_bucket\" or \"fixed_window\", not `leaky`",
        ),
        (
            "[[account]]\nid = \"1\"",
            "an account ID is twelve digits, not `1`",
        ),
        (
            "[[account]]\nid = \"222222222222\"\nstate = \"OPEN\"",
            "unknown variant `OPEN`",
        ),
        (
            "[[account]]\nid = \"222222222222\"\nparent = \"ou-none\"",
            "account 222222222222: there is no root or unit `ou-none` to be its `parent`; there are r-exam",
        ),
        (
            "[[account]]\nid = \"222222222222\"\nregions = [\"Ireland\"]",
            "a Region looks like `eu-west-1`, not `Ireland`",
        ),
        (
            "[[account]]\nid = \"222222222222\"\n[[account.key]]\nregion = \"eu-west-1\"",
            "its Region is not among the account's `regions` (us-east-1)",
        ),
        (
            "[[account]]\nid = \"222222222222\"\n[[account.key]]\nregion = \"us-east-1\"\naliases = [\"payments\"]",
            "alias `payments` must begin with `alias/`",
        ),
        (
            "[[account]]\nid = \"222222222222\"\n[[account.key]]\nregion = \"us-east-1\"\nmulti_region = \"REPLICA\"",
            "a replica must name its primary's Region",
        ),
        (
            "[[account]]\nid = \"222222222222\"\n[[account.key]]\nregion = \"us-east-1\"\ncreated = \"long ago\"",
            "`long ago` is neither",
        ),
        (
            "[[account]]\nid = \"222222222222\"\n[[account.key]]\nregion = \"us-east-1\"\nspec = \"HMAC_256\"\nrotations = [\"35d\"]",
            "only keys for symmetric encryption have `rotations`",
        ),
        (
            "[[refuse]]\noperation = \"kms:Encrypt\"",
            "`operation` must be `*`, `service:*` or one of",
        ),
        (
            "[[refuse]]\naccount = \"999999999999\"",
            "`account` 999999999999 is none of the accounts",
        ),
        (
            "[[refuse]]\nkey = \"alias/none\"",
            "no key it could mean has the `id` or alias `alias/none`",
        ),
        (
            "[[fault]]\noperation = \"kms:ListKeys\"",
            "missing field `effect`",
        ),
        (
            "[[fault]]\neffect = \"explode\"",
            "unknown variant `explode`, expected one of `throttle`",
        ),
        (
            "[[fault]]\neffect = \"hang\"\noperation = \"kms:Encrypt\"",
            "fault 1 (hang, kms:Encrypt): `operation` must be `*`",
        ),
        (
            "[[fault]]\neffect = \"vanish\"\noperation = \"kms:ListKeys\"",
            "this `effect` is for kms:DescribeKey, kms:ListResourceTags, kms:ListKeyRotations, kms:ListGrants, kms:GetKeyPolicy, kms:GetKeyLastUsage, iam:ListUserTags, iam:ListAccessKeys, iam:GetAccessKeyLastUsed only",
        ),
        (
            "[[fault]]\neffect = \"hang\"\nnth = 0",
            "`nth` and `first` are at least 1",
        ),
        (
            "[[fault]]\neffect = \"hang\"\nnth = 2\nfirst = 2",
            "`nth` or `first`, not both",
        ),
        (
            "[[fault]]\neffect = \"hang\"\nprobability = 5.0",
            "`probability` is 0 to 1, not 5",
        ),
        (
            "[[fault]]\neffect = \"hang\"\naccount = \"999999999999\"",
            "`account` 999999999999 is none of the accounts",
        ),
        (
            "[[fault]]\neffect = \"hang\"\nkey = \"alias/none\"",
            "no key it could mean has the `id` or alias `alias/none`",
        ),
        (
            "[[stall]]\nservice = \"KMS\"\nfrom_ms = 0\nfor_ms = 1",
            "stall 1: `service` is one of organizations, sts",
        ),
        (
            "[[stall]]\naccount = \"999999999999\"\nfrom_ms = 0\nfor_ms = 1",
            "stall 1: `account` 999999999999 is none of the accounts",
        ),
        (
            "[[stall]]\nfrom_ms = 0\nfor_ms = 0",
            "`for_ms` is at least 1",
        ),
        (
            "[[stall]]\nfrom_ms = 0\nfor_ms = 9\nevery_ms = 9",
            "`every_ms` is more than `for_ms`",
        ),
        (
            "[[neighbour]]\noperation = \"kms:*\"\nrps = 1.0",
            "neighbour 1 (kms:*): `operation` must be one that has a quota: organizations:ListAccounts",
        ),
        (
            "[[neighbour]]\noperation = \"kms:ListKeys\"\nrps = 0",
            "`rps` is above 0 up to 10000, not 0",
        ),
        (
            "[[neighbour]]\noperation = \"kms:ListKeys\"\nrps = 1\nregion = \"Ireland\"",
            "a Region looks like `eu-west-1`, not `Ireland`",
        ),
        (
            "[[topic]]\narn = \"keycensus\"",
            "its `arn` must look like `arn:aws:sns:",
        ),
        (
            "[[event_bus]]\nname = \"key census\"",
            "its `name` is letters, digits",
        ),
        (
            "[[bucket]]\nname = \"reports\"\npolicy = '{\"Statement\": {\"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"s3:PutObject\", \"Resource\": \"*\", \"Condition\": {\"Null\": {\"s3:signatureAge\": \"true\"}}}}'",
            "bucket reports: its `policy`:",
        ),
        (
            "[organization]\npage_size = 21",
            "`page_size` is 1 to 20, not 21",
        ),
        (
            "[organization]\nmanagement_account = \"999999999999\"",
            "is none of the accounts",
        ),
        (
            "[[organizational_unit]]\nid = \"ou-a\"\nname = \"A\"\nparent = \"ou-b\"\n[[organizational_unit]]\nid = \"ou-b\"\nname = \"B\"\nparent = \"ou-a\"",
            "its parents form a circle",
        ),
    ] {
        // The account of SMALL comes last, so that a bare key at the top stays at the top.
        let error = World::parse(&format!("{mistake}\n{SMALL}"))
            .unwrap_err()
            .to_string();
        assert!(error.contains(says), "{mistake:?} says {error}");
    }
}

#[test]
fn nothing_occurs_twice() {
    for (twice, says) in [
        (
            "[[account]]\nid = \"111111111111\"",
            "two accounts with this `id`",
        ),
        (
            "[[bucket]]\nname = \"a\"\n[[bucket]]\nname = \"a\"",
            "two buckets with this `name`",
        ),
        (
            "[[security_hub]]\n[[security_hub]]",
            "there are two in one account and Region",
        ),
        (
            "[[event_bus]]\nname = \"a\"\n[[event_bus]]\nname = \"a\"",
            "two with this `name` in its account and Region",
        ),
        (
            "[[account.key]]\nregion = \"eu-west-1\"\naliases = [\"alias/payments\"]",
            "another key of this Region has the alias `alias/payments`",
        ),
        (
            "[[account.key]]\nregion = \"eu-west-1\"\nid = \"a\"\n[[account.key]]\nregion = \"eu-west-1\"\nid = \"a\"",
            "two keys with this `id`",
        ),
    ] {
        let error = World::parse(&format!("{SMALL}\n{twice}"))
            .unwrap_err()
            .to_string();
        assert!(error.contains(says), "{twice:?} says {error}");
    }
}

#[test]
fn what_goes_wrong_reads_back_as_it_was_built() {
    let built = World {
        seed: 7,
        jitter_ms: 30,
        log: false,
        faults: vec![
            FaultRule {
                account: Some("111111111111".to_owned()),
                nth: Some(3),
                ..FaultRule::new("kms:ListKeys", Effect::Throttle)
            },
            FaultRule {
                probability: Some(0.05),
                delay_ms: 90_000,
                ..FaultRule::new("*", Effect::SlowBody)
            },
        ],
        stalls: vec![Stall {
            service: Some("kms".to_owned()),
            from_ms: 1_000,
            for_ms: 3_000,
            every_ms: Some(20_000),
            ..Stall::default()
        }],
        neighbours: vec![Neighbour::new("kms:GetKeyLastUsage", 2.0)],
        ..World::parse(SMALL).unwrap()
    };
    assert_eq!(World::parse(&built.to_toml()).unwrap(), built);
    let written =
        "[[fault]]\neffect = \"slow_body\"\n[[neighbour]]\noperation = \"kms:ListKeys\"\nrps = 2";
    let world = World::parse(written).unwrap();
    assert_eq!(world.faults, [FaultRule::new("*", Effect::SlowBody)]);
    assert_eq!(world.neighbours, [Neighbour::new("kms:ListKeys", 2.0)]);
    assert!(world.log);
}

#[test]
fn the_example_of_faults_shows_every_effect_once_a_stall_and_a_neighbour() {
    let world = World::parse(include_str!("../../../../examples/worlds/faults.toml")).unwrap();
    for effect in Effect::ALL {
        let shown = world.faults.iter().filter(|rule| rule.effect == effect);
        assert_eq!(shown.count(), 1, "{}", effect.name());
    }
    assert_eq!((world.stalls.len(), world.neighbours.len()), (1, 1));
}
