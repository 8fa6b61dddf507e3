//! The network or the service stalls: what was sent meanwhile is received at once, and
//! the quota holds.

use tests::{Run, Scenario};

const ACCOUNT: &str = "222222222222";

/// So many keys in one cell, and no others.
fn keys(keys: usize) -> String {
    let key = |n| {
        format!(
            "[[account.key]]\nregion = \"us-east-1\"\nid = \"22220000-0000-4000-8000-{n:012}\"\nlast_used = \"1d\"\nexpect = \"in_use\"\n"
        )
    };
    let keys: String = (0..keys).map(key).collect();
    format!("[[account]]\nid = \"{ACCOUNT}\"\nregions = [\"us-east-1\"]\n{keys}")
}

async fn run(quotas: &str, network: &str, account: &str) -> Run {
    let head = format!("quotas = \"{quotas}\"\n{network}");
    let run = Scenario::small(&head, account).run().await;
    run.verdicts_match_the_world();
    assert_eq!(run.summary()["coverage"]["complete"], true);
    run
}

const MODELS: [&str; 2] = ["token_bucket", "fixed_window"];

#[tokio::test(start_paused = true)]
async fn a_pause_of_kms_is_not_made_up_for_and_costs_no_more_than_itself() {
    for quotas in MODELS {
        for from_ms in [3_000, 3_130, 3_777] {
            for for_ms in [800, 3_000] {
                let stall = format!(
                    "latency_ms = 40\n[[stall]]\nservice = \"kms\"\nfrom_ms = {from_ms}\nfor_ms = {for_ms}"
                );
                let told = format!("{quotas}, {for_ms} ms from {from_ms} on");
                let run = run(quotas, &stall, &keys(60)).await;
                assert_eq!(run.aws.calls().total().throttled, 0, "{told}");
                // 60 keys at 4.875 a second, and what comes before and after.
                let most_ms = 12_104 + 800 + for_ms;
                let took_ms = run.aws.elapsed_ms();
                assert!(took_ms <= most_ms, "{told}: {took_ms} ms");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn answers_that_take_a_second_cost_no_pace() {
    for quotas in MODELS {
        let run = run(quotas, "latency_ms = 1000", &keys(100)).await;
        assert_eq!(run.aws.calls().total().throttled, 0);
        let asked: Vec<u64> = run
            .aws
            .log()
            .iter()
            .filter(|call| call.operation == "kms:GetKeyLastUsage")
            .map(|call| call.at_ms)
            .collect();
        let took_ms = asked[99] - asked[0];
        assert!(
            took_ms <= 20_400,
            "{took_ms} ms for 99 keys after the first"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn pauses_of_every_service_leave_no_gap_and_are_not_made_up_for() {
    let users: String = (0..100)
        .map(|n| {
            format!(
                "[[account.user]]\nname = \"user-{n}\"\n[[account.user.access_key]]\nlast_used = \"1d 12h\"\nexpect = \"in_use\"\n"
            )
        })
        .collect();
    let account = keys(40) + &users;
    for quotas in MODELS {
        let network = "latency_ms = 40\n[[stall]]\nfrom_ms = 300\nfor_ms = 1500\nevery_ms = 4000";
        let run = run(quotas, network, &account).await;
        assert_eq!(run.aws.calls().total().throttled, 0, "{quotas}");
    }
}
