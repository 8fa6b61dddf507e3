//! Every file of the fuzz targets' corpora, through what the targets check. So the
//! corpora are tried by every test run, and the targets cannot rot.

#![expect(clippy::expect_used, reason = "a check fails its test by panicking")]

#[expect(unreachable_pub, reason = "the targets' crate has these in public")]
#[path = "../../../fuzz/src/lib.rs"]
mod fuzz;

use std::{collections::BTreeSet, fs, path::Path};

#[test]
fn every_reader_withstands_its_corpus() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let folders: BTreeSet<String> = fs::read_dir(&corpora)
        .unwrap()
        .map(|folder| folder.unwrap().file_name().into_string().unwrap())
        .collect();
    let names = fuzz::CHECKS.map(|(name, _)| name.to_owned());
    assert_eq!(folders, BTreeSet::from(names), "a corpus for each target");
    for (name, check) in fuzz::CHECKS {
        let files: Vec<_> = fs::read_dir(corpora.join(name)).unwrap().collect();
        assert!(files.len() > 2, "{name} has no corpus");
        for file in files {
            let path = file.unwrap().path();
            println!("{}", path.display());
            check(&fs::read(path).unwrap());
        }
    }
}
