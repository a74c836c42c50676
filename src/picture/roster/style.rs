//! How the sheet looks. What matters differs in shape or pattern as well as in colour: many printers have black only.

use crate::picture::people::COLOURS;

pub const PATTERNS: &str = r##"<pattern id="nobody" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="7" height="7" fill="#fff"/><rect width="3.5" height="7" fill="#b00020"/></pattern><pattern id="on-call" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><rect width="5" height="5" fill="#f4f4f4"/><rect width="1" height="5" fill="#8a8a8a"/></pattern><pattern id="holiday" width="6" height="6" patternUnits="userSpaceOnUse"><rect width="6" height="6" fill="#f6ecd9"/><circle cx="1.5" cy="1.5" r="0.9" fill="#a98747"/><circle cx="4.5" cy="4.5" r="0.9" fill="#a98747"/></pattern>"##;

const RULES: &str = "
svg{background:#fff}
text{font-family:'Helvetica Neue',Helvetica,Arial,'Liberation Sans','DejaVu Sans',sans-serif;font-size:9px;fill:#111}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
.paper{fill:#fff}
.title{font-size:22px;font-weight:bold}
.sub{font-size:12px;fill:#444}
.day{font-size:11px;font-weight:bold;text-anchor:middle}
.hour{font-size:8px;fill:#555;text-anchor:middle}
.weekend{fill:#efefef}
.grid-day{stroke:#777;stroke-width:.8}
.grid-hour{stroke:#ccc;stroke-width:.5}
.rule{stroke:#bbb;stroke-width:.5}
.tier-head{fill:#222}
.tier-name{font-size:12px;font-weight:bold;fill:#fff}
.team-name{font-size:10.5px;font-weight:bold}
.team-zone{font-size:8px;fill:#555}
.who{font-size:9px}
.duty{font-size:9px;font-style:italic;fill:#444}
.open{fill:#dfeaf6;stroke:#7c9fc4;stroke-width:.8}
.holiday{fill:url(#holiday);stroke:#a98747;stroke-width:.6}
.holiday-name{font-size:8px;font-weight:bold;fill:#5b430f}
.bar{stroke:#333;stroke-width:.6}
.crowd{fill:#d9d9d9}
.in-bar{font-size:8.5px}
.beside{paint-order:stroke;stroke:#fff;stroke-width:3px}
.many{fill:#999;stroke:#333;stroke-width:.6}
.at-work{fill:#fff;stroke:#222;stroke-width:.6}
.on-call{fill:url(#on-call);stroke:#222;stroke-width:.6}
.gap{fill:url(#nobody);stroke:#b00020;stroke-width:1.2}
.rest{fill:#aaa}
.flag{fill:#b00020;stroke:#fff;stroke-width:.6}
.tag{fill:#fff;stroke:#b00020;stroke-width:.8}
.gap-word{font-size:8.5px;font-weight:bold;text-anchor:middle;fill:#8c0019}
.strip-word{font-size:9px;text-anchor:middle}
.halo{fill:#fff}
.clock{stroke:#5b1fa6;stroke-width:1.6;stroke-dasharray:6 3}
.clock-word{font-size:9px;font-weight:bold;fill:#5b1fa6}
.left{text-anchor:end}
.head{font-size:10px;font-weight:bold}
.note{font-size:9px;fill:#222}
";

/// Ours, and a rule for each colour of people.
pub fn style() -> String {
    let mut style = RULES.replace('\n', "");
    for (number, colour) in COLOURS.iter().enumerate() {
        style.push_str(&format!(".c{number}{{fill:{colour}}}"));
    }
    style
}
