//! The API's certificate: from two files to what a handshake needs, again whenever they are renewed. A new pair that
//! cannot be used changes nothing.

mod pair;
pub use pair::Pair;

mod certificate;
pub use certificate::{Certificate, Holds, Validity};

mod pinned;
pub use pinned::trusting_only;

mod served;
pub use served::{Looked, Served};
