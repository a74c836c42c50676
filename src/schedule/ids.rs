//! Names that admins give to things. Cheap to clone, ordered as text.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            pub fn new(text: &str) -> Self {
                $name(text.into())
            }
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                $name::new(text)
            }
        }
        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.pad(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
    )*};
}

names! {
    RegionId,
    TierId,
    TeamId,
    PersonId,
    /// What rotations feed: `primary`, `secondary`.
    LineId,
    CalendarId,
    CustomerId,
    ServiceId,
    PolicyId,
    SlaId,
    BusinessHoursId,
    VendorId,
    /// A data residency: `eu`.
    Residency,
    Skill,
    /// A BCP 47 language tag in its canonical case: `fr`, `pt-BR`.
    Language,
    /// The name of an IANA time zone: `Australia/Lord_Howe`.
    ZoneName,
}
