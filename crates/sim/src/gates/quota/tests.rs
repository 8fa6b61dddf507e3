use super::*;
use crate::state::clock::Clock;

const ACCOUNT: u64 = 222_222_222_222;

/// How many of `calls` calls, one every `step`, are allowed.
async fn allowed(model: QuotaModel, operation: Operation, calls: u32, step: Duration) -> u32 {
    let quotas = Quotas::new(model, &[]);
    let clock = Clock::starting_at(None);
    let mut allowed = 0;
    for _ in 0..calls {
        allowed += u32::from(quotas.take(operation, ACCOUNT, "eu-west-1", clock.elapsed()));
        tokio::time::sleep(step).await;
    }
    allowed
}

#[tokio::test(start_paused = true)]
async fn a_burst_is_cut_at_the_bucket_size() {
    let none = Duration::ZERO;
    assert_eq!(
        allowed(
            QuotaModel::TokenBucket,
            Operation::GetKeyLastUsage,
            20,
            none
        )
        .await,
        5
    );
    assert_eq!(
        allowed(QuotaModel::TokenBucket, Operation::ListAccounts, 20, none).await,
        12
    );
    // A burst that AWS documents is one in either model.
    assert_eq!(
        allowed(QuotaModel::FixedWindow, Operation::ListAccounts, 20, none).await,
        12
    );
    assert_eq!(
        allowed(QuotaModel::Off, Operation::GetKeyLastUsage, 20, none).await,
        20
    );
}

#[tokio::test(start_paused = true)]
async fn calls_at_the_rate_are_never_throttled_in_either_model() {
    let step = Duration::from_millis(200);
    for model in [QuotaModel::TokenBucket, QuotaModel::FixedWindow] {
        assert_eq!(
            allowed(model, Operation::GetKeyLastUsage, 100, step).await,
            100,
            "{model:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn calls_at_twice_the_rate_are_halved_in_the_long_run() {
    let step = Duration::from_millis(100);
    for model in [QuotaModel::TokenBucket, QuotaModel::FixedWindow] {
        let allowed = allowed(model, Operation::GetKeyLastUsage, 1000, step).await;
        assert!(
            (500..=505).contains(&allowed),
            "{model:?} allowed {allowed}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_fixed_window_opens_anew_with_each_second_of_the_clock() {
    let quotas = Quotas::new(QuotaModel::FixedWindow, &[]);
    let take = |millis| {
        quotas.take(
            Operation::GetKeyLastUsage,
            ACCOUNT,
            "eu-west-1",
            Duration::from_millis(millis),
        )
    };
    assert!((0..5).all(|_| take(990)));
    assert!(!take(999));
    assert!((0..5).all(|_| take(1000)));
    assert!(!take(1001));
}

#[tokio::test(start_paused = true)]
async fn accounts_regions_and_operations_have_their_own_quotas() {
    let quotas = Quotas::new(QuotaModel::TokenBucket, &[]);
    let spend = |operation, account, region| {
        (0..9)
            .filter(|_| quotas.take(operation, account, region, Duration::ZERO))
            .count()
    };
    assert_eq!(spend(Operation::GetKeyLastUsage, ACCOUNT, "eu-west-1"), 5);
    assert_eq!(spend(Operation::GetKeyLastUsage, ACCOUNT, "us-east-1"), 5);
    assert_eq!(spend(Operation::GetKeyLastUsage, 1, "eu-west-1"), 5);
    assert_eq!(spend(Operation::DescribeKey, ACCOUNT, "eu-west-1"), 9);
}

/// A quota that a neighbour shares at `rps`, and how many of one call every 200 ms for 20 s are allowed.
fn allowed_beside(neighbour: Neighbour) -> (u32, Count) {
    let quotas = Quotas::new(QuotaModel::TokenBucket, &[neighbour]);
    let allowed = (0..100)
        .map(|number| Duration::from_millis(200 * number))
        .map(|at| quotas.take(Operation::GetKeyLastUsage, ACCOUNT, "eu-west-1", at))
        .map(u32::from)
        .sum();
    (allowed, quotas.neighbour_calls())
}

#[test]
fn a_neighbour_takes_its_calls_out_of_the_same_quota() {
    let (allowed, neighbour) = allowed_beside(Neighbour::new("kms:GetKeyLastUsage", 2.0));
    assert_eq!(neighbour.sent, 40);
    let granted = u64::from(allowed) + neighbour.sent - neighbour.throttled;
    assert!((99..=104).contains(&granted), "{allowed}, {neighbour:?}");
    assert!(allowed < 85, "{allowed}");
}

#[test]
fn a_neighbour_who_takes_too_much_is_throttled_too() {
    let (_, neighbour) = allowed_beside(Neighbour::new("kms:GetKeyLastUsage", 20.0));
    assert_eq!(neighbour.sent, 397);
    assert!(neighbour.throttled > 280, "{neighbour:?}");
}

#[test]
fn a_neighbour_elsewhere_or_with_other_calls_is_none() {
    let usage = || Neighbour::new("kms:GetKeyLastUsage", 5.0);
    for other in [
        Neighbour::new("kms:DescribeKey", 5.0),
        Neighbour {
            account: Some("111111111111".to_owned()),
            ..usage()
        },
        Neighbour {
            region: Some("us-east-1".to_owned()),
            ..usage()
        },
    ] {
        assert_eq!(allowed_beside(other), (100, Count::default()));
    }
    let beside = Neighbour {
        account: Some(ACCOUNT.to_string()),
        region: Some("eu-west-1".to_owned()),
        ..usage()
    };
    assert!(allowed_beside(beside).0 < 60);
}

#[test]
fn all_operations_of_iam_share_one_quota_with_a_neighbour_of_any() {
    let spend = |neighbours: &[Neighbour]| {
        let quotas = Quotas::new(QuotaModel::TokenBucket, neighbours);
        let operations = [
            Operation::ListUsers,
            Operation::ListAccessKeys,
            Operation::GetAccessKeyLastUsed,
            Operation::ListUserTags,
            Operation::GenerateCredentialReport,
            Operation::GetCredentialReport,
        ];
        // Twice the rate, for ten seconds.
        (0..500_u32)
            .zip(operations.into_iter().cycle())
            .filter(|(number, operation)| {
                let at = Duration::from_millis(20) * *number;
                quotas.take(*operation, ACCOUNT, "us-east-1", at)
            })
            .count()
    };
    let alone = spend(&[]);
    assert!((295..=300).contains(&alone), "{alone}");
    let beside = spend(&[Neighbour::new("iam:ListUsers", 10.0)]);
    assert!((190..=280).contains(&beside), "{beside}");
}
