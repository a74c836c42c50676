#![no_main]

use libfuzzer_sys::fuzz_target;
use meridian_fuzz::trials;

fuzz_target!(|data: &[u8]| trials::zone_files::run(data));
