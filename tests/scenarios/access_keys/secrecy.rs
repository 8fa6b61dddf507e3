//! No text that is sent or shown about has a whole access key ID in it: only
//! `keys.csv` does.

use super::{DEPLOY_KEY, IDLE_KEY, refused, users};

#[tokio::test(start_paused = true)]
async fn whole_ids_of_access_keys_are_in_the_list_of_keys_only() {
    let of_key = format!("key = '{DEPLOY_KEY}'");
    let run = users(&refused("iam:GetAccessKeyLastUsed", &of_key))
        .run()
        .await;
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
