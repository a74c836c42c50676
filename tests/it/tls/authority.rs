//! An authority of one's own, made by openssl for one test, and the certificates it gives out.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

pub struct Authority {
    folder: TempDir,
}

impl Authority {
    pub fn new(name: &str) -> Authority {
        let authority = Authority { folder: TempDir::new().unwrap() };
        authority.openssl(&format!(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.crt -subj /CN={name} \
             -days 30 -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign"
        ));
        authority
    }

    /// What clients trust.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("ca.crt")
    }

    pub fn text(&self) -> String {
        std::fs::read_to_string(self.file()).unwrap()
    }

    /// Of `localhost` and 127.0.0.1, for so many days from now; the texts of certificate and key.
    pub fn pair(&self, days: i32) -> (String, String) {
        self.openssl(
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout own.key -out own.csr -subj /CN=x",
        );
        let names = "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n";
        std::fs::write(self.folder.path().join("names"), names).unwrap();
        // Whole days before now are an end in the past.
        self.openssl(&format!(
            "x509 -req -in own.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out own.crt -extfile names -days {days}"
        ));
        let text = |name: &str| std::fs::read_to_string(self.folder.path().join(name)).unwrap();
        (text("own.crt"), text("own.key"))
    }

    /// The same key behind a passphrase.
    pub fn encrypted(&self, key: &str) -> String {
        std::fs::write(self.folder.path().join("plain.key"), key).unwrap();
        self.openssl("pkcs8 -topk8 -in plain.key -out locked.key -passout pass:hush");
        std::fs::read_to_string(self.folder.path().join("locked.key")).unwrap()
    }

    fn openssl(&self, arguments: &str) {
        let output = Command::new("openssl")
            .args(arguments.split(' '))
            .current_dir(self.folder.path())
            .output()
            .expect("tests/run installs openssl");
        assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// As an administrator puts both into a folder.
pub fn write_pair(folder: &Path, (certificate, key): &(String, String)) {
    // Not over the file that is there: whoever reads meanwhile has one of them whole.
    for (name, text) in [("tls.crt", certificate), ("tls.key", key)] {
        std::fs::write(folder.join("new"), text).unwrap();
        std::fs::set_permissions(folder.join("new"), std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::rename(folder.join("new"), folder.join(name)).unwrap();
    }
}
