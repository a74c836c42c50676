//! What certificate and key have to be, and what is said where they are not.

use insta::assert_snapshot;
use meridian::settings::TlsFiles;
use meridian::tls::{Certificate, Looked, Pair, Served};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tempfile::TempDir;

use super::authority::{Authority, write_pair};

fn files(folder: &TempDir) -> TlsFiles {
    TlsFiles { certificate: folder.path().join("tls.crt"), key: folder.path().join("tls.key") }
}

#[test]
fn a_pair_that_cannot_be_used_says_why_and_what_to_do() {
    let (ours, others) = (Authority::new("ours"), Authority::new("others"));
    let (certificate, key) = ours.pair(30);
    let (_, other_key) = others.pair(30);
    let chain = format!("{certificate}{}", ours.text());
    let reversed = format!("{}{certificate}", ours.text());
    let cut = certificate.replace("-----END CERTIFICATE-----", "");
    let cases = [
        ("both sound", chain.as_str(), key.as_str()),
        ("two pairs mixed", &certificate, &other_key),
        ("reversed chain", &reversed, &key),
        ("files swapped", &key, &certificate),
        ("key encrypted", &certificate, &ours.encrypted(&key)),
        ("nothing in it", "", &key),
        ("cut off", &cut, &key),
        ("not PEM", "\u{0}\u{1}\u{2}", &key),
        ("no certificate inside", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", &key),
    ];
    let folder = TempDir::new().unwrap();
    let said = |pair: anyhow::Result<Pair>| match pair {
        Ok(_) => "is taken".to_owned(),
        Err(error) => format!("{error:#}").replace(&folder.path().display().to_string(), "DIR"),
    };
    let mut table = String::new();
    for (name, certificate, key) in cases {
        write_pair(folder.path(), &(certificate.to_owned(), key.to_owned()));
        table.push_str(&format!("{name}: {}\n", said(Pair::read(&files(&folder)))));
    }
    std::fs::remove_file(folder.path().join("tls.key")).unwrap();
    table.push_str(&format!("no key: {}\n", said(Pair::read(&files(&folder)))));
    assert_snapshot!(table, @r#"
    both sound: is taken
    two pairs mixed: the key in DIR/tls.key is not that of the first certificate in DIR/tls.crt; they are of two different pairs: bring both files of one
    reversed chain: the key in DIR/tls.key is not that of the first certificate in DIR/tls.crt; the certificates stand in the wrong order: the server's own comes first, then intermediates
    files swapped: DIR/tls.crt has no certificate: PEM is expected (BEGIN CERTIFICATE), the server's own first, then intermediates
    key encrypted: the key in DIR/tls.key is encrypted: `openssl pkey -in KEY -out NEW` takes its passphrase away
    nothing in it: DIR/tls.crt has no certificate: PEM is expected (BEGIN CERTIFICATE), the server's own first, then intermediates
    cut off: DIR/tls.crt is no sound PEM: missing section end marker: [67, 69, 82, 84, 73, 70, 73, 67, 65, 84, 69]
    not PEM: DIR/tls.crt has no certificate: PEM is expected (BEGIN CERTIFICATE), the server's own first, then intermediates
    no certificate inside: the first certificate in DIR/tls.crt cannot be read
    no key: DIR/tls.key cannot be read: No such file or directory (os error 2)
    "#);
}

#[test]
fn a_renewed_pair_is_taken_up_and_a_broken_one_is_not() {
    let ours = Authority::new("ours");
    let folder = TempDir::new().unwrap();
    let first = ours.pair(30);
    write_pair(folder.path(), &first);
    let served = Served::open(&files(&folder)).unwrap();
    let before = served.validity();
    assert_eq!(served.look_again(), Looked::AsBefore);

    let second = ours.pair(60);
    std::fs::write(folder.path().join("tls.crt"), &second.0).unwrap();
    let Looked::Refused(why) = served.look_again() else { panic!("half of a new pair was taken") };
    assert!(why.contains("two different pairs"), "{why}");
    assert_eq!(served.look_again(), Looked::AsBefore, "it is said once");
    assert_eq!((served.validity(), served.refused()), (before, Some(why)));

    std::fs::write(folder.path().join("tls.key"), &second.1).unwrap();
    let Looked::Renewed(validity) = served.look_again() else { panic!("the whole pair was not taken") };
    assert_eq!((validity.until - before.until).num_days(), 30);
    assert_eq!((served.validity(), served.refused()), (validity, None));

    std::fs::remove_file(folder.path().join("tls.crt")).unwrap();
    assert!(matches!(served.look_again(), Looked::Refused(why) if why.contains("cannot be read")));
    assert_eq!(served.look_again(), Looked::AsBefore);
    write_pair(folder.path(), &second);
    assert_eq!(served.look_again(), Looked::Renewed(validity), "it is back");
}

#[test]
fn whatever_is_cut_off_or_bent_is_no_certificate_and_no_panic() {
    let (text, _) = Authority::new("ours").pair(30);
    let der = CertificateDer::from_pem_slice(text.as_bytes()).unwrap();
    let sound = Certificate::read(&der).unwrap().validity;
    assert_eq!((sound.until - sound.from).num_days(), 30);
    assert_eq!(Certificate::read(&der).unwrap().names, ["localhost", "127.0.0.1"]);
    // All that is needed stands in the first hundred bytes or so; the outer lengths are checked all the same.
    for end in 0..der.len() {
        assert_eq!(Certificate::read(&der[..end]), None, "{end} bytes");
    }
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut chance = fastrand::Rng::with_seed(seed);
    for _ in 0..20_000 {
        let mut bent = der.to_vec();
        for _ in 0..chance.usize(1..4) {
            let at = chance.usize(..bent.len());
            bent[at] = chance.u8(..);
        }
        _ = Certificate::read(&bent);
    }
}
