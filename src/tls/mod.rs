//! The API's certificate: from two files to what a handshake needs, again whenever they are renewed. A new pair that
//! cannot be used changes nothing.

mod pair;
pub use pair::Pair;

mod validity;
pub use validity::{Validity, validity};

mod served;
pub use served::{Looked, Served};
