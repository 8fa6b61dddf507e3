#![no_main]

use keycensus_fuzz::credential_report::check;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|content: &[u8]| check(content));
