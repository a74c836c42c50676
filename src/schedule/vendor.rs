//! Vendors: whoever outside is asked for help with tickets, while a person of ours goes on holding them.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::{BusinessHoursId, Fraction, Language, Priority, Residency, ZoneName};

/// `[vendors.<id>]`, checked. No person has the same id, so that either can be a notice's receiver.
#[derive(Clone, Debug, PartialEq)]
pub struct Vendor {
    pub name: String,
    /// The name of a channel in the daemon's settings.
    pub channel: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub language: Option<Language>,
    pub timezone: Option<ZoneName>,
    /// It may be told of what is bound to it.
    pub residency: Option<Residency>,
    /// When it gives support; `None`: at any hour.
    pub business_hours: Option<BusinessHoursId>,
    /// How soon it answers, where the policy does not say. A priority that is absent: nothing is agreed.
    pub reply_within: BTreeMap<Priority, TimeDelta>,
    /// Of that, ascending.
    pub warn_at: Vec<Fraction>,
    /// What it knows us by: a customer's or a contract's number.
    pub contract: Option<String>,
}

impl Vendor {
    /// Whether it may be told of a ticket that is bound so.
    pub fn may_know(&self, residency: Option<&Residency>) -> bool {
        residency.is_none() || self.residency.as_ref() == residency
    }
}

/// What clocks of promises to customers do while a ticket is at a vendor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AtVendor {
    #[default]
    Run,
    Pause,
}
