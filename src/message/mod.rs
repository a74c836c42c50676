//! What notices say: a template in the receiver's language and values go in, a subject and a text come out.
//! Knows no rule, no file and no channel. Pure.

mod values;
pub use values::{
    BriefingWords, FaultyWords, PromiseWords, RequestWords, Spoken, TicketWords, UnreadyWords, UpdateWords,
    Values, VendorWords, on_one_line, on_several_lines,
};

mod names;
pub use names::{Kind, Part, Reason, Template};

mod built_in;

mod wordings;
pub use wordings::{LANGUAGES, Wordings, Words, in_english};

mod tried;
pub use tried::{Flaw, flaw, samples};
