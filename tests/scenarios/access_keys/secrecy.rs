//! No text that is sent or shown about has a whole access key ID in it: only
//! `keys.csv` does.

use super::{DEPLOY_KEY, IDLE_KEY, USERS, world};

#[tokio::test(start_paused = true)]
async fn whole_ids_of_access_keys_are_in_the_list_of_keys_only() {
    let refusal =
        format!("[[refuse]]\noperation = \"iam:GetAccessKeyLastUsed\"\nkey = \"{DEPLOY_KEY}\"");
    let run = world(&refusal, USERS).run().await;
    let digest = run.digest();
    let mut texts = vec![
        run.latest("coverage.csv"),
        run.latest("summary.json"),
        run.summary().to_string(),
        digest.subject.clone(),
        digest.text(),
        format!("{:?}", digest.attributes),
    ];
    texts.extend(["default", "email", "sqs", "https"].map(|protocol| digest.body(protocol)));
    for text in texts {
        for id in [DEPLOY_KEY, IDLE_KEY] {
            assert!(!text.contains(id), "{id} in {text}");
        }
    }
    assert!(digest.text().contains("idle-bot, key …0001"));
    assert!(run.latest("keys.csv").contains(IDLE_KEY));
}
