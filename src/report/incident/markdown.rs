//! A document as Markdown. What people wrote stays what they wrote: it makes no headings, links or tags.

use super::Document;
use super::document::{Block, Section};

impl Document {
    /// CommonMark with the tables of GitHub's dialect; ends with a line feed.
    pub fn markdown(&self) -> String {
        let mut text = format!("# {}\n\n**{}**\n", escaped(&self.title), escaped(&self.subtitle));
        text += &format!("\n{}\n", escaped(&self.lead));
        for Section { title, blocks } in &self.sections {
            text += &format!("\n## {title}\n");
            blocks.iter().for_each(|block| text += &format!("\n{}", written(block)));
        }
        text
    }
}

fn written(block: &Block) -> String {
    match block {
        Block::Words { text } => format!("{}\n", escaped(text)),
        Block::Quote { lines } => lines.iter().map(|line| format!("{}\n", quoted(line))).collect(),
        Block::Facts { facts } => {
            facts.iter().map(|fact| format!("- {}: {}\n", fact.name, escaped(&fact.text))).collect()
        }
        Block::Table { columns, rows } => {
            let rule: Vec<String> = columns.iter().map(|_| "---".to_owned()).collect();
            let cells = |cells: &[String]| cells.iter().map(|cell| escaped(cell)).collect::<Vec<_>>();
            let mut text = line(&cells(columns)) + &line(&rule);
            rows.iter().for_each(|row| text += &line(&cells(row)));
            text
        }
    }
}

fn line(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

fn quoted(line: &str) -> String {
    format!("> {}", escaped(line.trim())).trim_end().to_owned()
}

/// Every character that could begin or end markup there is escaped: within a line, at its beginning (headings, lists,
/// rules), and where an address would become a link.
fn escaped(text: &str) -> String {
    let mut written = String::with_capacity(text.len() + 8);
    let numbered = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let number_ends = text.len() - numbered.len();
    for (at, c) in text.char_indices() {
        let (before, rest) = text.split_at(at);
        let begins = at == 0 && "#+-=".contains(c);
        let ends_number = at == number_ends && at > 0 && ".)".contains(c);
        let lists = ends_number && rest[1..].chars().next().is_none_or(char::is_whitespace);
        let www = c == '.' && before.len() >= 3 && before.as_bytes()[at - 3..].eq_ignore_ascii_case(b"www");
        let links = rest.starts_with(":/") || www || c == '@';
        if begins || lists || links || r"\`*_[]<>|~&$".contains(c) {
            written.push('\\');
        }
        written.push(c);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_people_wrote_is_no_markup() {
        let cases = [
            ("plain words, 3.5 h: fine (really)", "plain words, 3.5 h: fine (really)"),
            ("# not a heading", r"\# not a heading"),
            ("- not a list", r"\- not a list"),
            ("1. not a list", r"1\. not a list"),
            ("1.5 d", "1.5 d"),
            ("äww.e.example", "äww.e.example"),
            ("2026-03-02 09:00", "2026-03-02 09:00"),
            ("a | b", r"a \| b"),
            ("<script>alert(1)</script>", r"\<script\>alert(1)\</script\>"),
            ("[click](javascript:x)", r"\[click\](javascript:x)"),
            ("![x](http://e.example/x.png)", r"!\[x\](http\://e.example/x.png)"),
            ("see https://e.example", r"see https\://e.example"),
            ("see WWW.e.example", r"see WWW\.e.example"),
            ("`code` *bold* _soft_ ~gone~ $x$", r"\`code\` \*bold\* \_soft\_ \~gone\~ \$x\$"),
            (r"back\slash", r"back\\slash"),
            ("&lt;b&gt;", r"\&lt;b\&gt;"),
            ("", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(escaped(text), expected);
        }
    }
}
