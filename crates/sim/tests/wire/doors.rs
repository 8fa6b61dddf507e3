use std::{
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use keycensus_sim::{Simulator, World};
use tokio::net::TcpListener;

const WORLD: &str = "[[account]]\nid = \"111111111111\"\nregions = [\"eu-west-1\"]";

/// Sends one request over a socket and answers all that comes back.
async fn exchange(address: SocketAddr, request: String) -> String {
    let (answer, end) = exchange_until(address, request, Duration::from_secs(60)).await;
    end.unwrap();
    answer
}

/// Sends one request over a socket and answers what comes back in pieces of at most this pause, and how that ends.
async fn exchange_until(
    address: SocketAddr,
    request: String,
    pause: Duration,
) -> (String, io::Result<usize>) {
    let exchange = move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(pause)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        let end = stream.read_to_end(&mut answer);
        (String::from_utf8(answer).unwrap(), end)
    };
    tokio::task::spawn_blocking(exchange).await.unwrap()
}

/// A listing of keys, as a client would write it.
fn list_keys(simulator: &Simulator, address: SocketAddr) -> String {
    let key = &simulator.world().scanner.access_key_id;
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={key}/20261121/eu-west-1/kms/aws4_request, Signature=00"
    );
    format!(
        "POST / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\nauthorization: {authorization}\r\nx-amz-target: TrentService.ListKeys\r\ncontent-length: 2\r\n\r\n{{}}"
    )
}

/// A simulator with one fault behind a socket.
async fn serve(fault: &str) -> (Simulator, SocketAddr) {
    let world = World::parse(&format!("{WORLD}\n{fault}")).unwrap();
    let simulator = Simulator::new(world);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(simulator.clone().serve(listener));
    (simulator, address)
}

#[tokio::test]
async fn the_socket_door_answers_as_the_other_one_and_shows_what_was_called() {
    let (simulator, address) = serve("").await;
    let answer = exchange(address, list_keys(&simulator, address)).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(
        answer.ends_with(r#"{"Keys":[],"Truncated":false}"#),
        "{answer}"
    );

    let inside =
        format!("GET /_sim/calls HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    let calls = exchange(address, inside).await;
    assert!(
        calls.contains(r#""kms:ListKeys":{"sent":1,"throttled":0}"#),
        "{calls}"
    );
    assert_eq!(simulator.calls().total().sent, 1);
    for page in ["messages", "events"] {
        let inside =
            format!("GET /_sim/{page} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
        let told = exchange(address, inside).await;
        assert!(told.ends_with("\r\n\r\n[]"), "{told}");
    }
}

#[tokio::test]
async fn a_socket_is_reset_without_a_word() {
    for effect in ["reset_before", "reset_after"] {
        let (simulator, address) = serve(&format!("[[fault]]\neffect = \"{effect}\"")).await;
        let request = list_keys(&simulator, address);
        let (answer, end) = exchange_until(address, request, Duration::from_secs(60)).await;
        assert_eq!(answer, "");
        assert_eq!(end.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
        assert_eq!(simulator.log()[0].fault, Some(effect));
    }
}

#[tokio::test]
async fn a_socket_that_hangs_stays_open_and_silent() {
    let (simulator, address) = serve("[[fault]]\neffect = \"hang\"").await;
    let request = list_keys(&simulator, address);
    let (answer, end) = exchange_until(address, request, Duration::from_millis(200)).await;
    assert_eq!(answer, "");
    assert_eq!(end.unwrap_err().kind(), io::ErrorKind::WouldBlock);
}

#[tokio::test]
async fn a_slow_body_follows_its_headers_over_the_socket() {
    let (simulator, address) = serve("[[fault]]\neffect = \"slow_body\"").await;
    let request = list_keys(&simulator, address);
    let (answer, end) = exchange_until(address, request, Duration::from_millis(300)).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.contains("content-length: 29\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n"), "{answer}");
    assert!(end.is_err());

    let (simulator, address) = serve("[[fault]]\neffect = \"slow_body\"\ndelay_ms = 50").await;
    let answer = exchange(address, list_keys(&simulator, address)).await;
    assert!(
        answer.ends_with(r#"{"Keys":[],"Truncated":false}"#),
        "{answer}"
    );
}

#[tokio::test]
async fn half_a_body_has_the_length_of_the_half_over_the_socket() {
    let (simulator, address) = serve("[[fault]]\neffect = \"truncated_body\"").await;
    let answer = exchange(address, list_keys(&simulator, address)).await;
    assert!(answer.contains("content-length: 14\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n{\"Keys\":[],\"Tr"), "{answer}");
}
