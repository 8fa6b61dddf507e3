//! The way to AWS from an office: a proxy that tunnels, and behind it a TLS server with a
//! certificate of a private CA, which hands on to the AWS of a desk whatever its client
//! calls it.

use std::{
    collections::BTreeSet,
    io,
    sync::{Arc, Mutex},
};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    runtime::Runtime,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

use crate::desk::Desk;

/// Every name that the endpoints of AWS have in these tests, and that of this machine.
const NAMES: [&str; 7] = [
    "localhost",
    "*.amazonaws.com",
    "*.us-east-1.amazonaws.com",
    "*.us-east-2.amazonaws.com",
    "*.us-east-1.api.aws",
    "*.us-east-2.api.aws",
    "*.global.api.aws",
];

/// How the proxy treats who asks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    Open,
    /// `Basic YW5uYTpodW50ZXIy` opens it: anna, hunter2.
    WithPassword,
    Closed,
}

/// When the server's certificate is valid.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Validity {
    Now,
    Past,
}

pub(crate) struct Gateway {
    /// The URL of the proxy.
    pub(crate) proxy: String,
    /// The URL of the TLS server.
    pub(crate) tls: String,
    /// The certificate of the private CA, in PEM.
    pub(crate) ca: String,
    asked: Arc<Mutex<BTreeSet<String>>>,
    /// Serves both while it is there.
    _runtime: Runtime,
}

impl Gateway {
    pub(crate) fn new(desk: &Desk, door: Door, validity: Validity) -> Self {
        let (ca, acceptor) = certificates(validity);
        let runtime = Runtime::new().unwrap();
        let listen = || runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let (proxy, tls) = (listen(), listen());
        let port = |listener: &TcpListener| listener.local_addr().unwrap().port();
        let (proxy_port, tls_port) = (port(&proxy), port(&tls));
        let asked = Arc::default();
        runtime.spawn(serve_tls(tls, acceptor, desk.address().to_owned()));
        let proxied = Proxied {
            tls_port,
            aws: desk.address().to_owned(),
            asked: Arc::clone(&asked),
        };
        runtime.spawn(serve_proxy(proxy, door, proxied));
        Self {
            proxy: format!("http://127.0.0.1:{proxy_port}"),
            tls: format!("https://localhost:{tls_port}"),
            ca,
            asked,
            _runtime: runtime,
        }
    }

    /// What the proxy was asked to connect to (`sts.us-east-1.amazonaws.com:443`), or for
    /// (`http://aws.example.com`).
    pub(crate) fn asked(&self) -> BTreeSet<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// The CA's certificate, and a server with one that it has signed.
fn certificates(validity: Validity) -> (String, TlsAcceptor) {
    let mut of_ca = CertificateParams::default();
    of_ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    of_ca
        .distinguished_name
        .push(DnType::CommonName, "Office CA");
    let ca = CertifiedIssuer::self_signed(of_ca, KeyPair::generate().unwrap()).unwrap();
    let mut of_server = CertificateParams::new(NAMES.map(str::to_owned)).unwrap();
    if validity == Validity::Past {
        of_server.not_before = date_time_ymd(2001, 1, 1);
        of_server.not_after = date_time_ymd(2002, 1, 1);
    }
    let key = KeyPair::generate().unwrap();
    let certificate = of_server.signed_by(&key, &ca).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    (ca.pem(), TlsAcceptor::from(Arc::new(config)))
}

async fn serve_tls(listener: TcpListener, acceptor: TlsAcceptor, aws: String) {
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, aws) = (acceptor.clone(), aws.clone());
        tokio::spawn(async move {
            let mut client = acceptor.accept(stream).await?;
            let mut aws = TcpStream::connect(aws).await?;
            copy_bidirectional(&mut client, &mut aws).await
        });
    }
}

/// What is behind the proxy.
#[derive(Clone)]
struct Proxied {
    tls_port: u16,
    /// The address of the AWS, for requests in plain HTTP.
    aws: String,
    asked: Arc<Mutex<BTreeSet<String>>>,
}

async fn serve_proxy(listener: TcpListener, door: Door, proxied: Proxied) {
    while let Ok((client, _)) = listener.accept().await {
        tokio::spawn(serve_client(client, door, proxied.clone()));
    }
}

async fn serve_client(mut client: TcpStream, door: Door, proxied: Proxied) -> io::Result<()> {
    let head = head(&mut client).await?;
    let mut words = head.split(' ');
    let (method, target) = (words.next(), words.next().unwrap_or_default());
    let is_tunnel = method == Some("CONNECT");
    let asked = match is_tunnel {
        true => target,
        // `http://aws.example.com/path`
        false => target.rsplit_once('/').map_or(target, |(host, _)| host),
    };
    proxied.asked.lock().unwrap().insert(asked.to_owned());
    let is_known = head.contains("\r\nProxy-Authorization: Basic YW5uYTpodW50ZXIy\r\n");
    let refusal = match door {
        Door::WithPassword if !is_known => "407 Proxy Authentication Required",
        Door::Closed => "403 Forbidden",
        Door::Open | Door::WithPassword if is_tunnel => {
            client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
            let mut server = TcpStream::connect(("127.0.0.1", proxied.tls_port)).await?;
            copy_bidirectional(&mut client, &mut server).await?;
            return Ok(());
        }
        Door::Open | Door::WithPassword => {
            let mut server = TcpStream::connect(proxied.aws).await?;
            server.write_all(head.as_bytes()).await?;
            copy_bidirectional(&mut client, &mut server).await?;
            return Ok(());
        }
    };
    let answer = format!("HTTP/1.1 {refusal}\r\nContent-Length: 0\r\n\r\n");
    client.write_all(answer.as_bytes()).await
}

/// The first lines of a request, with the empty one at their end.
async fn head(client: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}
