//! A whole plan as files beside this one, for people to read.

use crate::{expected::matches_file, plan::make};

#[test]
fn a_plan_of_every_sort_of_key() {
    let plan = make(&include_bytes!("../expected/keys.csv")[..]).unwrap();
    matches_file("plan/expected/plan.md", &plan.document);
    let names = plan.scripts.iter().map(|script| script.file_name.as_str());
    assert_eq!(
        names.collect::<Vec<_>>(),
        ["222222222222.sh", "444444444444.sh"]
    );
    for script in &plan.scripts {
        matches_file(&format!("plan/expected/{}", script.file_name), &script.text);
    }
}
