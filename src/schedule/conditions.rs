//! Which tickets a rule is about.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{CustomerId, Language, Priority, RegionId, Residency, ServiceId, Skill};

/// All that are not empty must hold; one value of each is enough.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conditions {
    pub priority: Vec<Priority>,
    pub category: Vec<String>,
    pub customer: Vec<CustomerId>,
    pub customer_class: Vec<String>,
    pub region: Vec<RegionId>,
    pub residency: Vec<Residency>,
    pub language: Vec<Language>,
    pub service: Vec<ServiceId>,
    pub service_value: Vec<String>,
    pub risk: Vec<String>,
    pub skills: Vec<Skill>,
    pub via: Vec<String>,
    pub audience: Vec<Audience>,
    /// Label name -> accepted values.
    pub labels: BTreeMap<String, Vec<String>>,
}

impl Conditions {
    /// There is no ticket that does not meet them.
    pub fn meet_all(&self) -> bool {
        let every = [Audience::Customer, Audience::Internal];
        let of_every = self.audience.is_empty() || every.iter().all(|one| self.audience.contains(one));
        of_every && *self == Conditions { audience: self.audience.clone(), ..Conditions::default() }
    }
}

/// For whom a ticket is: what is promised to customers, and said to them, is not for the house's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    #[default]
    Customer,
    Internal,
}

impl Audience {
    pub fn as_str(self) -> &'static str {
        match self {
            Audience::Customer => "customer",
            Audience::Internal => "internal",
        }
    }

    pub fn is_customer(&self) -> bool {
        *self == Audience::Customer
    }
}

impl std::str::FromStr for Audience {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let known = [Audience::Customer, Audience::Internal];
        let found = known.into_iter().find(|audience| audience.as_str() == text);
        found.ok_or_else(|| format!("no audience {text:?}: customer or internal"))
    }
}
