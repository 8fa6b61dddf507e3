//! Expected texts as files beside the tests that compare with them.

use std::{fs, path::Path};

/// Compares `text` with a file below `src`. With `KEYCENSUS_BLESS=1`, as `make bless`
/// sets it, the file is written instead.
pub(crate) fn matches_file(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file);
    #[expect(
        clippy::disallowed_methods,
        reason = "how a person asks for new expected files"
    )]
    let is_blessed = std::env::var("KEYCENSUS_BLESS").is_ok();
    if is_blessed {
        fs::write(&path, text).unwrap();
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        text == expected,
        "{} differs (`make bless` writes it anew); it would be:\n{text}",
        path.display()
    );
}
