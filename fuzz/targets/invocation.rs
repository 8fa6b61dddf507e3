#![no_main]

use keycensus_fuzz::invocation::check;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|content: &[u8]| check(content));
