//! What happened, in numbers. Tickets with their events go in; out come [`Figures`] of a simulation as a text or a page
//! that stands alone, or one of the reports over a window ([`Kind`]), gathered ticket by ticket ([`Gathering`]) into a
//! [`Sheet`], and one ticket becomes a [`Document`] for those who look back on it. Pure: asks no clock, and the same
//! input gives the same bytes.

mod figures;
pub use figures::*;

mod times;

mod course;

mod gathered;

mod loads;

mod pages;

mod stretches;

mod week;

mod words;

mod measure;
pub use measure::{Happened, measure};

mod reports;
pub use reports::{Asked, Basis, Kind, Narrowed, Slip, Window, zone_of};

mod gather;
pub use gather::Gathering;

mod vendors;

mod volume;

mod took;

mod attainment;

mod climbs;

mod returns;

mod offered;

mod briefings;

mod scores;

mod fairness;

mod rest;

mod sheet;
pub use sheet::{Cell, Field, Sheet};

mod drawn;

mod incident;
pub use incident::{Document, Incident};

mod run;
pub use run::{Run, Violation};

mod table;

mod tables;

mod attention;

mod sections;

mod text;
pub use text::text;

mod pictures;

mod html;
pub use html::html;
