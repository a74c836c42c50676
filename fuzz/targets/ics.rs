#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use meridian_fuzz::{lines, trials};

fuzz_target!(|data: &[u8]| trials::ics::run(data));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    lines::mutate(data, size, max_size, seed)
});
