//! What a failed call means.

use std::{error::Error, io};

use rustls::CertificateError;

use super::guard::{Blocked, Unresolved};
use crate::connector::answer::{Refusal, TlsFault, Unreached};

/// Reads why there was no answer out of the error's causes.
pub(super) fn read(error: &reqwest::Error) -> Refusal {
    let asked = !error.is_connect();
    if let Some(Blocked { host }) = cause(error) {
        return Refusal::NotAllowed { host: host.clone() };
    }
    if cause::<Unresolved>(error).is_some() {
        return Refusal::Unreachable { how: Unreached::NoSuchHost, asked };
    }
    if let Some(fault) = cause::<rustls::Error>(error) {
        return Refusal::Tls(tls(fault));
    }
    if error.is_timeout() {
        return Refusal::TimedOut { asked };
    }
    let how = match cause::<io::Error>(error).map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => Unreached::Refused,
        Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => {
            Unreached::NoRoute
        }
        _ => Unreached::Broken,
    };
    Refusal::Unreachable { how, asked }
}

fn tls(fault: &rustls::Error) -> TlsFault {
    match fault {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                TlsFault::Expired
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                TlsFault::NotYetValid
            }
            CertificateError::UnknownIssuer => TlsFault::UnknownIssuer,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                TlsFault::OtherHost
            }
            CertificateError::Revoked => TlsFault::Revoked,
            _ => TlsFault::Other,
        },
        rustls::Error::InvalidMessage(_) => TlsFault::NotTls,
        _ => TlsFault::Other,
    }
}

/// The outermost cause of one kind. An [`io::Error`] hides what it wraps from
/// [`Error::source`], so that is looked into as well.
fn cause<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_found_inside_an_io_error() {
        let wrapped = io::Error::other(io::Error::other(Unresolved));

        assert!(cause::<Unresolved>(&wrapped).is_some());
        assert!(cause::<Blocked>(&wrapped).is_none());
    }

    #[test]
    fn each_fault_of_a_certificate_is_told_apart() {
        for (certificate, fault) in [
            (CertificateError::Expired, TlsFault::Expired),
            (CertificateError::NotValidYet, TlsFault::NotYetValid),
            (CertificateError::UnknownIssuer, TlsFault::UnknownIssuer),
            (CertificateError::NotValidForName, TlsFault::OtherHost),
            (CertificateError::Revoked, TlsFault::Revoked),
            (CertificateError::BadEncoding, TlsFault::Other),
        ] {
            assert_eq!(tls(&rustls::Error::InvalidCertificate(certificate)), fault);
        }
    }
}
