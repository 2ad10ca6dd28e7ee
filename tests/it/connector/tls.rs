//! A server with a certificate of its own making.

use std::sync::Arc;

use countersign::connector::{Connector, Refusal, TlsFault, scim::ScimConnector};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use tokio::net::TcpListener;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

use super::{connector, endpoint, hasty, loopback, raw, settings, transport};

async fn server(params: CertificateParams) -> String {
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap().der().clone();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = acceptor.accept(stream).await;
        }
    });
    address.to_string()
}

fn certificate_for(name: &str) -> CertificateParams {
    CertificateParams::new([name.to_owned()]).unwrap()
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let server = server(certificate_for("127.0.0.1")).await;

    let refusal = connector(&format!("https://{server}/scim/v2")).connect().await.unwrap_err();

    assert_eq!(refusal, Refusal::Tls(TlsFault::UnknownIssuer));
}

#[tokio::test]
async fn a_certificate_that_has_expired_is_refused() {
    let mut params = certificate_for("127.0.0.1");
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2021, 1, 1);
    let server = server(params).await;

    let refusal = connector(&format!("https://{server}")).connect().await.unwrap_err();

    assert_eq!(refusal, Refusal::Tls(TlsFault::Expired));
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls_is_told_apart() {
    let server = raw::server("HTTP/1.1 400 Bad Request\r\n\r\n");

    let refusal = connector(&format!("https://{server}")).connect().await.unwrap_err();

    assert_eq!(refusal, Refusal::Tls(TlsFault::NotTls));
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_timed_out_before_anything_was_asked() {
    let server = raw::silence();

    let refusal = hasty(&format!("https://{server}")).connect().await.unwrap_err();

    assert_eq!(refusal, Refusal::TimedOut { asked: false });
}

#[tokio::test]
async fn https_alone_does_not_let_a_private_address_be_called() {
    let server = server(certificate_for("localhost")).await;
    let port = server.rsplit_once(':').unwrap().1;
    let base_url = format!("https://localhost:{port}");

    let strict =
        transport(countersign::connector::transport::OutboundRules::default(), super::PATIENT);
    let refusal =
        ScimConnector::new(strict, endpoint(&base_url), settings()).connect().await.unwrap_err();
    let allowed =
        ScimConnector::new(transport(loopback(), super::PATIENT), endpoint(&base_url), settings());

    assert_eq!(refusal, Refusal::NotAllowed { host: "localhost".to_owned() });
    assert_eq!(allowed.connect().await.unwrap_err(), Refusal::Tls(TlsFault::UnknownIssuer));
}
