use std::io::{Read as _, Write as _};

use keycensus_sim::{Simulator, World};
use tokio::net::TcpListener;

const WORLD: &str = "[[account]]\nid = \"111111111111\"\nregions = [\"eu-west-1\"]";

/// Sends one request over a socket and answers all that comes back.
async fn exchange(address: std::net::SocketAddr, request: String) -> String {
    let exchange = move || {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    tokio::task::spawn_blocking(exchange).await.unwrap()
}

#[tokio::test]
async fn the_socket_door_answers_as_the_other_one_and_shows_what_was_called() {
    let simulator = Simulator::new(World::parse(WORLD).unwrap());
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(simulator.clone().serve(listener));

    let key = &simulator.world().scanner.access_key_id;
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={key}/20261121/eu-west-1/kms/aws4_request, Signature=00"
    );
    let answer = exchange(
        address,
        format!(
            "POST / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\nauthorization: {authorization}\r\nx-amz-target: TrentService.ListKeys\r\ncontent-length: 2\r\n\r\n{{}}"
        ),
    )
    .await;
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
    server.abort();
}
