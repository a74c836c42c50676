//! Files -> checked people, teams, rotations, policies, with a place for every problem.
//! Text goes in, an [`Organisation`] or a list of [`Problem`]s comes out. Only `load` reads the disk.

mod ids;
pub use ids::*;

mod model;
pub use model::*;

mod policy;
pub use policy::*;
mod conditions;
pub use conditions::{Audience, Conditions};

mod sla;
pub use sla::*;

mod vendor;
pub use vendor::{AtVendor, Vendor};

mod subscription;
pub use subscription::{News, Subscription};

mod closing;
pub use closing::*;

mod privacy;
pub use privacy::PrivacyRule;

mod languages;

pub mod defaults;

mod problem;
pub use problem::{Problem, Severity};

mod load;
pub use load::load;

mod parse;
pub use parse::{Checked, Files, Parsed, parse};

mod stale;
pub use stale::stale;

mod unspoken;
pub use unspoken::unspoken;

mod remark;
pub use remark::warning_at;

mod render;
pub use render::render;

mod day;
pub use day::{FieldProblem, leave_from_json, leave_to_json, override_from_json, override_to_json};

mod read;
pub use read::{duration, duration_text, language, schema};

mod check;
pub use check::surely_over;

mod ics;

mod rules;

mod place;

mod syntax;

mod suggest;
pub use suggest::nearest;
