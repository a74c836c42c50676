//! Changes to texts that are made of lines, beside libFuzzer's to bytes: most of what people write is refused for its
//! syntax long before it means anything, so the syntax is kept and the meaning is changed.

use libfuzzer_sys::fuzzer_mutate;

/// Longer texts are left to libFuzzer.
const LINES_MAX: usize = 2_000;

/// What a value may become: borders of days, of years, of clock changes and of numbers.
const VALUES: &[&str] = &[
    "\"00:00\"",
    "\"24:00\"",
    "\"02:30\"",
    "2026-03-29T02:30:00",
    "2026-10-25T02:30:00",
    "2026-03-29",
    "0001-01-01T00:00:00",
    "9999-12-31T23:59:59",
    "2026-03-29T02:30:00+14:00",
    "\"2026-03-29T00:30:00Z\"",
    "\"9999-12-31T23:59:59Z\"",
    "\"\"",
    "\"😀\"",
    "\"\u{202e}x\"",
    "[]",
    "{}",
    "true",
    "null",
    "0",
    "-1",
    "1",
    "2147483648",
    "9223372036854775807",
    "1e308",
    "\"0s\"",
    "\"1s\"",
    "\"90s\"",
    "\"1m\"",
    "\"366d\"",
    "\"999999999d\"",
    "\"day\"",
    "\"month\"",
    "\"FREQ=HOURLY\"",
    "\"FREQ=MONTHLY;BYDAY=-5FR\"",
    "\"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29\"",
    "\"FREQ=WEEKLY;INTERVAL=65535;WKST=SU\"",
    "\"FREQ=DAILY;BYSETPOS=-1\"",
    "\"Pacific/Apia\"",
    "\"Australia/Lord_Howe\"",
    "\"America/St_Johns\"",
];

/// A libFuzzer custom mutator: the new size of what stands in `data`.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut chance = Chance(u64::from(seed) | 1 << 32);
    let text = std::str::from_utf8(&data[..size]).ok();
    let text = text.filter(|text| text.lines().take(LINES_MAX).count() < LINES_MAX && !text.is_empty());
    let Some(text) = text.filter(|_| chance.below(3) > 0) else { return fuzzer_mutate(data, size, max_size) };
    let changed = changed(text, &mut chance);
    let new_size = changed.floor_char_boundary(max_size.min(data.len()));
    data[..new_size].copy_from_slice(&changed.as_bytes()[..new_size]);
    new_size
}

fn changed(text: &str, chance: &mut Chance) -> String {
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    for _ in 0..=chance.below(3) {
        let at = chance.below(lines.len());
        let other = chance.below(lines.len());
        match chance.below(8) {
            0 => lines.insert(at, lines[other].clone()),
            1 if lines.len() > 1 => drop(lines.remove(at)),
            2 => lines.swap(at, other),
            // A block of lines again, at another place.
            3 => {
                let block: Vec<String> = lines[other..].iter().take(1 + chance.below(8)).cloned().collect();
                lines.splice(at..at, block);
            }
            // What stands behind the sign of one line, behind that of another.
            4 => {
                let value = lines[other].split_once(['=', ':']).map(|(_, value)| value.to_owned());
                if let (Some(value), Some(sign)) = (value, lines[at].find(['=', ':'])) {
                    lines[at].truncate(sign + 1);
                    lines[at].push_str(&value);
                }
            }
            _ => {
                let value = match chance.below(3) {
                    0 => word(&lines[other], chance),
                    _ => VALUES[chance.below(VALUES.len())].to_owned(),
                };
                replace_word(&mut lines[at], &value, chance);
            }
        }
    }
    lines.join("\n")
}

/// Where words of a line begin and end: texts in quotes, numbers, names.
fn words(line: &str) -> Vec<(usize, usize)> {
    let (mut found, mut from, mut quoted) = (Vec::new(), None, false);
    for (at, letter) in line.char_indices() {
        let of_word = letter.is_alphanumeric() || "_-.:+\\".contains(letter);
        match (letter, from) {
            ('"', Some(begun)) if quoted => {
                found.push((begun, at + 1));
                (from, quoted) = (None, false);
            }
            ('"', None) => (from, quoted) = (Some(at), true),
            (_, None) if of_word => from = Some(at),
            (_, Some(begun)) if !quoted && !of_word => {
                found.push((begun, at));
                from = None;
            }
            _ => (),
        }
    }
    found.extend(from.map(|begun| (begun, line.len())));
    found
}

fn word(line: &str, chance: &mut Chance) -> String {
    let words = words(line);
    match words.len() {
        0 => String::new(),
        count => {
            let (from, until) = words[chance.below(count)];
            line[from..until].to_owned()
        }
    }
}

fn replace_word(line: &mut String, value: &str, chance: &mut Chance) {
    let words = words(line);
    if !words.is_empty() {
        let (from, until) = words[chance.below(words.len())];
        line.replace_range(from..until, value);
    }
}

/// Drawn from libFuzzer's seed, so that a run can be repeated (xorshift64*).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % limit
    }
}
