//! What happened, in numbers. Tickets with their events go in, [`Figures`] come out, and figures become a text for a
//! terminal or a page that stands alone; and one ticket with its history becomes a [`Document`] for those who look back on
//! it. Pure: asks no clock, and the same input gives the same bytes.

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
