//! A Lambda Runtime API on loopback ("Using the Lambda runtime API", AWS Lambda developer guide)
//! that writes down when it was asked and when it was answered.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long a function may take before the bench is given up. Node.js under a small share of the
/// processor needs seconds.
const LIMIT: Duration = Duration::from_secs(60);

/// The Runtime API of one function.
pub struct RuntimeApi {
    /// Host and port.
    pub address: String,
    run: Arc<Mutex<Run>>,
    done: Receiver<()>,
}

struct Run {
    event: String,
    left: usize,
    first_poll: Option<Instant>,
    handed_out: Option<Instant>,
    answers: Vec<Answered>,
    done: Sender<()>,
}

/// One answer.
pub struct Answered {
    /// When it was there.
    pub at: Instant,
    /// How long it took from the event to this.
    pub after: Duration,
    /// What was posted.
    pub body: String,
}

impl RuntimeApi {
    /// An API that hands out `event` so many times.
    #[must_use]
    pub fn new(event: &str, times: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback can be bound");
        let address = listener.local_addr().unwrap().to_string();
        let (done, is_done) = channel();
        let run = Arc::new(Mutex::new(Run {
            event: event.to_owned(),
            left: times,
            first_poll: None,
            handed_out: None,
            answers: Vec::with_capacity(times),
            done,
        }));
        let of_server = Arc::clone(&run);
        // Connections live as long as the function does, and the thread as long as the bench.
        std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                let run = Arc::clone(&of_server);
                std::thread::spawn(move || serve(&stream, &run));
            }
        });
        Self {
            address,
            run,
            done: is_done,
        }
    }

    /// Waits until every event is answered and the function has asked for another one. When it
    /// asked first, and its answers.
    pub fn finish(self) -> (Instant, Vec<Answered>) {
        self.done
            .recv_timeout(LIMIT)
            .expect("the function answers in time");
        let mut run = self.run.lock().unwrap();
        let first_poll = run.first_poll.expect("the function has asked");
        (first_poll, std::mem::take(&mut run.answers))
    }
}

/// Serves one connection until its client ends it.
fn serve(stream: &TcpStream, run: &Mutex<Run>) {
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::new(stream);
    while let Some((method, path, body)) = read(&mut reader) {
        let now = Instant::now();
        if method == "GET" && path.ends_with("/invocation/next") {
            match run.lock().unwrap().next(now) {
                Some(event) => write(stream, "200 OK", INVOCATION, &event),
                // Nothing more to do: the function waits, as it does for its next caller.
                None => continue,
            }
        } else {
            assert!(
                path.ends_with("/response"),
                "the function posts to {path}: {body}"
            );
            run.lock().unwrap().answered(now, body);
            write(stream, "202 Accepted", "", "");
        }
    }
}

/// What comes with every event. The deadline is far away.
const INVOCATION: &str = "lambda-runtime-aws-request-id: c6af9ac6-7b61-11e6-9a41-93e8deadbeef\r\n\
     lambda-runtime-deadline-ms: 4102444800000\r\n\
     lambda-runtime-invoked-function-arn: arn:aws:lambda:eu-west-1:123456789012:function:bench\r\n";

impl Run {
    fn next(&mut self, now: Instant) -> Option<String> {
        self.first_poll.get_or_insert(now);
        let Some(left) = self.left.checked_sub(1) else {
            let _ = self.done.send(());
            return None;
        };
        self.left = left;
        self.handed_out = Some(Instant::now());
        Some(self.event.clone())
    }

    fn answered(&mut self, now: Instant, body: String) {
        let handed_out = self.handed_out.take().expect("an event was handed out");
        self.answers.push(Answered {
            at: now,
            after: now - handed_out,
            body,
        });
    }
}

/// Reads one request: its method, its path and its body.
fn read(reader: &mut BufReader<&TcpStream>) -> Option<(String, String, String)> {
    let mut line = String::new();
    reader
        .read_line(&mut line)
        .ok()
        .filter(|length| *length > 0)?;
    let mut words = line.split(' ').map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        match line.trim_end().split_once(':') {
            None => break,
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().ok()?;
            }
            Some((name, _)) => assert!(!name.eq_ignore_ascii_case("transfer-encoding")),
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((method, path, String::from_utf8(body).ok()?))
}

fn write(mut stream: &TcpStream, status: &str, headers: &str, body: &str) {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\n");
    let answer = format!("{head}content-length: {length}\r\n{headers}\r\n{body}");
    // The function may have been ended.
    let _ = stream.write_all(answer.as_bytes());
}
