//! The network or the service stalls: what was sent meanwhile is received at once, and
//! the quota holds.

use tests::{Run, Scenario, parts};

/// So many keys in one cell, and no others.
fn keys(count: usize) -> String {
    let keys = parts::keys(0..count, "last_used = '1d'\nexpect = 'in_use'");
    format!("regions = ['us-east-1']\n{keys}")
}

/// Nothing is throttled, and there is no gap.
async fn run(quotas: &str, network: &str, member: &str) -> Run {
    let head = format!("quotas = '{quotas}'\n{network}");
    let run = Scenario::member(&head, member).run().await;
    run.verdicts_match_the_world();
    assert!(run.is_complete());
    assert_eq!(run.aws.calls().total().throttled, 0, "{head}");
    run
}

const MODELS: [&str; 2] = ["token_bucket", "fixed_window"];

#[tokio::test(start_paused = true)]
async fn after_a_stall_of_kms_nothing_is_throttled_and_no_more_time_than_the_stall_is_lost() {
    for quotas in MODELS {
        for from_ms in [3_000, 3_130, 3_777] {
            for for_ms in [800, 3_000] {
                let times = format!("from_ms = {from_ms}\nfor_ms = {for_ms}");
                let network = format!("latency_ms = 40\n[[stall]]\nservice = 'kms'\n{times}");
                let run = run(quotas, &network, &keys(60)).await;
                // 60 keys at 4.875 a second, and what comes before and after.
                let most_ms = 12_104 + 840 + for_ms;
                let took_ms = run.aws.elapsed_ms();
                assert!(took_ms <= most_ms, "{quotas}, {times}: {took_ms} ms");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn answers_that_take_a_second_do_not_slow_the_census() {
    for quotas in MODELS {
        let run = run(quotas, "latency_ms = 1000", &keys(100)).await;
        let asked = run.sent_at_ms("kms:GetKeyLastUsage");
        let took_ms = asked[99] - asked[0];
        assert!(took_ms <= 20_400, "{took_ms} ms for 99 keys more");
    }
}

#[tokio::test(start_paused = true)]
async fn after_stalls_of_every_service_nothing_is_throttled_and_there_is_no_gap() {
    let member = keys(40) + &parts::users(100);
    let network = "latency_ms = 40\n[[stall]]\nfrom_ms = 300\nfor_ms = 1500\nevery_ms = 4000";
    for quotas in MODELS {
        run(quotas, network, &member).await;
    }
}
