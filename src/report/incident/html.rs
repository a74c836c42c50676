//! A document as a page that stands alone: no script, nothing fetched.

use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, UndefinedBehavior};

use super::Document;

/// Steps of the template: far more than the longest history takes, and yet an end.
const FUEL: u64 = 2_000_000_000;

impl Document {
    pub fn html(&self) -> String {
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.set_fuel(Some(FUEL));
        let template = environment.template_from_named_str("incident.html", include_str!("incident.html"));
        let page = template.and_then(|template| template.render(Value::from(Serde(self))));
        page.unwrap_or_else(|error| panic!("the template is ours and knows every field: {error:#}"))
    }
}
